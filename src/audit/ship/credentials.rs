//! The credentials of a cloud: from the file of the policy, else from the environment.
//!
//! Read again for each pass, and wiped after it. What the store makes of them is its own.

use std::path::Path;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::settings::{Cloud, ShipSettings};
use super::store::ShipError;
use crate::credentials::ReadEnv;

/// A page of names at most.
const CREDENTIALS_BYTES_MAX: u64 = 64 << 10;

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

/// Names and values, wiped when dropped.
pub(super) struct Credentials(Vec<(&'static str, Zeroizing<String>)>);

impl Credentials {
    pub(super) fn read(settings: &ShipSettings, read_env: ReadEnv) -> Result<Credentials, ShipError> {
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

    pub(super) fn keys<K: FromStr>(&self) -> impl Iterator<Item = (K, String)> {
        self.0
            .iter()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, String::clone(value))))
    }
}

fn read_text(file: &Path) -> Result<Zeroizing<String>, ShipError> {
    use std::io::Read;
    let problem = ShipError::Settings("audit.ship.credentials_file cannot be read");
    let mut text = Zeroizing::new(String::new());
    let file = crate::file::open(file).map_err(|_| problem)?;
    file.take(CREDENTIALS_BYTES_MAX).read_to_string(&mut text).map_err(|_| problem)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use object_store::aws::AmazonS3ConfigKey;
    use object_store::azure::AzureConfigKey;
    use object_store::gcp::GoogleConfigKey;

    use super::*;

    #[test]
    fn every_name_means_something_to_its_store() {
        fn unknown<'a>(names: &[&'a str], parses: fn(&str) -> bool) -> Option<&'a str> {
            names.iter().find(|name| !parses(&name.to_ascii_lowercase())).copied()
        }
        assert_eq!(unknown(&S3_NAMES, |name| name.parse::<AmazonS3ConfigKey>().is_ok()), None);
        assert_eq!(unknown(&GOOGLE_NAMES, |name| name.parse::<GoogleConfigKey>().is_ok()), None);
        assert_eq!(unknown(&AZURE_NAMES, |name| name.parse::<AzureConfigKey>().is_ok()), None);
    }
}
