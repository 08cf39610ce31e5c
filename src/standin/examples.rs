//! The answers kept in `tests/data/clinikapi/examples`, embedded in the program.
//!
//! Owns the list of files and their parsing. A unit test compares the list with the directory, so a file that is
//! not listed, or a name that is misspelt, fails the build's tests. Parsing happens once, at first use.

use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

/// One recorded-style answer: status, headers and exact body bytes.
pub struct Example {
    pub id: String,
    pub note: String,
    /// A request the answer fits. For choosing only; the stand-in gives the answer to any request.
    pub method: String,
    pub target: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Strings that must not leave the guard, as written and after JSON decoding, and strings that must survive.
    pub gone: Vec<String>,
    pub gone_decoded: Vec<String>,
    pub kept: Vec<String>,
}

/// Every example, in the order of the list below.
pub fn all() -> &'static [Example] {
    static PARSED: OnceLock<Vec<Example>> = OnceLock::new();
    PARSED.get_or_init(|| FILES.iter().filter_map(|(id, text)| parse(id, text)).collect())
}

pub fn find(id: &str) -> Option<&'static Example> {
    all().iter().find(|example| example.id == id)
}

/// `None` for a file that is not of the documented form; a unit test shows that there is none.
fn parse(id: &str, text: &str) -> Option<Example> {
    let file: Value = serde_json::from_str(text).ok()?;
    let body = match (file.get("bodyText"), file.get("body")) {
        (Some(Value::String(text)), _) => Bytes::from(text.clone()),
        (None, Some(value)) => Bytes::from(value.to_string()),
        _ => return None,
    };
    let headers = file.get("headers")?.as_object()?;
    Some(Example {
        id: id.to_owned(),
        note: string(&file, "/note"),
        method: string(&file, "/request/method"),
        target: string(&file, "/request/target"),
        status: u16::try_from(file.get("status")?.as_u64()?).ok()?,
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        body,
        gone: strings(&file, "/expect/gone"),
        gone_decoded: strings(&file, "/expect/goneDecoded"),
        kept: strings(&file, "/expect/kept"),
    })
}

fn string(file: &Value, pointer: &str) -> String {
    file.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn strings(file: &Value, pointer: &str) -> Vec<String> {
    let list = file.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|value| Some(value.as_str()?.to_owned())).collect()
}

macro_rules! files {
    ($($id:literal,)*) => {
        &[$(($id, include_str!(concat!("../../tests/data/clinikapi/examples/", $id, ".json")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "err-400-bad-parameter-echo",
    "err-400-invalid-json",
    "err-400-invalid-json-echo",
    "err-400-method-override",
    "err-401-invalid-key",
    "err-401-invalid-key-format",
    "err-401-key-expired",
    "err-401-key-revoked",
    "err-401-unauthorized",
    "err-403-scope",
    "err-404-named-id-echo",
    "err-404-not-found",
    "err-409-conflict-echo",
    "err-422-documented",
    "err-422-enum-and-clinical-echo",
    "err-422-issues-echo",
    "err-422-unicode-escaped-echo",
    "err-422-zod-raw",
    "err-429-bulk-hourly",
    "err-429-monthly-quota",
    "err-429-rate-limited",
    "err-429-sandbox-quota",
    "err-500-internal",
    "err-500-request-echo",
    "err-fhir-400-outcome-echo",
    "err-fhir-400-query-echo",
    "err-fhir-404-outcome",
    "err-fhir-412-multiple-matches",
    "err-fhir-422-contained-echo",
    "gw-200-html",
    "gw-307-redirect",
    "gw-400-json-array",
    "gw-403-xml",
    "gw-404-phi-in-headers",
    "gw-413-json-message-only",
    "gw-422-problem-json",
    "gw-500-node-stack",
    "gw-500-plain-text",
    "gw-500-truncated-json",
    "gw-502-html",
    "gw-503-html-retry-after",
    "gw-504-json-message-only",
    "ok-appointment-create-201",
    "ok-bulk-export-202",
    "ok-bulk-job-completed-200",
    "ok-bulk-job-errors-200",
    "ok-conditions-list-200",
    "ok-delete-204",
    "ok-fhir-read-200",
    "ok-fhir-search-200",
    "ok-health-200",
    "ok-metadata-200",
    "ok-over-quota-overage-200",
    "ok-patient-create-201",
    "ok-patient-list-200",
    "ok-patient-list-empty-200",
    "ok-patient-read-200",
    "ok-patient-read-revinclude-200",
    "ok-patient-update-200",
    "ok-testkey-sandbox-headers-200",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_the_directory() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/clinikapi/examples");
        let on_disk: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
            .collect();
        let listed: BTreeSet<String> = FILES.iter().map(|(id, _)| (*id).to_owned()).collect();
        assert_eq!(on_disk, listed);
        assert_eq!(listed.len(), FILES.len(), "a file is listed twice");
    }

    #[test]
    fn every_file_has_the_documented_form() {
        assert_eq!(all().len(), FILES.len());
        for (id, text) in FILES {
            let file: Value = serde_json::from_str(text).unwrap();
            assert_eq!(file["id"], *id);
            assert!(find(id).is_some_and(|example| (200..600).contains(&example.status)));
        }
    }

    #[test]
    fn an_unknown_id_is_not_found() {
        assert!(find("err-000-nothing").is_none());
        assert!(find("").is_none());
    }
}
