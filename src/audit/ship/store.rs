//! The object store: made from settings and credentials, written to once for each object, and asked what it has.
//!
//! Every object is written on the condition that there is none of its name, and names carry the hash of the content, so
//! that sending again is harmless. An object that is there already counts as sent only if its bytes are ours. The lock of S3 is a
//! pair of headers, which are signed with the rest; they go with writes alone.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
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
use object_store::path::Path as ObjectPath;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, RetryConfig,
};
use zeroize::Zeroizing;

use super::settings::{Cloud, LockMode, ObjectLock, ShipSettings};
use crate::audit::chain::sha256;
use crate::audit::outbound::{NoAnswer, Outbound};
use crate::credentials::ReadEnv;

/// A file of credentials is a page of names at most.
const CREDENTIALS_BYTES_MAX: u64 = 64 << 10;
/// Reading an object back, all of it.
const READ_BACK_TIMEOUT: Duration = Duration::from_secs(120);

/// Names that the tools of each cloud read from the environment. What would weaken TLS or signatures is not among them.
const S3_NAMES: [&str; 11] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];
const GOOGLE_NAMES: [&str; 3] =
    ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY"];
const AZURE_NAMES: [&str; 8] = [
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
];

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

/// The place of one policy. Made anew for each pass, so that credentials and the end of a lock are of the day.
pub struct Store {
    /// With the headers of the lock.
    writer: Arc<dyn ObjectStore>,
    reader: Arc<dyn ObjectStore>,
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

    /// Writes an object that never changes, unless it is there already.
    pub async fn put(&self, name: &str, content: Bytes) -> Result<(), ShipError> {
        let path = self.path(name);
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.writer.put_opts(&path, PutPayload::from(content.clone()), options).await {
            Ok(_) => Ok(()),
            // An answer that was lost, or a restart between writing and noting it.
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                self.is_ours(&path, &content).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes an object in place of the one before.
    pub async fn replace(&self, name: &str, content: Bytes) -> Result<(), ShipError> {
        self.reader.put(&self.path(name), PutPayload::from(content)).await?;
        Ok(())
    }

    async fn is_ours(&self, path: &ObjectPath, content: &Bytes) -> Result<(), ShipError> {
        let read_back = async {
            let found = self.reader.get(path).await?;
            if found.meta.size != content.len() as u64 {
                return Err(ShipError::Foreign);
            }
            let bytes = found.bytes().await?;
            if sha256(&bytes) == sha256(content) { Ok(()) } else { Err(ShipError::Foreign) }
        };
        tokio::time::timeout(READ_BACK_TIMEOUT, read_back).await.unwrap_or(Err(ShipError::Unavailable))
    }

    fn path(&self, name: &str) -> ObjectPath {
        match self.prefix.as_str() {
            "" => ObjectPath::from(name),
            prefix => ObjectPath::from(format!("{prefix}/{name}")),
        }
    }
}

/// Names and values, wiped when dropped.
struct Credentials(Vec<(&'static str, Zeroizing<String>)>);

impl Credentials {
    fn read(settings: &ShipSettings, read_env: ReadEnv) -> Result<Credentials, ShipError> {
        let names: &[&str] = match settings.cloud {
            Cloud::S3 => &S3_NAMES,
            Cloud::Google => &GOOGLE_NAMES,
            Cloud::Azure => &AZURE_NAMES,
        };
        let Some(file) = &settings.credentials_file else {
            let found = names.iter().filter_map(|name| Some((*name, Zeroizing::new(read_env(name)?))));
            return Ok(Credentials(found.collect()));
        };
        let text = read_text(file)?;
        let mut found = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let known = line.split_once('=').and_then(|(name, value)| {
                Some((names.iter().find(|known| **known == name.trim())?, value.trim()))
            });
            let Some((name, value)) = known else {
                return Err(ShipError::Settings(
                    "audit.ship.credentials_file has a line that is not NAME=value with a name this cloud's tools know",
                ));
            };
            found.push((*name, Zeroizing::new(value.to_owned())));
        }
        Ok(Credentials(found))
    }

    fn keys<K: FromStr>(&self) -> impl Iterator<Item = (K, String)> {
        self.0
            .iter()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, String::clone(value))))
    }
}

fn read_text(file: &Path) -> Result<Zeroizing<String>, ShipError> {
    use std::io::Read;
    let problem = ShipError::Settings("audit.ship.credentials_file cannot be read");
    let mut text = Zeroizing::new(String::new());
    let file = std::fs::File::open(file).map_err(|_| problem)?;
    file.take(CREDENTIALS_BYTES_MAX).read_to_string(&mut text).map_err(|_| problem)?;
    Ok(text)
}

fn build(
    settings: &ShipSettings,
    credentials: &Credentials,
    outbound: &Outbound,
    headers: HeaderMap,
) -> Result<Arc<dyn ObjectStore>, ShipError> {
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
    let store: Arc<dyn ObjectStore> = match settings.cloud {
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

    #[test]
    fn every_name_means_something_to_its_store() {
        fn unknown<'a>(names: &[&'a str], parses: fn(&str) -> bool) -> Option<&'a str> {
            names.iter().find(|name| !parses(&name.to_ascii_lowercase())).copied()
        }
        assert_eq!(unknown(&S3_NAMES, |name| name.parse::<AmazonS3ConfigKey>().is_ok()), None);
        assert_eq!(unknown(&GOOGLE_NAMES, |name| name.parse::<GoogleConfigKey>().is_ok()), None);
        assert_eq!(unknown(&AZURE_NAMES, |name| name.parse::<AzureConfigKey>().is_ok()), None);
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
