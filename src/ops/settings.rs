//! The compiled `ops` section.

use std::net::{Ipv4Addr, SocketAddr};

use crate::config::{self, Node, Problems, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpsSettings {
    /// `None` turns the listener off.
    pub address: Option<SocketAddr>,
}

impl OpsSettings {
    pub fn compile(section: &config::Ops, problems: &mut Problems) -> OpsSettings {
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 9090));
        OpsSettings { address: section.address.or_none(Some(default), address, problems) }
    }
}

fn address(node: &Node, problems: &mut Problems) -> Option<SocketAddr> {
    match node.text() {
        Some("off" | "false" | "none") => {
            problems.expected(node, "an address and port, or null to turn it off")
        }
        _ => read::socket_address(node, problems),
    }
}
