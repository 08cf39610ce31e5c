//! What was asked for on purpose: examples, scripted answers, broken connections; and the record of requests.

use tokio::io::AsyncWriteExt;

use super::*;

#[tokio::test]
async fn examples_are_given_by_header_path_script_and_flag() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    for example in examples::all() {
        let by_path = format!("/v1/patients/{EXAMPLE_ID_PREFIX}{}", example.id);
        let mut by_header = request("GET", "/v1/patients", "");
        by_header.headers_mut().insert(EXAMPLE_HEADER, example.id.parse().unwrap());
        for req in [request("GET", &by_path, ""), by_header] {
            let response = client.respond(req).await.unwrap();
            assert_eq!(response.status().as_u16(), example.status, "{}", example.id);
            for (name, value) in &example.headers {
                assert_eq!(response.headers()[name.as_str()].as_bytes(), value.as_bytes(), "{}", example.id);
            }
            let body = read(response).await.unwrap();
            assert_eq!(body, example.body, "{}", example.id);
        }
        standin.script(Behaviour::Example(example.id.clone()));
        let response = client.respond(request("GET", "/v1/patients", "")).await.unwrap();
        assert_eq!(response.status().as_u16(), example.status, "{}", example.id);
        read(response).await.unwrap();
    }
    let mut body = patient();
    body[EXAMPLE_FIELD] = json!("err-422-issues-echo");
    assert_eq!(client.send("POST", "/v1/patients", body).await.0, 422);
    assert_eq!(client.send("GET", "/v1/patients/standin-unknown", Value::Null).await.0, 404);

    let example = Some("gw-502-html".to_owned());
    let standin = start(StandinConfig { example, ..StandinConfig::default() }).await;
    let mut client = Client::connect(&standin).await;
    assert_eq!(client.send("POST", "/v1/patients", patient()).await.0, 502);
}

#[tokio::test]
async fn the_record_shows_what_arrived() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    client.send("POST", "/v1/patients?x=%2F|", patient()).await;
    let mut other = Client::connect(&standin).await;
    other.send("GET", "/v1/patients", Value::Null).await;
    let seen = standin.wait_for(2).await;
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("POST", "/v1/patients?x=%2F|"));
    assert_eq!((seen[0].header("x-api-key"), seen[0].complete), (Some(STANDIN_KEY), true));
    assert_eq!(seen[0].body, Bytes::from(patient().to_string()));
    assert_ne!(seen[0].connection, seen[1].connection);
    assert_eq!(standin.connections(), 2);
    standin.clear();
    assert_eq!(standin.request_count(), 0);
}

#[tokio::test]
async fn scripted_answers_come_once_and_in_order() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    for coding in [Coding::Gzip, Coding::Deflate, Coding::RawDeflate, Coding::Br, Coding::Zstd] {
        standin.script(Behaviour::Answer {
            status: 500,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Bytes::from_static(b"{\"error\":\"x\"}"),
            coding: Some(coding),
        });
    }
    standin.script(Behaviour::EchoRequest);
    standin.script(Behaviour::Redirect);
    assert_eq!(standin.scripted(), 7);
    for coding in ["gzip", "deflate", "deflate", "br", "zstd"] {
        let response = client.respond(request("GET", "/v1/patients", "")).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-encoding"]),
            (500, &coding.parse().unwrap())
        );
        read(response).await.unwrap();
    }
    let (status, echo) = client.send("POST", "/v1/patients?name=x", patient()).await;
    assert_eq!((status, &echo["request"]["target"]), (400, &json!("/v1/patients?name=x")));
    assert_eq!(
        (&echo["request"]["headers"]["x-api-key"], &echo["request"]["body"]),
        (&json!(STANDIN_KEY), &patient())
    );
    assert_eq!(client.send("GET", "/v1/patients", Value::Null).await.0, 307);
    assert_eq!(client.send("GET", "/v1/patients", Value::Null).await.0, 200);
}

#[tokio::test]
async fn broken_answers_break() {
    let standin = start(StandinConfig::default()).await;
    let broken = [
        Behaviour::CloseBeforeAnswer,
        Behaviour::CloseBeforeBody,
        Behaviour::CloseMidBody { status: 500 },
        Behaviour::CloseMidBody { status: 200 },
        Behaviour::TruncatedBody { status: 200 },
        Behaviour::GarbageAnswer,
        Behaviour::Raw(Bytes::from_static(
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        )),
    ];
    for (index, behaviour) in broken.into_iter().enumerate() {
        standin.script(behaviour);
        let mut client = Client::connect(&standin).await;
        assert!(client.try_send("POST", "/v1/patients", "{}").await.is_err(), "case {index}");
    }
    for index in [2, 3, 4] {
        assert!(standin.requests()[index].complete);
    }
    assert_eq!(standin.scripted(), 0);

    standin.script(Behaviour::CloseMidBody { status: 502 });
    let mut client = Client::connect(&standin).await;
    let response = client.respond(request("GET", "/v1/patients", "")).await.unwrap();
    assert_eq!(response.status(), 502, "the head must arrive before the connection breaks");

    standin.script(Behaviour::ResetOnConnect);
    assert!(tls(&standin, "localhost", b"http/1.1").await.is_err());
    assert!(tls(&standin, "localhost", b"http/1.1").await.is_ok());
}

#[tokio::test]
async fn slow_and_odd_answers_arrive() {
    let standin = start(StandinConfig::default()).await;
    let mut client = Client::connect(&standin).await;
    standin.script(Behaviour::SlowBody { status: 500, pause: Duration::from_millis(1) });
    assert_eq!(client.send("GET", "/v1/patients", Value::Null).await.1["code"], "SLOW");
    standin.script(Behaviour::EarlyHints);
    assert_eq!(client.send("GET", "/v1/patients", Value::Null).await.0, 200);
    standin.script(Behaviour::Delay(Duration::from_millis(1)));
    assert_eq!(client.send("GET", "/v1/patients", Value::Null).await.0, 200);
    standin.script(Behaviour::Large { status: 200, bytes: 1_000_000 });
    let (_, large) = client.send("GET", "/v1/patients", Value::Null).await;
    assert_eq!(large["data"].as_str().unwrap().len(), 1_000_000 - 11);
    standin.script(Behaviour::Trailers);
    let response = client.respond(request("GET", "/v1/patients", "")).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the trailers are wanted, and the sender is this test")]
    let collected = response.into_body().collect().await.unwrap();
    assert!(collected.trailers().is_some_and(|trailers| trailers.contains_key("x-note")));
}

#[tokio::test]
async fn silence_ends_with_the_stand_in() {
    let standin = start(StandinConfig::default()).await;
    for behaviour in [Behaviour::NeverAnswer, Behaviour::NeverRead, Behaviour::HangMidBody { status: 200 }] {
        standin.script(behaviour);
        let mut client = Client::connect(&standin).await;
        let answer =
            tokio::time::timeout(Duration::from_millis(30), client.try_send("GET", "/v1/patients", ""));
        assert!(answer.await.is_err());
    }
    standin.script(Behaviour::NeverAnswer);
    let mut client = Client::connect(&standin).await;
    let address = standin.address();
    let waiting = tokio::spawn(async move { client.try_send("GET", "/v1/patients", "").await.is_err() });
    standin.wait_for(1).await;
    standin.shutdown().await;
    assert!(waiting.await.unwrap());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let standin = start(StandinConfig { body_bytes_max: 100, ..StandinConfig::default() }).await;
    let mut client = Client::connect(&standin).await;
    let body = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    assert_eq!(client.try_send("POST", "/v1/patients", &body(100)).await.unwrap().0, 422);
    assert_eq!(client.try_send("POST", "/v1/patients", &body(101)).await.unwrap().0, 413);
    assert_eq!(standin.requests()[1].body_length, 101);
}

#[tokio::test]
async fn a_request_that_breaks_off_is_on_record_as_such() {
    let standin = start(StandinConfig::default()).await;
    let mut stream = tls(&standin, "localhost", b"http/1.1").await.unwrap();
    let head = "POST /v1/patients HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n12345";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    let seen = standin.wait_until(|seen| seen.first().is_some_and(|seen| seen.body_length == 5)).await;
    assert!(!seen[0].complete);
}
