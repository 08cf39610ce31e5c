//! Common and combined access logs: the client and the user at the head of a line.
//!
//! Owns which addresses there say where a person is.

use std::net::IpAddr;

use super::wire::push;
use super::{Edit, Reader};
use crate::phi::{
    Engine,
    class::Class::{Ip, Name},
    rules::network::is_of_a_probe,
};

impl Reader<'_> {
    /// Common and combined access logs: the client and the user at the head of the line.
    pub(super) fn access_log(&mut self, text: &str, out: &mut Vec<Edit>) {
        let mut words = text.splitn(4, ' ');
        let (Some(client), Some(ident), Some(user), Some(rest)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return;
        };
        // `"GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.31"`: nobody.
        if is_of_a_probe(rest) {
            return;
        }
        let stamped = rest.starts_with('[') && rest.as_bytes().get(3) == Some(&b'/') && rest.contains("] \"");
        if !stamped {
            return;
        }
        let addressed = client.len() >= 3
            && client.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'));
        if addressed && client.contains(['.', ':']) && is_client(client, self.engine) {
            out.push(Edit::plain(0..client.len(), Ip, "access-log.client"));
        }
        let at = client.len() + 1;
        if ident != "-" {
            push(text, at..at + ident.len(), Name, out);
        }
        let at = at + ident.len() + 1;
        let service = matches!(
            user,
            "app" | "api" | "root" | "admin" | "www-data" | "nginx" | "deploy" | "nobody" | "guest"
        );
        if user != "-" && user != "\"\"" && !service {
            push(text, at..at + user.len(), Name, out);
        }
    }
}

/// Does an address at the head of an access log say where a person is? Not this host, nor a load balancer in the same network.
pub(super) fn is_client(address: &str, engine: &Engine) -> bool {
    let address = address.strip_prefix("::ffff:").unwrap_or(address);
    match address.parse() {
        Ok(IpAddr::V4(v4)) => !v4.is_loopback() && (!v4.is_private() || engine.settings().hide_private_ips),
        Ok(IpAddr::V6(v6)) => !v6.is_loopback(),
        Err(_) => true,
    }
}
