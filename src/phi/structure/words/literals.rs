//! Whole values that are words of a format: types, the absence of a value, classes of errors, durations; and those that
//! are no value of their class at all.

use super::{
    is_bind, is_common, is_domain, is_field_name, is_host_of_nobody, is_machine_name, is_message,
    is_name_of_parameter, is_type_of_resource,
};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    list::List,
    names::{self, is_listed},
    rules::{dates::is_month, keyed::is_well_known_sid},
    structure::class_of,
    systems,
};

/// Names of types and the absence of a value.
pub(crate) fn is_type_word(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<67> = List::new([
        "string", "number", "integer", "int", "long", "float", "double", "boolean", "bool", "object", "array", "null",
        "undefined", "nan", "none", "nil", "date", "datetime", "true", "false", "unknown", "any", "never", "bigint",
        "map", "set", "record", "list", "dict", "str", "empty", "missing", "n/a", "na", "<nil>", "(null)", "-", "--",
        "invalid_date", "invalid date", "nonetype", "text", "varchar", "timestamp", "required", "invalid", "***",
        "<redacted>", "redacted", "[redacted]", "[filtered]", "<filtered>", "filtered", "(filtered)", "[hidden]",
        "[masked]", "****", "********", "xxxxx", "*", "?", "...", "e.164", "e164", "isemail", "ismobilephone",
        "isphonenumber",
    ]);
    WORDS.has(word.as_bytes())
}

/// A value under a PHI key that is a word of the format: a type, an error class, the name of a field.
pub(crate) fn is_literal(value: &str, class: Class) -> bool {
    // `Long` and `May` are family names, `long` and `LONG` types.
    let titled = class == Class::Name
        && matches!(value, "Long" | "Field" | "Key" | "Date" | "Map" | "Any" | "Set" | "Text" | "Number");
    if is_type_word(value) && !titled
        || is_bind(value)
        || is_layout(value)
        || !matches!(class, Class::Photo | Class::Url) && systems::is_canonical(value)
        || is_path_in_resource(value)
    {
        return true;
    }
    // `User "system:serviceaccount:clinic:claims-runner" cannot list …`, as Kubernetes calls its own accounts.
    if value.starts_with("system:serviceaccount:") {
        return true;
    }
    // `<address>Varnish cache server</address>`, `GTIN 00844588003281`: which server answered, which model.
    let server = class == Class::Geo
        && value.to_ascii_lowercase().ends_with(" server")
        && !value.bytes().any(|byte| byte.is_ascii_digit());
    if server {
        return true;
    }
    // `Line 1, Col 482`: where in a document.
    if value
        .strip_prefix("Line ")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(", Col"))
    {
        return true;
    }
    if value.bytes().any(|byte| byte.is_ascii_whitespace()) || value.len() > 64 {
        return false;
    }
    if class != Class::ApiKey && is_path_of_document(value)
        || class == Class::ApiKey && is_well_known_sid(value)
        || class == Class::Date && is_message_code(value)
    {
        return true;
    }
    // `client_name: nightly-export`, `Who: runner@ci-runner-14`
    if class == Class::Name && (is_called_after_a_job(value) || is_account_on_a_host(value)) {
        return true;
    }
    let error_class = ["Error", "Exception", "Fault", "Warning"]
        .iter()
        .any(|end| value.ends_with(end) && value.len() > end.len());
    if error_class && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_') {
        return true;
    }
    // `email_invalid:4`: a count.
    if class == Class::Email && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    // `birthdate: prefix 'ab'`
    let of_format =
        matches!(value, "prefix" | "format" | "field" | "parameter" | "modifier" | "column" | "value");
    if class == Class::Date && (is_duration(value) || of_format) {
        return true;
    }
    // `IRIS: Database`, `UDI-DI`: no print of anybody is one word, and no serial number is two letters.
    let letters = value.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters
        && (class == Class::Biometric && value.len() < 16 && !is_listed(value)
            || class == Class::Device && value.len() < 4)
    {
        return true;
    }
    // `application name: Hyperspace.exe`
    if class == Class::Name && is_program(value)
        || matches!(class, Class::Name | Class::Geo) && is_host_of_nobody(value)
    {
        return true;
    }
    // `minItems`, `Blue Cross`, `keyword=STOP`: no number of anybody is without digits, unless it is in capitals.
    let numeric = matches!(
        class,
        Class::Phone
            | Class::Fax
            | Class::Ssn
            | Class::Mrn
            | Class::HealthPlan
            | Class::Account
            | Class::Vehicle
    );
    if is_literal_id(value, class) {
        return true;
    }
    if numeric
        && value.len() >= 3
        && value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-.=".contains(&byte))
        && value.bytes().skip(1).any(|byte| byte.is_ascii_lowercase())
    {
        return true;
    }
    // A field name under a key that could hold a field name; anywhere else such a word would be a strange value.
    class == Class::Name && is_field_name(value)
}

/// `chart=portal@3.12.0`: a word of machines where a number of somebody could stand.
pub(crate) fn is_literal_id(value: &str, class: Class) -> bool {
    matches!(class, Class::Mrn | Class::Account | Class::OtherId | Class::HealthPlan | Class::Device)
        && (is_release(value) || class == Class::HealthPlan && is_hash(value))
}

/// `8e9e05c52164694d`, `10501334649042878790`, `consumer-1-8e9e05c5-…`: the id of a member of a cluster. No insurer numbers in
/// small letters, or with eighteen digits.
fn is_hash(value: &str) -> bool {
    let small = value.bytes().filter(u8::is_ascii_lowercase).count();
    let plain = value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let decimal = value.bytes().all(|b| b.is_ascii_digit());
    // The European card has twenty, of which the first two say health.
    let card = value.len() == 20 && value.starts_with("80");
    value.len() >= 16 && plain && small >= 2 || value.len() >= 18 && decimal && !card
}

/// `XXX-XX-XXXX`, `MM/DD/YYYY only`, `Use the form (###) ###-####`: how a value is written, and none.
fn is_layout(value: &str) -> bool {
    const BYTES_MAX: usize = 160;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let hashes = value.bytes().filter(|byte| *byte == b'#').count();
    if value.len() > BYTES_MAX || digits > 2 || hashes == 0 && digits > 0 {
        return false;
    }
    let sign = |byte: u8| b"#XxNnYMDymd-/.()+1".contains(&byte);
    let layout = |word: &str| {
        word.len() >= 3
            && word.bytes().all(sign)
            && (word.contains(['#', '-', '/']) || word.len() >= 5)
            && word.bytes().filter(|byte| byte.is_ascii_alphabetic() || *byte == b'#').count() >= 3
    };
    let mut words = value.split([' ', ',', ':']).filter(|word| !word.is_empty()).peekable();
    let said = |word: &str| match hashes {
        0..3 => is_common(word.trim_end_matches(['.', ';'])) || word.len() <= 2,
        _ => word.starts_with(|c: char| c.is_ascii_lowercase()) || value.starts_with(word),
    };
    words.clone().any(layout) && words.all(|word| layout(word) || said(word))
}

/// `portal@3.12.0`, `ingress-nginx-4.11.3`: a package or a chart with its version; no number behind a name, a word for a
/// number or a letter, and no more digits than a version has.
pub(crate) fn is_release(value: &str) -> bool {
    const DIGITS_MAX: usize = 6;
    const LETTERS_MIN: usize = 3;
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    value.rsplit_once(['@', ':']).or_else(|| value.rsplit_once('-')).is_some_and(|(name, version)| {
        let version = version.strip_prefix('v').unwrap_or(version);
        let words = || name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        name.starts_with(|c: char| c.is_ascii_lowercase() || c == '@')
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_./@".contains(&b))
            && name.bytes().filter(u8::is_ascii_alphabetic).count() >= LETTERS_MIN
            && version.split('.').count() == 3
            && version.split('.').all(number)
            && version.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX
            && !words().any(|word| names::traits(word).likely)
            && !words().next_back().is_some_and(|word| matches!(class_of(word), KeyClass::Phi(_)))
    })
}

/// `nightly-export`: what runs by itself, called after what it does.
fn is_called_after_a_job(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const JOBS: [&str; 16] = [
        "agent", "backup", "batch", "export", "exporter", "feed", "import", "importer", "job", "loader", "proxy", "report", "service",
        "sync", "task", "worker",
    ];
    value.rsplit_once('-').is_some_and(|(_, job)| JOBS.contains(&job))
        && is_name_of_parameter(value)
        && !value.split('-').any(|part| part.len() < 4 || is_listed(part))
}

/// `$action`, `$patient.mrn`: where in a document something stands, as pipelines of MongoDB write it.
fn is_path_of_document(value: &str) -> bool {
    let element = |element: &str| {
        element.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && element.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && (element.starts_with('_')
                || element.len() <= 2
                || is_common(element) && !is_listed(element)
                || class_of(element) != KeyClass::Unknown)
    };
    value.strip_prefix('$').is_some_and(|path| path.split('.').all(element))
}

/// `HAPI-1882`: which of its messages a program prints.
fn is_message_code(value: &str) -> bool {
    value.split_once('-').is_some_and(|(program, number)| {
        let named = is_listed(program) && names::is_distinctive(program);
        !named
            && !is_month(program.to_ascii_lowercase().as_bytes())
            && !matches!(class_of(program), KeyClass::Phi(_))
            && (3..=8).contains(&program.len())
            && program.bytes().all(|byte| byte.is_ascii_uppercase())
            && (3..=5).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `runner@ci-runner-14`: what every machine calls an account, and the machine.
fn is_account_on_a_host(value: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const ACCOUNTS: [&str; 16] = [
        "root", "runner", "jenkins", "gitlab-runner", "github", "actions", "buildkite", "atlantis", "deploy", "ubuntu", "ec2-user",
        "admin", "postgres", "airflow", "vagrant", "terraform",
    ];
    value.split_once('@').is_some_and(|(account, host)| {
        let mut parts =
            host.split(['.', '-']).map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
        let told = host.bytes().any(|byte| byte.is_ascii_digit())
            || parts.clone().any(|part| ACCOUNTS.contains(&part));
        ACCOUNTS.contains(&account)
            && told
            && !parts.any(|part| is_listed(part) && names::is_distinctive(part))
            && host
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
    })
}

/// `Patient.identifier[0].value`: where in a resource something stands (FHIRPath), beginning with its type.
fn is_path_in_resource(value: &str) -> bool {
    let element = |element: &str| {
        let name = element.split('[').next().unwrap_or_default();
        !name.is_empty()
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && element.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"[]()".contains(&byte))
    };
    let mut elements = value.split('.');
    let typed =
        elements.next().is_some_and(|first| is_type_of_resource(first.split('[').next().unwrap_or_default()));
    typed && value.contains('.') && elements.all(element)
}

/// A number of at most three digits, or a fraction.
pub(crate) fn is_small(value: &str) -> bool {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let short = whole.len() + part.len() <= 3 || whole == "0" && part.len() <= 4;
    !whole.is_empty() && digits(whole) && digits(part) && short && !value.ends_with('.')
}

/// The file of a program.
fn is_program(value: &str) -> bool {
    const ENDS: [&str; 12] =
        [".exe", ".dll", ".jar", ".so", ".sys", ".msi", ".service", ".war", ".sh", ".ps1", ".bat", ".py"];
    ENDS.iter().any(|end| value.len() > end.len() && value.ends_with(end))
}

/// `not-an-email`, `none of your biz`: no value of this class and no words of a validator, beside a member that says what
/// is wrong with it. What only says that it is wrong (`invalid-email`, `not_unique`, `must be a string`) stays.
pub(crate) fn is_mistyped(value: &str, class: Class) -> bool {
    let checked = matches!(
        class,
        Class::Email | Class::Phone | Class::Fax | Class::Ssn | Class::Mrn | Class::HealthPlan
    );
    let code = |word: &str| {
        matches!(
            word,
            "invalid"
                | "missing"
                | "required"
                | "bad"
                | "unknown"
                | "duplicate"
                | "already"
                | "too"
                | "must"
                | "unique"
        )
    };
    checked
        && value.contains(['-', ' '])
        && !value.contains(['@', '_', '{', '[', '<', '='])
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
        && (class == Class::Email || !is_domain(value))
        // `refill-scheduler-6f0f8d3c`: which worker it is.
        && !(matches!(class, Class::Mrn | Class::HealthPlan) && is_machine_name(value))
        && !value.split(['-', ' ']).any(|word| code(&word.to_ascii_lowercase()))
        && (!value.contains(' ') || !is_message(value))
}

/// `3600s`, `15m`, `250ms`: the age of a cache, not of a person.
fn is_duration(value: &str) -> bool {
    // `6h12m`: as Go prints them.
    let mut rest = value;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let unit = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        if digits == 0
            || !matches!(&rest[digits..digits + unit], "s" | "ms" | "us" | "ns" | "m" | "min" | "h")
        {
            return false;
        }
        rest = &rest[digits + unit..];
    }
    !value.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told_from_a_number_behind_a_word() {
        for value in ["portal@3.12.0", "ingress-nginx-4.11.3", "@scope/web@12.0.144"] {
            assert!(is_release(value), "{value}");
        }
        for value in [
            "a-447.182.901",
            "jane-447.182.901",
            "jane-44.71.82",
            "p@531.40.8862",
            "ssn-53.14.08",
            "fax@512.555.0143",
            "chart-447.182.901",
        ] {
            assert!(!is_release(value), "{value}");
        }
    }
}
