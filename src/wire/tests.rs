//! Cases from the RFCs, and two properties: cutting the bytes anywhere changes nothing, and what passes is read by
//! httparse to the same end.

use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { head_bytes_max: 512, target_bytes_max: 64, fields_max: 8 };

/// What becomes of these bytes when they arrive in pieces of so many.
fn walk(side: Side, bytes: &[u8], piece: usize) -> (usize, u64, Option<Fault>, bool) {
    let mut walker = Walker::new(side, LIMITS);
    walker.expect(false);
    let (mut passed, mut heads, mut end) = (0, 0, 0);
    while end < bytes.len() {
        end = (end + piece.max(1)).min(bytes.len());
        let walked = walker.walk(&bytes[passed..end]);
        passed += walked.passed;
        heads += walked.heads;
        if walked.fault.is_some() {
            return (passed, heads, walked.fault, walker.in_body());
        }
    }
    (passed, heads, None, walker.in_body())
}

fn fault(side: Side, bytes: &[u8]) -> Option<Fault> {
    walk(side, bytes, bytes.len()).2
}

fn request(head: &str) -> Option<Fault> {
    fault(Side::Requests, head.as_bytes())
}

/// A GET with these field lines after `Host`.
fn with(fields: &str) -> Option<Fault> {
    request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"))
}

#[test]
fn whole_requests_pass_one_after_the_other() {
    let bytes = b"\r\nGET /a?b=c HTTP/1.1\r\nhost: localhost:8080\r\naccept:\t*/* \r\nx:\r\n\r\n\
        POST / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 3\r\n\r\nabc\
        POST http://A.example:80/x HTTP/1.1\r\nhost: a.example:80\r\nTransfer-Encoding: Chunked\r\n\r\n\
        a\r\n0123456789\r\nF\r\n0123456789abcde\r\n0\r\n\r\n";
    assert_eq!(walk(Side::Requests, bytes, bytes.len()), (bytes.len(), 3, None, false));
}

#[test]
fn a_fault_is_told_with_the_line_that_has_it() {
    for (bytes, expected) in [
        ("\x16\x03\x01\x02\x00", Some(Fault::StartLine)),
        ("GET / HTTP/1.1\r\nhost: a\r\n folded", None),
        ("GET / HTTP/1.1\r\nhost: a\r\n folded\r\n", Some(Fault::Folding)),
        ("GET / HTTP/1.1\nhost", Some(Fault::LineEnding)),
        ("GET /\r\n", Some(Fault::StartLine)),
        ("PRI * HTTP/2.0\r\n", Some(Fault::Version)),
    ] {
        assert_eq!(request(bytes), expected, "{bytes:?}");
    }
}

#[test]
fn limits_hold_n_and_no_more() {
    let target = |n: usize| format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(n - 1));
    assert_eq!(request(&target(64)), None);
    assert_eq!(request(&target(65)), Some(Fault::TargetTooLong));
    let fields = |n: usize| with(&"x: y\r\n".repeat(n - 1));
    assert_eq!((fields(8), fields(9)), (None, Some(Fault::TooManyFields)));
    let head = |n: usize| {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nx: \r\n\r\n".len();
        with(&format!("x: {}\r\n", "y".repeat(n - frame)))
    };
    assert_eq!((head(512), head(513)), (None, Some(Fault::HeadTooLarge)));
    assert_eq!(request(&"G".repeat(511)), None);
    assert_eq!(request(&"G".repeat(512)), Some(Fault::TargetTooLong), "a line without an end is bounded too");
}

#[test]
fn hosts_have_one_spelling() {
    for good in ["a", "a:80", "127.0.0.1", "[::1]", "[::1]:65535", "my_service.svc", "A-b.c.:0"] {
        assert_eq!(request(&format!("GET / HTTP/1.1\r\nHost: {good}\r\n\r\n")), None, "{good}");
    }
    for bad in [
        "", "a:", "a:b", "a:65536", "a:+8", "a:80:80", "u@a", "a/b", "a b", "a,b", "[::1", "::1", "[::1]x",
        "[v1.a]", "\u{e9}",
    ] {
        assert_eq!(request(&format!("GET / HTTP/1.1\r\nHost: {bad}\r\n\r\n")), Some(Fault::Host), "{bad}");
    }
}

#[test]
fn chunks_of_requests_are_plain_and_those_of_answers_may_be_padded() {
    let chunks = |side, body: &str| {
        let head = match side {
            Side::Requests => "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
            Side::Answers => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        };
        walk(side, format!("{head}{body}").as_bytes(), 1)
    };
    for (body, requests, answers) in [
        ("1\r\na\r\n0\r\n\r\n", None, None),
        ("01\r\na\r\n0\r\n\r\n", Some(Fault::ChunkSize), None),
        ("1\r\na\r\n00\r\n\r\n", Some(Fault::ChunkSize), None),
        ("1 \r\na\r\n0\r\n\r\n", Some(Fault::ChunkSize), None),
        ("1;x=y\r\na\r\n0\r\n\r\n", Some(Fault::ChunkExtension), None),
        ("1;x\ny\r\na\r\n0\r\n\r\n", Some(Fault::ChunkExtension), Some(Fault::ChunkExtension)),
        ("0\r\nx: y\r\n\r\n", Some(Fault::Trailer), None),
        ("0\r\n x\r\n\r\n", Some(Fault::Trailer), Some(Fault::Trailer)),
        ("0\r\nx: y\n\r\n", Some(Fault::Trailer), Some(Fault::Trailer)),
        ("+1\r\na\r\n0\r\n\r\n", Some(Fault::ChunkSize), Some(Fault::ChunkSize)),
        ("0x1\r\na\r\n0\r\n\r\n", Some(Fault::ChunkSize), Some(Fault::ChunkSize)),
        ("\r\n", Some(Fault::ChunkSize), Some(Fault::ChunkSize)),
        ("1\na\r\n0\r\n\r\n", Some(Fault::ChunkSize), Some(Fault::ChunkSize)),
        ("1\r\nab\r\n", Some(Fault::ChunkEnd), Some(Fault::ChunkEnd)),
        ("1\r\na\n0\r\n\r\n", Some(Fault::ChunkEnd), Some(Fault::ChunkEnd)),
        ("1\r\na\r0\r\n\r\n", Some(Fault::ChunkEnd), Some(Fault::ChunkEnd)),
        ("100000000\r\n", Some(Fault::ChunkSize), None),
        ("fffffffffffffffff\r\n", Some(Fault::ChunkSize), Some(Fault::ChunkSize)),
        ("ffffffffffffffff\r\n", Some(Fault::ChunkSize), Some(Fault::ChunkSize)),
    ] {
        assert_eq!(chunks(Side::Requests, body).2, requests, "request {body:?}");
        assert_eq!(chunks(Side::Answers, body).2, answers, "answer {body:?}");
    }
    let endless = format!("1;{}", "x".repeat(20_000));
    assert_eq!(chunks(Side::Answers, &endless).2, Some(Fault::ChunkExtension));
    assert_eq!(chunks(Side::Answers, &format!("0\r\n{}", "x: y\r\n".repeat(9_000))).2, Some(Fault::Trailer));
}

#[test]
fn answers_have_one_framing_or_none() {
    let answer = |fields: &str| fault(Side::Answers, format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes());
    assert_eq!(answer("content-length: 0\r\n"), None);
    for (fields, expected) in [
        ("content-length: 2\r\ncontent-length: 2\r\n", Fault::ContentLength),
        ("content-length: 2, 2\r\n", Fault::ContentLength),
        ("content-length: 2\r\ntransfer-encoding: chunked\r\n", Fault::Framing),
        ("transfer-encoding: gzip, chunked\r\n", Fault::TransferEncoding),
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", Fault::TransferEncoding),
        ("x: a\r\n b\r\n", Fault::Folding),
        ("x : a\r\n", Fault::FieldName),
        ("x: a\rb\r\n", Fault::LineEnding),
        ("x: a\0b\r\n", Fault::FieldValue),
    ] {
        assert_eq!(answer(fields), Some(expected), "{fields:?}");
    }
    for (line, expected) in [
        ("HTTP/1.1 200", None),
        ("HTTP/1.1 200 ", None),
        ("HTTP/1.0 503 Service Unavailable", None),
        ("HTTP/1.1 2000 OK", Some(Fault::StartLine)),
        ("HTTP/1.1  200 OK", Some(Fault::StartLine)),
        ("HTTP/1.1 20 OK", Some(Fault::StartLine)),
        ("HTTP/1.1 999 OK", Some(Fault::StartLine)),
        ("HTTP/2.0 200 OK", Some(Fault::Version)),
        ("ICY 200 OK", Some(Fault::StartLine)),
        ("\r\nHTTP/1.1 200 OK", Some(Fault::StartLine)),
    ] {
        assert_eq!(fault(Side::Answers, format!("{line}\r\n\r\n").as_bytes()), expected, "{line:?}");
    }
    // Bodies that are none by their status or their request, and one that ends with the connection.
    for (bytes, no_body, in_body) in [
        (&b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n"[..], false, false),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", true, false),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", false, true),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", false, true),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false, false),
    ] {
        let mut walker = Walker::new(Side::Answers, LIMITS);
        walker.expect(no_body);
        let walked = walker.walk(bytes);
        assert_eq!((walked.passed, walked.fault, walker.in_body()), (bytes.len(), None, in_body));
    }
}

/// Heads that are right but for a few bytes.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("Host: a.example"),
        Just("content-length: 3"),
        Just("transfer-encoding: chunked"),
        Just("connection: keep-alive, te"),
        Just("x-y: \u{e9} obs-text"),
        Just("accept: */*"),
        Just("empty:"),
    ];
    let target = prop_oneof![
        Just("/"),
        Just("/v1/patients?count=1&a=b|c"),
        Just("http://a.example/x?y"),
        Just("/a%2fb;c")
    ];
    let method = prop_oneof![Just("GET"), Just("POST"), Just("CONNECT"), Just("M-SEARCH")];
    (
        method,
        target,
        prop::collection::vec(line, 0..6),
        prop::collection::vec((any::<u8>(), any::<prop::sample::Index>()), 0..3),
    )
        .prop_map(|(method, target, lines, changes)| {
            let mut head = format!("{method} {target} HTTP/1.1\r\nhost: a.example\r\n").into_bytes();
            for line in lines {
                head.extend_from_slice(line.as_bytes());
                head.extend_from_slice(b"\r\n");
            }
            head.extend_from_slice(b"\r\n0\r\n\r\nabc");
            for (byte, at) in changes {
                let at = at.index(head.len());
                head[at] = byte;
            }
            head
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_passes_is_read_alike_by_hyper(bytes in heads()) {
        let mut walker = Walker::new(Side::Requests, Limits { fields_max: 16, ..LIMITS });
        let mut head = Head::new(Side::Requests);
        let Ok(Some(length)) = head.read(&bytes, &LIMITS) else {
            prop_assert!(walker.walk(&bytes).passed == 0);
            return Ok(());
        };
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut parsed = httparse::Request::new(&mut fields);
        prop_assert_eq!(parsed.parse(&bytes), Ok(httparse::Status::Complete(length)));
        let target = parsed.path.unwrap_or_default();
        prop_assert_eq!(target.as_bytes(), &bytes[head.start().target.clone()]);
        let uri = http::Uri::try_from(target);
        prop_assert!(uri.is_ok());
        if target.starts_with('/') {
            prop_assert_eq!(uri.map(|uri| uri.to_string()).unwrap_or_default(), target);
        }
        prop_assert!(http::Method::from_bytes(parsed.method.unwrap_or_default().as_bytes()).is_ok());
        let named = |name: &str| parsed.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).count();
        prop_assert_eq!(named("host"), 1);
        prop_assert!(named("content-length") + named("transfer-encoding") <= 1);
    }

    #[test]
    fn cutting_the_bytes_changes_nothing(bytes in heads(), piece in 1usize..40, answers: bool) {
        let (side, bytes) = if answers {
            let at = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            (Side::Answers, [&b"HTTP/1.1 200 OK\r\n"[..], &bytes[at..]].concat())
        } else {
            (Side::Requests, bytes)
        };
        let (passed, heads, fault, in_body) = walk(side, &bytes, bytes.len());
        let pieces = walk(side, &bytes, piece);
        prop_assert_eq!((pieces.1, pieces.2, pieces.3), (heads, fault, in_body));
        // How much of a broken body went ahead of its fault depends on where it was cut.
        prop_assert!(fault.is_some() || pieces.0 == passed);
    }

    #[test]
    fn any_bytes_at_all(bytes: Vec<u8>, answers: bool, no_body: bool) {
        let side = if answers { Side::Answers } else { Side::Requests };
        let mut walker = Walker::new(side, LIMITS);
        walker.expect(no_body);
        let walked = walker.walk(&bytes);
        prop_assert!(walked.passed <= bytes.len());
    }
}
