//! A small HTTP client for the command line: one request, one bounded answer, on loopback.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Sends one request on a connection of its own.
pub async fn send(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
    limit: Duration,
) -> std::io::Result<Answer> {
    let exchange = async {
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let connection = tokio::spawn(connection);
        let (head, mut body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(broken)?.into_data() {
                if read.len() + data.len() > ANSWER_BYTES_MAX {
                    return Err(std::io::Error::other("the answer is too long"));
                }
                read.extend_from_slice(&data);
            }
        }
        connection.abort();
        Ok(Answer { status: head.status, headers: head.headers, body: read.into() })
    };
    tokio::time::timeout(limit, exchange)
        .await
        .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}

fn broken(_error: hyper::Error) -> std::io::Error {
    std::io::Error::other("the connection broke")
}
