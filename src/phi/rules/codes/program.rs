//! Numbers that a program, a router or a standard gives its own messages, tables and sets: known by the letters that touch them.

use crate::phi::scan::{Scan, Token};

/// Where such a number ends that begins with a token: `=?ISO-8859-1?Q?`, `CodeSystem/v2-0203`, `80090308: LdapErr`,
/// `?fhir_vs=refset/32570581000036105`, `[unique_id "163906103184.010102"]`, `blk_-5195120009388265`, `%ASA-3-338309:`.
pub(in crate::phi) fn of_a_program(scan: &Scan<'_>, token: Token) -> Option<usize> {
    let (before, from) = (&scan.bytes[..token.start()], &scan.bytes[token.start()..]);
    let digits = |from: &[u8]| from.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
    let len = match before.last()? {
        b'-' if before.ends_with(b"ISO-") && from.starts_with(b"8859-") => {
            Some(5 + digits(&from[5..])).filter(|len| *len <= 7)?
        }
        b'-' if before.ends_with(b"blk_-") => token.len(),
        // What Windows calls a machine that nobody named.
        b'-' if is_named_by_setup(before, &from[..token.len()]) => token.len(),
        b'-' if is_of_a_router(before) && token.len() == 1 && from.get(1) == Some(&b'-') => {
            let name =
                from[2..].iter().take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            (from.get(2 + name) == Some(&b':')).then_some(2 + name)?
        }
        b'/' if from.starts_with(b"v2-") && digits(&from[3..]) == 4 && is_of_terms(before) => 7,
        b'/' if before.ends_with(b"snomed.info/sct?fhir_vs=refset/") => token.len(),
        // ModSecurity numbers requests so, or with base64 of an address, a time and a counter.
        b'"' if before.ends_with(b"[unique_id \"") => {
            let len = from.iter().take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b'.').count();
            let plain = from[..len].iter().all(|b| b.is_ascii_digit());
            (from[len..].starts_with(b"\"]") && len >= 16 && !plain).then_some(len)?
        }
        b':' if is_account_of_a_cloud(before, from) => 12,
        b'[' if let Some(len) = error_of_h2(from) => len,
        // Active Directory begins its codes with an 8 or a zero.
        _ => {
            let opens = || [&b": "[..], b"[", b"(", b"- "].iter().any(|sign| before.ends_with(sign));
            let coded = token.len() == 8 && matches!(from[0], b'0' | b'8');
            (coded && from[8..].starts_with(b": LdapErr: ") && opens()).then_some(8)?
        }
    };
    Some(token.start() + len)
}

/// `[23505-224]`: how long the state of SQL and the build are that H2 ends its messages with.
fn error_of_h2(from: &[u8]) -> Option<usize> {
    let len = from.iter().take(10).position(|byte| *byte == b']')?;
    let (state, build) = from[..len].split_at_checked(5)?;
    let build = build.strip_prefix(b"-").filter(|build| build.len() == 3)?;
    (state.iter().chain(build).all(u8::is_ascii_digit)).then_some(len)
}

/// `arn:aws:sqs:eu-west-1:123456789012:intake`: whose the resource is.
fn is_account_of_a_cloud(before: &[u8], from: &[u8]) -> bool {
    const REACH: usize = 64;
    let near = &before[before.len().saturating_sub(REACH)..];
    let name = near
        .iter()
        .rposition(|byte| matches!(byte, b' ' | b'"' | b'=' | b'\''))
        .map_or(near, |at| &near[at + 1..]);
    let digits = from.iter().take(13).take_while(|byte| byte.is_ascii_digit()).count();
    name.starts_with(b"arn:aws") && digits == 12
}

fn is_of_terms(before: &[u8]) -> bool {
    before.ends_with(b"/CodeSystem/") || before.ends_with(b"/ValueSet/")
}

/// `%ASA-`: a firewall that numbers its messages, behind a percent sign.
fn is_of_a_router(before: &[u8]) -> bool {
    const FACILITY_BYTES_MAX: usize = 16;
    let Some(facility) = before.strip_suffix(b"-") else { return false };
    let len = facility.iter().rev().take(FACILITY_BYTES_MAX).take_while(|b| b.is_ascii_uppercase()).count();
    let (head, name) = facility.split_at(facility.len() - len);
    head.ends_with(b"%") && [&b"ASA"[..], b"FTD", b"PIX", b"FWSM"].contains(&name)
}

/// `WIN-U93G48C7BOP`, `DESKTOP-7QD9TN3`: capitals and digits, four letters of them at least, as many as setup draws, and no
/// number behind letters.
fn is_named_by_setup(before: &[u8], drawn: &[u8]) -> bool {
    let fits = |head: &[u8], len: usize| {
        drawn.len() == len
            && before.strip_suffix(head).is_some_and(|b| !b.last().is_some_and(u8::is_ascii_alphanumeric))
    };
    let letters = drawn.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let number = drawn.iter().skip_while(|byte| byte.is_ascii_uppercase());
    let mixed = number.clone().any(u8::is_ascii_uppercase);
    let plain = drawn.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (fits(b"WIN-", 11) || fits(b"DESKTOP-", 7) || fits(b"LAPTOP-", 8)) && plain && letters >= 4 && mixed
}
