//! The table of value rules: every finding of the flat scan names one of these rows.
//!
//! Owns the rows; the functions that propose candidates for them live beside this file, one per family of shapes.
//! A row gives the layer and confidence a finding has *by itself*; a cue lifts both (see `Scan::add`).

pub(super) mod codes;
pub(super) mod contact;
pub(super) mod dates;
pub(super) mod homonyms;
pub(super) mod keyed;
pub(super) mod links;
pub(super) mod mrz;
pub(super) mod network;
pub(super) mod numbers;
mod patient_id;
pub(super) mod places;
pub(super) mod secrets;

use super::class::{Class, Confidence, Layer};
pub(in crate::phi) use patient_id::is_number_of_patient;

/// One row: what a finding of this rule is called and how sure it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) class: Class,
    pub(super) layer: Layer,
    pub(super) confidence: Confidence,
}

const fn shape(id: &'static str, class: Class) -> Rule {
    Rule { id, class, layer: Layer::Shape, confidence: Confidence::High }
}

const fn likely(id: &'static str, class: Class) -> Rule {
    Rule { id, class, layer: Layer::Shape, confidence: Confidence::Medium }
}

const fn check(id: &'static str, class: Class) -> Rule {
    Rule { id, class, layer: Layer::Checksum, confidence: Confidence::High }
}

const fn context(id: &'static str, class: Class) -> Rule {
    Rule { id, class, layer: Layer::Context, confidence: Confidence::Medium }
}

pub(super) static SSN_GROUPED: Rule = shape("ssn.grouped", Class::Ssn);
pub(super) static SSN_MISTYPED: Rule = likely("ssn.grouped.unissued", Class::Ssn);
pub(super) static ITIN_GROUPED: Rule = shape("itin.grouped", Class::OtherId);
pub(super) static HICN: Rule = shape("hicn.grouped", Class::HealthPlan);
pub(super) static MBI: Rule = shape("mbi", Class::HealthPlan);
pub(super) static PHONE_E164: Rule = shape("phone.e164", Class::Phone);
pub(super) static PHONE_SLIPPED: Rule = likely("phone.e164.mistyped", Class::Phone);
pub(super) static PHONE_NANP: Rule = shape("phone.nanp", Class::Phone);
pub(super) static PHONE_GROUPED: Rule = likely("phone.grouped", Class::Phone);
pub(super) static PHONE_NATIONAL: Rule = likely("phone.national", Class::Phone);
pub(super) static NHS_GROUPED: Rule = check("nhs.grouped", Class::Mrn);
pub(super) static NHS_BARE: Rule = check("nhs", Class::Mrn);
pub(super) static OHIP_GROUPED: Rule = check("ohip.grouped", Class::Mrn);
pub(super) static SIN_GROUPED: Rule = check("sin.grouped", Class::OtherId);
pub(super) static AU_MEDICARE: Rule = check("au-medicare.grouped", Class::HealthPlan);
pub(super) static IHI: Rule = check("ihi", Class::Mrn);
pub(super) static IMEI_BARE: Rule = check("imei.bare", Class::Device);
pub(super) static CARD_GROUPED: Rule = check("card.grouped", Class::Account);
pub(super) static CARD_BARE: Rule = check("card.bare", Class::Account);
pub(super) static NIR: Rule = check("nir", Class::OtherId);
pub(super) static PERSONNUMMER: Rule = check("personnummer", Class::OtherId);
pub(super) static NATIONAL_GROUPED: Rule = shape("national.grouped", Class::OtherId);
pub(super) static HETU: Rule = shape("hetu", Class::OtherId);
pub(super) static NINO: Rule = shape("nino", Class::OtherId);
pub(super) static UK_LICENCE: Rule = shape("uk-licence", Class::License);
pub(super) static PPSN: Rule = check("ppsn", Class::OtherId);
pub(super) static RAMQ: Rule = shape("ramq", Class::Mrn);
pub(super) static KVNR: Rule = check("kvnr", Class::HealthPlan);
pub(super) static EHIC: Rule = shape("ehic", Class::HealthPlan);
pub(super) static DNI: Rule = check("dni", Class::OtherId);
pub(super) static CODICE_FISCALE: Rule = shape("codice-fiscale", Class::OtherId);
pub(super) static IBAN: Rule = check("iban", Class::Account);
pub(super) static MRZ: Rule = shape("mrz", Class::License);
pub(super) static VIN: Rule = check("vin", Class::Vehicle);
pub(super) static UDI: Rule = shape("udi.carrier", Class::Device);
pub(super) static MAC: Rule = shape("mac", Class::Device);
pub(super) static LINK_CUED: Rule = context("url.cued", Class::Url);
pub(super) static IPV4: Rule = shape("ipv4", Class::Ip);
pub(super) static IPV6: Rule = shape("ipv6", Class::Ip);
pub(super) static EMAIL: Rule = shape("email", Class::Email);
pub(super) static EMAIL_SPELLED: Rule = context("email.spelled", Class::Email);
pub(super) static NAME_BRACKETED: Rule = context("name.bracketed", Class::Name);
pub(super) static POSTCODE: Rule = likely("postcode", Class::Geo);
pub(super) static STREET: Rule = likely("street", Class::Geo);
pub(super) static PO_BOX: Rule = shape("po-box", Class::Geo);
pub(super) static CITY_ZIP: Rule = context("city-zip", Class::Geo);
pub(super) static TOWN: Rule = context("town", Class::Geo);
pub(super) static COORDINATES: Rule = context("coordinates", Class::Geo);
pub(super) static DATE_CUED: Rule = context("date.cued", Class::Date);
pub(super) static DATE_OLD: Rule = likely("date.old", Class::Date);
pub(super) static DATE_NAMED: Rule = context("date.beside-name", Class::Date);
pub(super) static DATE_OF_CARE: Rule = context("date.of-care", Class::Date);
pub(super) static DATE_DONE: Rule = context("date.done", Class::Date);
pub(super) static DATE_OF_COVER: Rule = context("date.of-cover", Class::Date);
pub(super) static DATE_OF_NAME: Rule = context("date.of-name", Class::Date);
pub(super) static DATE_SLOT: Rule = context("date.slot", Class::Date);
pub(super) static AGE: Rule = shape("age.over-89", Class::Date);
pub(super) static NUMBER_CUED: Rule = context("number.cued", Class::OtherId);
pub(super) static NUMBER_NAMED: Rule = context("number.beside-name", Class::Mrn);
pub(super) static PREFIXED: Rule = context("number.prefixed", Class::OtherId);
pub(super) static KEYED: Rule = context("value.keyed", Class::OtherId);
pub(super) static RECEIVED: Rule = context("value.received", Class::Clinical);
pub(super) static WHOLE_VALUE: Rule =
    Rule { id: "value.of-key", class: Class::OtherId, layer: Layer::Structure, confidence: Confidence::High };
pub(super) static API_KEY: Rule = shape("key.prefixed", Class::ApiKey);
pub(super) static JWT: Rule = shape("key.jwt", Class::ApiKey);
pub(super) static BEARER: Rule = context("key.authorization", Class::ApiKey);
pub(super) static URL_USERINFO: Rule = shape("key.userinfo", Class::ApiKey);
pub(super) static IMAGE: Rule = shape("photo.base64", Class::Photo);
