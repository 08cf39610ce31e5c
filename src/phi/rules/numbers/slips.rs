//! Numbers and days in which a letter was typed for a digit, or a blank beside a sign: `1958-O3-04`, `+61 491 57O 156`,
//! `123 -45- 6789`.
//!
//! Owns which letters are taken for digits, and how many of them and of such blanks a number may hold. What it is a number of, its cue must say; only a
//! plus sign speaks for itself.

use crate::phi::class::Class;
use crate::phi::rules::{NUMBER_CUED, PHONE_SLIPPED};
use crate::phi::scan::{Context, Scan};
use crate::phi::validate;

/// Letters for digits in one number, and the groups it has at most.
const SLIPS_MAX: usize = 2;
const GROUPS_MAX: usize = 6;
/// Longest group.
const GROUP_BYTES_MAX: usize = 11;

/// A number of several groups that begins with token `i`.
pub(in crate::phi) fn slipped(scan: &mut Scan<'_>, i: usize) -> bool {
    let first = scan.tok(i);
    if !matches!(scan.byte(first.end()), b' ' | b'-' | b'/' | b'.') {
        return false;
    }
    let start = first.start();
    let plus = scan.before(start) == b'+';
    let (mut end, mut digits, mut slips, mut blanks, mut groups, mut longest) = (start, 0, 0, 0, 0, 0);
    for token in (i..i + GROUPS_MAX).map_while(|j| scan.get(j)) {
        let sep = scan.byte(end);
        let gap = scan.bytes.get(end..token.start()).unwrap_or_default();
        let parted = is_parted(gap);
        let joined = groups == 0 || parted || gap.len() == 1 && matches!(sep, b' ' | b'-' | b'/' | b'.');
        let text = scan.slice(token);
        let of_digits = text.iter().all(|byte| byte.is_ascii_digit() || is_slip(*byte)) && token.has_digit();
        // Units stand behind blanks, as in `+2048 16B`.
        let unit = text.iter().any(|byte| matches!(byte, b'B' | b'S' | b'Z' | b'i'));
        if !joined || !of_digits || text.len() > GROUP_BYTES_MAX || unit && (sep == b' ' || plus) {
            break;
        }
        digits += text.iter().filter(|byte| byte.is_ascii_digit()).count();
        slips += text.iter().filter(|byte| is_slip(**byte)).count();
        blanks += usize::from(groups > 0 && parted);
        longest = longest.max(text.len());
        groups += 1;
        end = token.end();
    }
    if slips > SLIPS_MAX || slips + blanks == 0 || groups < 2 || digits < 4 {
        return false;
    }
    let plus = plus && slips > 0;
    let context = if plus { Context::NONE } else { scan.cue_before(i) };
    let class = match context.class() {
        // The code of a country has three digits at most.
        _ if plus && digits + slips >= 9 && first.len() <= 3 => Class::Phone,
        Some(class) if context.adjacent && (context.strong || class == Class::Date) => class,
        // `Invalid value for DTM: 1976-07-3l`: so long ago is nobody's but a person's.
        _ if groups == 3
            && longest == 4
            && digits + slips >= 7
            && first.len() == 4
            && validate::opens_with_old_year(scan.slice(first))
            && !context.is_safe() =>
        {
            Class::Date
        }
        _ => return false,
    };
    let enough = match class {
        Class::Name | Class::Email | Class::Url | Class::Photo | Class::Ip | Class::Clinical => false,
        // `age 20 - 30 - 40` lists three.
        Class::Date => groups == 3 && (6..=8).contains(&(digits + slips)) && (slips > 0 || longest == 4),
        Class::Geo => slips > 0,
        _ => digits + slips >= 7,
    };
    let rule = if plus { &PHONE_SLIPPED } else { &NUMBER_CUED };
    if enough {
        let signs =
            scan.bytes[..start].iter().rev().take(2).take_while(|byte| matches!(byte, b'+' | b'(')).count();
        let start = if class == Class::Phone { start - signs } else { start };
        scan.add_cued(rule, class, context, start..end);
    }
    enough
}

/// ` -`, `- `, ` ) `: a sign between two groups, and a blank beside it.
fn is_parted(gap: &[u8]) -> bool {
    let signs = gap.iter().filter(|byte| matches!(byte, b'-' | b'/' | b'.')).count();
    let brackets = gap.iter().filter(|byte| matches!(byte, b'(' | b')')).count();
    let blanks = gap.iter().filter(|byte| **byte == b' ').count();
    (2..=4).contains(&gap.len())
        && signs + brackets + blanks == gap.len()
        && blanks >= 1
        && (signs == 1 && brackets == 0 || signs == 0 && brackets == 1)
}

/// A letter that looks like a digit or lies beside it: `O` for `0`, `l` and `I` for `1`, `S` for `5`, `B` for `8`.
fn is_slip(byte: u8) -> bool {
    matches!(byte, b'O' | b'o' | b'l' | b'I' | b'i' | b'S' | b'B' | b'Z')
}
