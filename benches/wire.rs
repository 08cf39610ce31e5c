//! What the gate in front of hyper costs: one pass over a head, and the framing of a body.

use clinik_guard::wire::{Limits, Side, Walker};
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

const LIMITS: Limits = Limits { head_bytes_max: 57_344, target_bytes_max: 24_576, fields_max: 128 };

/// The head that the SDK sends on Node.
const HEAD: &[u8] = b"GET /v1/observations?patientId=5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21&count=20 HTTP/1.1\r\n\
    host: localhost:8080\r\nconnection: keep-alive\r\nx-api-key: placeholder\r\naccept: application/fhir+json\r\n\
    content-type: application/fhir+json\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\n\
    accept-encoding: gzip, deflate\r\n\r\n";

fn walk(bencher: divan::Bencher<'_, '_>, side: Side, bytes: &[u8]) {
    let mut walker = Walker::new(side, LIMITS);
    bencher.counter(BytesCount::of_slice(bytes)).bench_local(|| {
        walker.expect(false);
        let walked = walker.walk(divan::black_box(bytes));
        assert!(walked.fault.is_none() && walked.passed == bytes.len());
    });
}

#[divan::bench]
fn request_head(bencher: divan::Bencher<'_, '_>) {
    walk(bencher, Side::Requests, HEAD);
}

#[divan::bench]
fn request_of_64_kib_in_chunks_of_8(bencher: divan::Bencher<'_, '_>) {
    let head = "POST /v1/bulk/import HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(8192));
    walk(bencher, Side::Requests, format!("{head}{}0\r\n\r\n", chunk.repeat(8)).as_bytes());
}

#[divan::bench]
fn answer_of_2_kib(bencher: divan::Bencher<'_, '_>) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ndate: Sun, 22 Nov 2026 02:00:00 GMT\r\n";
    let body = "x".repeat(2048);
    walk(bencher, Side::Answers, format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
}
