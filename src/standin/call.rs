//! One authenticated request, taken apart, and the answers in the documented forms.

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::clock::Moment;
use super::limits::Budget;

pub(crate) struct Call {
    pub(crate) method: Method,
    /// Decoded segments below `/v1`.
    pub(crate) path: Vec<String>,
    /// Decoded pairs, in order.
    pub(crate) query: Vec<(String, String)>,
    /// As it came, without the `?`.
    pub(crate) raw_query: String,
    pub(crate) body: Bytes,
    pub(crate) request_id: String,
    pub(crate) moment: Moment,
    pub(crate) budget: Budget,
    /// Errors quote what they were given, as careless servers' do.
    pub(crate) careless: bool,
}

impl Call {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `{data, meta}`.
    pub(crate) fn success(&self, status: u16, data: &Value) -> Answer {
        Answer::json(
            status,
            &json!({
                "data": data,
                "meta": {
                    "requestId": self.request_id,
                    "timestamp": self.moment.iso(),
                    "status": status,
                    "rateLimitTotal": self.budget.total,
                    "rateLimitRemaining": self.budget.remaining,
                    "rateLimitReset": self.budget.reset_seconds,
                },
            }),
        )
    }

    pub(crate) fn not_found(&self, what: &str) -> Answer {
        let message = match (self.careless, self.path.last()) {
            (true, Some(last)) => format!("{what} {last} not found"),
            _ => format!("{what} not found"),
        };
        error(404, "Not Found", &message, Some("NOT_FOUND"), &self.request_id)
    }

    pub(crate) fn invalid(&self, subject: &str, issues: &[String]) -> Answer {
        let issues: Vec<Value> = issues
            .iter()
            .map(|text| json!({"severity": "error", "code": "invalid", "diagnostics": text}))
            .collect();
        let mut body = json!({"error": "Validation Error", "code": "VALIDATION_ERROR",
            "requestId": self.request_id, "issues": issues});
        if self.careless {
            body["message"] = json!(format!("Validation failed for {subject}"));
        }
        Answer::json(422, &body)
    }

    /// The body as a JSON object. Not JSON is 400, JSON of another kind 422.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Answer> {
        match self.value()? {
            Value::Object(fields) => Ok(fields),
            _ => Err(self.invalid("request", &["body: Expected object".to_owned()])),
        }
    }

    pub(crate) fn value(&self) -> Result<Value, Answer> {
        serde_json::from_slice(&self.body).map_err(|_| {
            let message = if self.careless {
                let start: String = String::from_utf8_lossy(&self.body).chars().take(120).collect();
                format!("Request body is not valid JSON, near: {start}")
            } else {
                "Request body is not valid JSON".to_owned()
            };
            error(400, "Bad Request", &message, Some("INVALID_JSON"), &self.request_id)
        })
    }
}

/// `{error, message, code, requestId}`.
pub(crate) fn error(status: u16, title: &str, message: &str, code: Option<&str>, request_id: &str) -> Answer {
    let mut body = json!({"error": title, "message": message});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    body["requestId"] = json!(request_id);
    Answer::json(status, &body)
}

/// Decodes `%XX`, and `+` where it stands for a space. What is not UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str, plus: Plus) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|byte| (*byte as char).to_digit(16));
        match (bytes[index], hex(index + 1), hex(index + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                index += 2;
            }
            (b'+', ..) if plus == Plus::IsSpace => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        index += 1;
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    IsSpace,
    IsPlus,
}

/// The pairs of a query or a form, bounded.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    const PAIRS_MAX: usize = 256;
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .take(PAIRS_MAX)
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, Plus::IsSpace), decode(value, Plus::IsSpace))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding() {
        let cases = [
            ("a+b%20c", "a b c"),
            ("V%C3%A4is%C3%A4nen", "Väisänen"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz", "%zz"),
            ("%ff", "\u{fffd}"),
            ("%2525", "%25"),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text, Plus::IsSpace), expected);
        }
        assert_eq!(decode("a+b", Plus::IsPlus), "a+b");
        assert_eq!(
            pairs("a=1&&b&c=x%3Dy"),
            [("a".into(), "1".into()), ("b".into(), String::new()), ("c".into(), "x=y".into())]
        );
    }
}
