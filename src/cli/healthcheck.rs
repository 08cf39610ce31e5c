//! `clinik-guard healthcheck`: asks the ops port, for containers without a shell or curl.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;

use super::{client, complain};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Succeeds when the guard is ready (or alive), at the latest after `wait` seconds.
pub fn run(address: &str, live: bool, wait: u64) -> ExitCode {
    let path = if live { "/livez" } else { "/readyz" };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(format_args!("cannot start a runtime: {error}")),
    };
    runtime.block_on(async {
        let deadline = Instant::now() + Duration::from_secs(wait);
        loop {
            let problem = match ask(address, path).await {
                Ok(None) => return ExitCode::SUCCESS,
                Ok(Some(reason)) => reason,
                Err(error) => format!("no answer from {address}: {error}"),
            };
            if Instant::now() >= deadline {
                return complain(format_args!("not healthy: {}", problem.trim_end()));
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    })
}

/// Asks each address that the name has until one answers: the guard need not listen on all of them.
async fn ask(name: &str, path: &str) -> std::io::Result<Option<String>> {
    let mut problem = std::io::Error::other("the name has no address");
    for address in tokio::net::lookup_host(name).await? {
        match ask_one(address, path).await {
            Ok(answer) => return Ok(answer),
            Err(error) => problem = error,
        }
    }
    Err(problem)
}

async fn ask_one(address: SocketAddr, path: &str) -> std::io::Result<Option<String>> {
    let request = Request::get(path)
        .header(header::HOST, "localhost")
        .body(Full::new(Bytes::new()))
        .map_err(std::io::Error::other)?;
    let answer = client::send(address, request, ANSWER_TIMEOUT).await?;
    let reason = || String::from_utf8_lossy(&answer.body).chars().take(200).collect();
    Ok((!answer.status.is_success()).then(reason))
}
