//! Serial numbers of certificates and disks, plates of laboratories, models instead of devices.

use super::{Cue, digits, has_word, is_of_at_most};
use crate::phi::list::List;
use crate::phi::validate;

pub(super) fn device(cue: &Cue<'_>) -> bool {
    // `Mfr=1, Product=2, SerialNumber=3`: where a name stands.
    cue.word == "serialnumber" && is_of_at_most(cue.value(), 1)
        || is_of_certificate(cue.text, cue.at)
        || is_of_model(cue.word, cue.value())
        || cue.word == "sn" && cue.line().contains("]: Device: /dev/") && cue.speaks_of(&["smartd"])
        || cue.word.starts_with("serial") && is_of_a_disk_or_session(cue)
}

pub(super) fn vehicle(cue: &Cue<'_>) -> bool {
    match cue.word {
        // `rcar-vin e6ef0000.video`: where a kernel finds a camera.
        "vin" => is_of_at_most(cue.value(), 2) || cue.speaks_of(&["rcar", "v4l2"]),
        word => is_any_plate(word) && is_of_lab(cue),
    }
}

/// `InterSystems IRIS 2024.1.2`
pub(super) fn biometric(cue: &Cue<'_>) -> bool {
    let text = cue.value();
    let parts = text.split(|c: char| !c.is_ascii_digit()).take_while(|part| !part.is_empty()).count();
    let len = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    cue.word == "iris" && parts >= 3 && len >= 5
}

/// `smartd: disk sdb serial WD-…`, `sid 402, serial# 51877`: what has serial numbers and is nobody's.
fn is_of_a_disk_or_session(cue: &Cue<'_>) -> bool {
    // What has a disk, and is somebody's.
    const WORN: [&str; 3] = ["device", "monitor", "patient"];
    let nobodys = cue.speaks_of(&["smartd", "sda", "sdb", "nvme"])
        || cue.follows(&["serial# "]) && cue.speaks_of(&["sid"])
        // `example.com/IN: transferred serial 2026021501`
        || cue.follows(&["/in: transferred serial "]);
    nobodys && !cue.speaks_of(&WORN) && !is_of_a_body(cue.line())
}

/// `tls certificate renewed … serial=03:9a:4f:…`, `certbot: … key ECDSA P-256, serial 03a91f7b`: a serial number that names
/// no device, as that of a zone of the DNS (RFC 1035 section 3.3.13).
pub(in crate::phi) fn is_of_certificate(text: &str, at: usize) -> bool {
    const REACH: usize = 160;
    #[rustfmt::skip] // Rows of words, not one a line.
    const CERTIFICATES: [&[u8]; 14] = [
        b"certificate", b" cert ", b"certbot", b"x509", b"openssl", b"subject=cn", b" zone ", b" soa ", b"axfr", b"ixfr", b"/in: loaded ",
        b"/in: sending notifies ", b"/in' from ", b"/in': ",
    ];
    // What is born with, given or written for somebody, and the hours of a place.
    const OTHERS: [&[u8]; 6] =
        [b"device", b"birth cert", b"death cert", b"medical cert", b"vaccination cert", b"time zone"];
    let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    CERTIFICATES.iter().any(|phrase| has(before, phrase))
        && has(before, b"serial")
        && !OTHERS.iter().any(|phrase| has(before, phrase))
        && !is_of_a_body(before)
}

/// Does `text` speak of what somebody wears, or is helped by?
fn is_of_a_body(text: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const WORN: [&[u8]; 17] = [
        b"pacemaker", b"pump", b"implant", b"prosthesis", b"cpap", b"ventilator", b"defibrillator", b"hearing", b"cochlear",
        b"glucometer", b"holter", b"spirometer", b"oximeter", b"nebulizer", b"inhaler", b"concentrator", b"wheelchair",
    ];
    // Other words have these in them.
    const WORN_WORDS: [&str; 5] = ["meter", "pen", "cgm", "udi", "udicarrier"];
    WORN.iter().any(|worn| has(text, worn)) || has_word(text, &WORN_WORDS)
}

/// Does `phrase` stand in `text`, in any case?
fn has(text: &str, phrase: &[u8]) -> bool {
    text.as_bytes().windows(phrase.len()).any(|window| window.eq_ignore_ascii_case(phrase))
}

/// `Device.udiCarrier.deviceIdentifier 00871848523859`: which model a device is of, in fourteen digits. The serial number is
/// another part of its label.
pub(in crate::phi) fn is_of_model(word: &str, value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'', '\\']);
    let (number, behind) = value.split_at(digits(value));
    number.len() == 14
        && !behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '(' | '_'))
        && (word.ends_with("deviceidentifier")
            || word.ends_with("device_identifier")
            || matches!(word, "udi" | "udicarrier" | "deviceudi") && validate::gtin14(number.as_bytes()))
}

/// `plate`, `assay_plate`: not what only a vehicle has, as `licensePlate`.
fn is_any_plate(word: &str) -> bool {
    const KINDS: [&str; 5] = ["assay", "micro", "well", "pcr", "sample"];
    word.strip_suffix("plate").is_some_and(|kind| {
        let kind = kind.trim_end_matches(['_', '-', '.']);
        kind.is_empty() || KINDS.iter().any(|known| kind.ends_with(known))
    })
}

/// `plate P-0412 (96 wells)`: does a plate near here hold samples, and is it no vehicle's?
fn is_of_lab(cue: &Cue<'_>) -> bool {
    const REACH: usize = 80;
    #[rustfmt::skip] // Rows of words, not one a line.
    static LAB: List<11> = List::new([
        "wells", "assay", "pcr", "elisa", "reagent", "incubator", "centrifuge", "microplate", "flowcell", "demux", "lims",
    ]);
    #[rustfmt::skip]
    static VEHICLES: List<13> = List::new([
        "car", "vehicle", "parking", "license", "licence", "tag", "registration", "reg", "truck", "van", "driver", "visitor", "ambulance",
    ]);
    let text = cue.text;
    let near = &text[text.ceil_char_boundary(cue.at.saturating_sub(REACH))
        ..text.floor_char_boundary((cue.at + REACH).min(text.len()))];
    let words = || near.split(|c: char| !c.is_alphabetic()).map(str::as_bytes);
    (words().any(|word| LAB.has(word)) || near.contains("-well")) && !words().any(|word| VEHICLES.has(word))
}
