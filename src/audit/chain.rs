//! The hash chain: each line names the hash of the line before it and carries its own.
//!
//! A line is `{"seq":N,"prev":"<64 hex>",<fields>,"hash":"<64 hex>"}`. Its hash is the SHA-256 of all bytes before
//! `,"hash":`, as they stand in the file, so no canonical form of JSON is needed to check one. Pure: no files, no time.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

pub type Hash = [u8; 32];

/// What the first line of a chain names as the line before it.
pub const GENESIS: Hash = [0; 32];

const HEAD: &[u8] = br#"{"seq":"#;
const PREV: &[u8] = br#","prev":""#;
const TAIL: &[u8] = br#","hash":""#;
const TAIL_BYTES: usize = TAIL.len() + 64 + 2;

/// The last line of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    pub seq: u64,
    pub hash: Hash,
}

impl Tip {
    pub const START: Tip = Tip { seq: 0, hash: GENESIS };

    /// Appends the next line, with its line end. `fields` are the members of the line, without braces. The tip moves
    /// only when the caller knows that the line was written, so this returns the new one.
    pub fn seal(&self, fields: &[u8], out: &mut Vec<u8>) -> Tip {
        let seq = self.seq + 1;
        let start = out.len();
        out.extend_from_slice(HEAD);
        out.extend_from_slice(seq.to_string().as_bytes());
        out.extend_from_slice(PREV);
        push_hex(&self.hash, out);
        out.extend_from_slice(b"\",");
        out.extend_from_slice(fields);
        let hash = sha256(out.get(start..).unwrap_or_default());
        out.extend_from_slice(TAIL);
        push_hex(&hash, out);
        out.extend_from_slice(b"\"}\n");
        Tip { seq, hash }
    }
}

/// What a line says of its place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    pub seq: u64,
    pub prev: Hash,
    /// The hash that the line states; see `intact`.
    pub hash: Hash,
    /// Whether the line hashes to what it states.
    pub intact: bool,
    /// The members between `prev` and `hash`.
    pub fields: &'a [u8],
}

impl<'a> Link<'a> {
    /// Reads a line without its line end; `None` if it does not have the form of one.
    pub fn read(line: &'a [u8]) -> Option<Link<'a>> {
        let (hashed, tail) = line.split_at_checked(line.len().checked_sub(TAIL_BYTES)?)?;
        let stated = tail.strip_prefix(TAIL)?.strip_suffix(b"\"}")?;
        let rest = hashed.strip_prefix(HEAD)?;
        let digits = rest.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at_checked(digits)?;
        let seq = std::str::from_utf8(number).ok()?.parse().ok()?;
        let rest = rest.strip_prefix(PREV)?;
        let (prev, rest) = rest.split_at_checked(64)?;
        let fields = rest.strip_prefix(b"\",")?;
        let (prev, hash) = (from_hex(prev)?, from_hex(stated)?);
        Some(Link { seq, prev, hash, intact: sha256(hashed) == hash, fields })
    }

    pub fn tip(&self) -> Tip {
        Tip { seq: self.seq, hash: self.hash }
    }

    /// The kind of the line. Every writer puts it first.
    pub fn event(&self) -> Option<&'a str> {
        let rest = self.fields.strip_prefix(br#""event":""#)?;
        let end = rest.iter().take(40).position(|byte| *byte == b'"')?;
        std::str::from_utf8(rest.get(..end)?).ok()
    }
}

pub fn sha256(bytes: &[u8]) -> Hash {
    let mut hash = GENESIS;
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn push_hex(hash: &Hash, out: &mut Vec<u8>) {
    let mut text = [0; 64];
    HEXLOWER.encode_mut(hash, &mut text);
    out.extend_from_slice(&text);
}

fn from_hex(text: &[u8]) -> Option<Hash> {
    let mut hash = GENESIS;
    (HEXLOWER.decode_mut(text, &mut hash).ok()? == hash.len()).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(tip: &Tip, fields: &str) -> (Tip, String) {
        let mut out = Vec::new();
        let next = tip.seal(fields.as_bytes(), &mut out);
        (next, String::from_utf8(out).expect("a line is ASCII here").trim_end().to_owned())
    }

    #[test]
    fn a_line_is_json_and_reads_back() {
        let (first, text) = line(&Tip::START, r#""event":"exchange","status":200"#);
        let (second, next) = line(&first, r#""event":"checkpoint""#);
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((json["seq"].as_u64(), json["status"].as_u64()), (Some(1), Some(200)));
        let (a, b) = (Link::read(text.as_bytes()).unwrap(), Link::read(next.as_bytes()).unwrap());
        assert!(a.intact && b.intact);
        assert_eq!((a.prev, b.prev), (GENESIS, a.hash));
        assert_eq!((a.event(), b.event()), (Some("exchange"), Some("checkpoint")));
        assert_eq!(b.tip(), second);
    }

    #[test]
    fn any_changed_byte_shows() {
        let (_, text) = line(&Tip::START, r#""event":"exchange","status":200"#);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            assert!(Link::read(&changed).is_none_or(|link| !link.intact), "byte {at}");
        }
        for short in 0..text.len() {
            assert!(Link::read(&text.as_bytes()[..short]).is_none_or(|link| !link.intact));
        }
    }

    #[test]
    fn the_hash_is_that_of_the_bytes_in_the_file() {
        let (tip, text) = line(&Tip::START, r#""event":"exchange""#);
        let hashed = text.split(",\"hash\":").next().expect("a head");
        assert_eq!(hex(&sha256(hashed.as_bytes())), hex(&tip.hash));
    }
}
