//! The object store: made from settings and credentials, written to once for each object, and asked what it has.
//!
//! An object is written on the condition that there is none of its name, and names carry the hash of the content, so
//! that sending again is harmless. An object that is there already counts as sent only if its bytes are ours. The lock of S3 is a
//! pair of headers, which are signed with the rest; they go with writes alone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::multipart::MultipartStore;
use object_store::path::Path as ObjectPath;
use object_store::{
    BackoffConfig, ClientOptions, MultipartId, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
    RetryConfig,
};

use super::content::{Content, Hash, PIECE_BYTES};
use super::credentials::Credentials;
use super::settings::{Cloud, LockMode, ObjectLock, ShipSettings};
use crate::audit::outbound::{NoAnswer, Outbound};
use crate::credentials::ReadEnv;

/// What is sent in one request, on the condition that there is no such object. Rotation keeps segments below it; longer ones
/// are sent in parts.
const WHOLE_BYTES_MAX: u64 = 64 << 20;
/// Reading a piece of an object back.
const READ_BACK_TIMEOUT: Duration = Duration::from_secs(120);

/// Why something is not there. Of a closed set: what a store says may quote anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShipError {
    /// A file of the policy cannot be used.
    Settings(&'static str),
    /// The store refuses the credentials, or what they want to do.
    Refused,
    /// No bucket of this name.
    NoBucket,
    /// Under the name of our object stands another one.
    Foreign,
    /// No answer, or one that says to try later.
    Unavailable,
    /// The segment cannot be read here.
    Unreadable(std::io::ErrorKind),
}

impl ShipError {
    pub fn as_str(self) -> &'static str {
        match self {
            ShipError::Settings(_) => "settings",
            ShipError::Refused => "refused",
            ShipError::NoBucket => "no_bucket",
            ShipError::Foreign => "foreign",
            ShipError::Unavailable => "unavailable",
            ShipError::Unreadable(_) => "unreadable",
        }
    }
}

impl fmt::Display for ShipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShipError::Settings(what) => f.write_str(what),
            ShipError::Refused => {
                f.write_str("the object store refused: look at credentials, permissions and object lock")
            }
            ShipError::NoBucket => f.write_str("the bucket is not there"),
            ShipError::Foreign => f.write_str("another object stands under the name of this segment"),
            ShipError::Unavailable => f.write_str("the object store does not answer"),
            ShipError::Unreadable(kind) => write!(f, "a segment cannot be read: {kind}"),
        }
    }
}

impl From<object_store::Error> for ShipError {
    fn from(error: object_store::Error) -> ShipError {
        use object_store::Error;
        match error {
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => ShipError::Refused,
            Error::NotFound { .. } => ShipError::NoBucket,
            Error::AlreadyExists { .. } | Error::Precondition { .. } => ShipError::Foreign,
            Error::NotImplemented { .. } | Error::NotSupported { .. } => ShipError::Refused,
            _ => ShipError::Unavailable,
        }
    }
}

impl From<std::io::Error> for ShipError {
    /// Only segments are read here.
    fn from(error: std::io::Error) -> ShipError {
        ShipError::Unreadable(error.kind())
    }
}

/// A store that takes objects whole and in parts.
trait Service: ObjectStore + MultipartStore {}

impl<T: ObjectStore + MultipartStore> Service for T {}

/// The place of one policy. Made anew for each pass, so that credentials and the end of a lock are of the day.
pub struct Store {
    /// With the headers of the lock.
    writer: Arc<dyn Service>,
    reader: Arc<dyn Service>,
    prefix: String,
}

impl Store {
    pub fn open(settings: &ShipSettings, read_env: ReadEnv, now: Timestamp) -> Result<Store, ShipError> {
        let credentials = Credentials::read(settings, read_env)?;
        let outbound = Outbound::new(settings.ca_file.as_deref())
            .map_err(|_| ShipError::Settings("audit.ship.ca_file cannot be used"))?;
        let reader = build(settings, &credentials, &outbound, HeaderMap::new())?;
        let writer = match settings.object_lock {
            Some(lock) => build(settings, &credentials, &outbound, lock_headers(lock, now)?)?,
            None => Arc::clone(&reader),
        };
        Ok(Store { writer, reader, prefix: settings.prefix.clone() })
    }

    /// Writes a segment, unless it is there already.
    pub async fn put(&self, name: &str, content: &Content) -> Result<(), ShipError> {
        let path = self.path(name);
        if content.bytes > WHOLE_BYTES_MAX {
            return self.put_parts(&path, content).await;
        }
        let mut pieces = content.pieces()?;
        let mut whole = Vec::new();
        while let Some(piece) = pieces.next()? {
            whole.push(piece);
        }
        same(pieces.sha256(), content)?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.writer.put_opts(&path, PutPayload::from_iter(whole), options).await {
            Ok(_) => Ok(()),
            // An answer that was lost, or a restart between writing and noting it.
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                self.is_ours(&path, content).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is put together of parts takes no condition, so the name is asked for before.
    async fn put_parts(&self, path: &ObjectPath, content: &Content) -> Result<(), ShipError> {
        match self.reader.head(path).await {
            Ok(_) => return self.is_ours(path, content).await,
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let upload = self.writer.create_multipart(path).await?;
        let sent = self.send_parts(path, &upload, content).await;
        if sent.is_err() {
            // Left behind, its parts cost money and hurt nobody.
            let _best_effort = self.reader.abort_multipart(path, &upload).await;
        }
        sent
    }

    async fn send_parts(
        &self,
        path: &ObjectPath,
        upload: &MultipartId,
        content: &Content,
    ) -> Result<(), ShipError> {
        let (mut pieces, mut parts) = (content.pieces()?, Vec::new());
        while let Some(piece) = pieces.next()? {
            parts.push(self.reader.put_part(path, upload, parts.len(), PutPayload::from(piece)).await?);
        }
        same(pieces.sha256(), content)?;
        self.reader.complete_multipart(path, upload, parts).await?;
        Ok(())
    }

    /// Writes an object in place of the one before.
    pub async fn replace(&self, name: &str, content: Bytes) -> Result<(), ShipError> {
        self.reader.put(&self.path(name), PutPayload::from(content)).await?;
        Ok(())
    }

    async fn is_ours(&self, path: &ObjectPath, content: &Content) -> Result<(), ShipError> {
        if self.reader.head(path).await?.size != content.bytes {
            return Err(ShipError::Foreign);
        }
        let mut found = Hash::new();
        let mut from = 0;
        while from < content.bytes {
            let to = content.bytes.min(from + PIECE_BYTES);
            let piece = tokio::time::timeout(READ_BACK_TIMEOUT, self.reader.get_range(path, from..to)).await;
            found.add(&piece.map_err(|_| ShipError::Unavailable)??);
            from = to;
        }
        if found.finish() == content.sha256 { Ok(()) } else { Err(ShipError::Foreign) }
    }

    fn path(&self, name: &str) -> ObjectPath {
        match self.prefix.as_str() {
            "" => ObjectPath::from(name),
            prefix => ObjectPath::from(format!("{prefix}/{name}")),
        }
    }
}

/// What was read is what the name was made of.
fn same(read: Vec<u8>, content: &Content) -> Result<(), ShipError> {
    if read == content.sha256 { Ok(()) } else { Err(ShipError::Unreadable(std::io::ErrorKind::InvalidData)) }
}

fn build(
    settings: &ShipSettings,
    credentials: &Credentials,
    outbound: &Outbound,
    headers: HeaderMap,
) -> Result<Arc<dyn Service>, ShipError> {
    let plain = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let client = ClientOptions::new().with_allow_http(plain).with_default_headers(headers);
    // The shipper itself tries again; more rounds here would only hide how it stands.
    let retry = RetryConfig {
        max_retries: 1,
        retry_timeout: Duration::from_secs(30),
        backoff: BackoffConfig { max_backoff: Duration::from_secs(1), ..BackoffConfig::default() },
    };
    let connector = Connector(outbound.clone());
    let unusable =
        |_| ShipError::Settings("audit.ship: the credentials or the region are missing or malformed");
    let store: Arc<dyn Service> = match settings.cloud {
        Cloud::S3 => {
            let mut builder = AmazonS3Builder::new().with_checksum_algorithm(Checksum::SHA256);
            for (key, value) in credentials.keys::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
            if let Some(region) = &settings.region {
                builder = builder.with_region(region);
            }
            if let Some(endpoint) = &settings.endpoint {
                builder = builder.with_endpoint(endpoint);
            }
            let builder = builder.with_bucket_name(&settings.bucket).with_client_options(client);
            Arc::new(builder.with_retry(retry).with_http_connector(connector).build().map_err(unusable)?)
        }
        Cloud::Google => {
            let mut builder = GoogleCloudStorageBuilder::new();
            for (key, value) in credentials.keys::<GoogleConfigKey>() {
                builder = builder.with_config(key, value);
            }
            if let Some(endpoint) = &settings.endpoint {
                builder = builder.with_base_url(endpoint);
            }
            let builder = builder.with_bucket_name(&settings.bucket).with_client_options(client);
            Arc::new(builder.with_retry(retry).with_http_connector(connector).build().map_err(unusable)?)
        }
        Cloud::Azure => {
            let mut builder = MicrosoftAzureBuilder::new();
            for (key, value) in credentials.keys::<AzureConfigKey>() {
                builder = builder.with_config(key, value);
            }
            if let Some(endpoint) = &settings.endpoint {
                builder = builder.with_endpoint(endpoint.clone());
            }
            let builder = builder.with_container_name(&settings.bucket).with_client_options(client);
            Arc::new(builder.with_retry(retry).with_http_connector(connector).build().map_err(unusable)?)
        }
    };
    Ok(store)
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
fn lock_headers(lock: ObjectLock, now: Timestamp) -> Result<HeaderMap, ShipError> {
    let mode = match lock.mode {
        LockMode::Compliance => "COMPLIANCE",
        LockMode::Governance => "GOVERNANCE",
    };
    let until = now
        .to_zoned(TimeZone::UTC)
        .checked_add(i32::from(lock.retention_years).years())
        .map(|end| end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let until = until.ok().and_then(|text| HeaderValue::try_from(text).ok());
    let until = until.ok_or(ShipError::Settings("audit.ship.object_lock: no date so far ahead"))?;
    Ok(HeaderMap::from_iter([
        // Says which checksum the request has, without which no lock is accepted.
        (HeaderName::from_static("x-amz-sdk-checksum-algorithm"), HeaderValue::from_static("SHA256")),
        (HeaderName::from_static("x-amz-object-lock-mode"), HeaderValue::from_static(mode)),
        (HeaderName::from_static("x-amz-object-lock-retain-until-date"), until),
    ]))
}

/// Has `object_store` send with our own client.
#[derive(Clone, Debug)]
struct Connector(Outbound);

impl HttpConnector for Connector {
    /// The store itself puts the default headers of its options into requests and signs them.
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait::async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.0.send(request).await.map_err(|failed| {
            let kind = match failed {
                NoAnswer::Connect | NoAnswer::Tls => HttpErrorKind::Connect,
                NoAnswer::Broken => HttpErrorKind::Interrupted,
                NoAnswer::Timeout => HttpErrorKind::Timeout,
                NoAnswer::Address => HttpErrorKind::Unknown,
            };
            HttpError::new(kind, failed)
        })?;
        Ok(answer.map(|body| {
            HttpResponseBody::new(
                body.map_err(|_| HttpError::new(HttpErrorKind::Interrupted, NoAnswer::Broken)),
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_on_the_same_day_years_later() {
        let lock = ObjectLock { mode: LockMode::Compliance, retention_years: 6 };
        let headers = lock_headers(lock, "2028-02-29T10:11:12Z".parse().unwrap()).unwrap();
        assert_eq!(headers["x-amz-object-lock-mode"], "COMPLIANCE");
        assert_eq!(headers["x-amz-object-lock-retain-until-date"], "2034-02-28T10:11:12Z");
    }

    /// A segment from before `audit.ship` may be of any length: it goes in parts, once, and is known again.
    #[tokio::test]
    async fn a_long_segment_goes_in_parts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("segment");
        let text: Vec<u8> = (0..=WHOLE_BYTES_MAX).map(|at| (at / 4096) as u8).collect();
        std::fs::write(&file, &text).unwrap();
        let there = Arc::new(object_store::memory::InMemory::new());
        let (writer, reader) =
            (Arc::clone(&there) as Arc<dyn Service>, Arc::clone(&there) as Arc<dyn Service>);
        let store = Store { writer, reader, prefix: "p".into() };
        let content = Content::of(&file).unwrap();
        assert_eq!(
            (content.bytes, &content.sha256[..]),
            (WHOLE_BYTES_MAX + 1, &crate::audit::chain::sha256(&text)[..])
        );
        store.put("long", &content).await.unwrap();
        let stored = there.get(&"p/long".into()).await.unwrap().bytes().await.unwrap();
        assert!(stored == text);
        store.put("long", &content).await.unwrap();
        there.put(&"p/long".into(), PutPayload::from(vec![0; text.len()])).await.unwrap();
        assert_eq!(store.put("long", &content).await, Err(ShipError::Foreign));
        // Grown since it was named.
        std::fs::write(&file, [text.as_slice(), b"more"].concat()).unwrap();
        let changed = Err(ShipError::Unreadable(std::io::ErrorKind::InvalidData));
        assert_eq!(store.put("other", &content).await, changed);
        assert!(there.head(&"p/other".into()).await.is_err(), "nothing was put together");
    }

    fn settings(cloud: Cloud) -> ShipSettings {
        ShipSettings { cloud, ..ShipSettings::local() }
    }

    #[test]
    fn credentials_come_from_the_file_or_the_environment() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("credentials");
        let open = |settings: &ShipSettings| Store::open(settings, |_| None, Timestamp::UNIX_EPOCH).err();
        let mut s3 = settings(Cloud::S3);
        s3.credentials_file = Some(file.clone());
        assert!(matches!(open(&s3), Some(ShipError::Settings(_))));
        std::fs::write(&file, "# ours\nAWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY = b=c\n").unwrap();
        assert_eq!(open(&s3), None);
        for wrong in ["AWS_ALLOW_HTTP=true\n", "nonsense\n"] {
            std::fs::write(&file, wrong).unwrap();
            assert!(matches!(open(&s3), Some(ShipError::Settings(_))), "{wrong}");
        }
        let account: ReadEnv = |name| (name == "AZURE_STORAGE_ACCOUNT_NAME").then(|| "clinic".to_owned());
        assert!(Store::open(&settings(Cloud::Azure), account, Timestamp::UNIX_EPOCH).is_ok());
        assert!(Store::open(&settings(Cloud::Google), |_| None, Timestamp::UNIX_EPOCH).is_ok());
    }
}
