//! Requests as bytes: what RFC 9110, 9112, 3986 and 9113 allow, forbid and leave to be read in two ways.
//!
//! `tests/data/http/*.jsonl` has a case a line: `raw`, a byte for each character (`${x*n}` stands for n times x); the
//! `answers` that must come, a status and a code each; the `upstream` requests that may arrive; whether the guard then
//! has `closed` the connection (by default after an error).

use std::fmt::Write as _;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::PATIENCE;
use crate::wiretap::{KEY, Reply, Wiretap};

const CASES: [(&str, &str); 5] = [
    ("framing", include_str!("../data/http/framing.jsonl")),
    ("heads", include_str!("../data/http/heads.jsonl")),
    ("hosts", include_str!("../data/http/hosts.jsonl")),
    ("targets", include_str!("../data/http/targets.jsonl")),
    ("valid", include_str!("../data/http/valid.jsonl")),
];

/// What the cases send as a key of their own.
const PLACEHOLDER: &str = "placeholder-of-the-client";

/// The only fields the upstream may be sent.
pub const FORWARDED: [&str; 11] = [
    "accept",
    "accept-encoding",
    "content-length",
    "content-type",
    "host",
    "if-match",
    "if-none-match",
    "transfer-encoding",
    "user-agent",
    "via",
    "x-api-key",
];

struct Case {
    name: String,
    raw: Vec<u8>,
    answers: Vec<(u16, Option<String>)>,
    upstream: Vec<String>,
    closed: bool,
}

fn cases() -> Vec<Case> {
    let lines = CASES.iter().flat_map(|(file, text)| text.lines().map(move |line| (file, line)));
    lines
        .map(|(file, line)| {
            let value: Value = serde_json::from_str(line).expect("a case is JSON");
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            assert!(!text(&value["rfc"]).is_empty(), "{line}");
            let answers: Vec<(u16, Option<String>)> = value["answers"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|answer| {
                    (answer[0].as_u64().unwrap_or_default() as u16, answer[1].as_str().map(str::to_owned))
                })
                .collect();
            let closed =
                value["closed"].as_bool().unwrap_or(answers.last().is_some_and(|(status, _)| *status >= 400));
            Case {
                name: format!("{file}: {}", text(&value["name"])),
                raw: bytes(&text(&value["raw"])),
                upstream: value["upstream"].as_array().into_iter().flatten().map(text).collect(),
                answers,
                closed,
            }
        })
        .collect()
}

pub fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (repeat, behind) = after.split_once('}').expect("a closed repetition");
        let (what, times) = repeat.split_once('*').expect("what and how often");
        out.extend(before.chars().map(|c| c as u8));
        out.extend(what.repeat(times.parse().expect("a number")).bytes());
        rest = behind;
    }
    out.extend(rest.chars().map(|c| u8::try_from(c).expect("a byte for each character")));
    out
}

/// One answer off the front: status, code, and how many bytes it was.
pub fn take_answer(bytes: &[u8], head_only: bool) -> Option<(u16, Option<String>, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(length)) = head.parse(bytes) else { return None };
    let status = head.code.unwrap_or_default();
    let content = head
        .headers
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("content-length"))
        .and_then(|field| std::str::from_utf8(field.value).ok()?.parse::<usize>().ok())
        .filter(|_| !head_only && status >= 200)
        .unwrap_or(0);
    let body = bytes.get(length..length + content)?;
    let code =
        serde_json::from_slice::<Value>(body).ok().and_then(|body| body["code"].as_str().map(str::to_owned));
    Some((status, code, length + content))
}

/// Sends the bytes in pieces and gathers the answers; says what else came, and whether the guard closed first.
async fn exchange(tap: &Wiretap, case: &Case, piece: usize) -> (Vec<(u16, Option<String>)>, Vec<u8>) {
    let (mut from, mut to) = tap.connect().await.into_split();
    let raw = case.raw.clone();
    let sender = tokio::spawn(async move {
        for piece in raw.chunks(piece) {
            // The guard may have answered and closed by now.
            if to.write_all(piece).await.is_err() {
                break;
            }
        }
        to
    });
    let head_only = case.raw.starts_with(b"HEAD");
    let (mut came, mut buffer, mut answers) = (Vec::new(), vec![0; 16 * 1024], Vec::new());
    while answers.len() < case.answers.len() {
        let n = from.read(&mut buffer).await.unwrap_or(0);
        came.extend_from_slice(&buffer[..n]);
        while let Some((status, code, length)) = take_answer(&came, head_only) {
            came.drain(..length);
            answers.push((status, code));
        }
        if n == 0 {
            break;
        }
    }
    let mut to = sender.await.expect("no panic");
    if !case.closed {
        to.shutdown().await.expect("the connection is still open");
    }
    // Ends when the guard closes, which it does for a client that has closed its side as well.
    let _reset = from.read_to_end(&mut came).await;
    (answers, came)
}

async fn judge(tap: &mut Wiretap, case: &Case, piece: usize) -> Result<(), String> {
    let run = tokio::time::timeout(PATIENCE, exchange(tap, case, piece)).await;
    let Ok((answers, rest)) = run else { return Err("the guard keeps the connection".to_owned()) };
    let mut wrong = String::new();
    let as_written = case
        .answers
        .iter()
        .zip(&answers)
        .all(|(written, came)| written.0 == came.0 && (written.1.is_none() || written.1 == came.1));
    if answers.len() != case.answers.len() || !as_written {
        let _ = write!(wrong, "answers {answers:?}; ");
    }
    if !rest.is_empty() {
        let _ = write!(wrong, "more came: {:?}; ", String::from_utf8_lossy(&rest));
    }
    let seen = tap.take_requests();
    let lines: Vec<&str> = seen.iter().map(|request| request.line.as_str()).collect();
    if lines != case.upstream {
        let _ = write!(wrong, "upstream saw {lines:?}; ");
    }
    for request in &seen {
        let framed = request.all("content-length").len() + request.all("transfer-encoding").len();
        let known = |(name, _): &(String, String)| FORWARDED.contains(&name.as_str());
        if framed > 1 || !request.headers.iter().all(known) || request.all("x-api-key") != [KEY] {
            let _ = write!(wrong, "upstream got {request:?}; ");
        }
    }
    let audit = tap.take_audit();
    let reasons: Vec<Option<&str>> = audit.iter().map(|line| line["reason"].as_str()).collect();
    let told: Vec<Option<&str>> =
        case.answers.iter().filter(|(status, _)| *status >= 200).map(|(_, code)| code.as_deref()).collect();
    if reasons != told {
        let _ = write!(wrong, "audit says {reasons:?}; ");
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_is_answered_recorded_and_forwarded_as_written() {
    let cases = cases();
    assert!(cases.len() >= 350, "{} cases", cases.len());
    let mut tap = Wiretap::start("", "").await;
    let mut wrong = Vec::new();
    for case in &cases {
        // Whole, and so that heads and chunks are cut at many places.
        for piece in [usize::MAX, 1.max(case.raw.len() / 23)] {
            if let Err(found) = judge(&mut tap, case, piece).await {
                wrong.push(format!("{} (pieces of {piece}): {found}", case.name));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(tap.garbled(), 0);
    assert!(!tap.saw(PLACEHOLDER) && !tap.saw("smuggled") && !tap.saw("transfer_encoding"));
    tap.finish().await;
}

/// Cases of an upstream: `raw` is what it answers, `open` that it keeps the connection; `get` and `post` are the status
/// and code that a client is given.
const ANSWERS: &str = include_str!("../data/http/answers.jsonl");

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_could_be_read_in_two_ways_do_not_pass_and_poison_nothing() {
    let cases: Vec<Value> = ANSWERS.lines().map(|line| serde_json::from_str(line).expect("a case")).collect();
    assert!(cases.len() >= 50, "{} cases", cases.len());
    let mut tap = Wiretap::start("", "").await;
    let mut wrong = Vec::new();
    let get = b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let head = "POST /v1/patients HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
    for (number, case) in cases.iter().enumerate() {
        // No two writes alike: a repeated one of unknown outcome would not be sent.
        let body = format!("{{\"n\":{number}}}");
        let post = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        for (method, request) in [("get", &get[..]), ("post", post.as_bytes())] {
            let raw = bytes(case["raw"].as_str().unwrap_or_default());
            let reply = if case["open"] == true { Reply::Silence(raw) } else { Reply::Bytes(raw) };
            tap.answer_next(reply);
            let came = tap.raw(request).await;
            // What follows must be the answer to what follows.
            let next = tap.raw(get).await;
            let answer = take_answer(came.as_bytes(), false).map(|(status, code, _)| (status, code));
            let status = answer.as_ref().map(|(status, _)| u64::from(*status));
            let code = answer.as_ref().and_then(|(_, code)| code.as_deref());
            let good = status == case[method][0].as_u64()
                && (case[method][1].is_null() || code == case[method][1].as_str())
                && came.matches("HTTP/1.").count() == 1;
            if !good || !next.starts_with("HTTP/1.1 200") {
                wrong.push(format!("{} ({method}): {answer:?}, then {:.30}", case["name"], next));
            }
            if tap.take_audit().len() != 2 || tap.take_requests().len() != 2 {
                wrong.push(format!("{} ({method}): not one record and one request each", case["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    tap.finish().await;
}
