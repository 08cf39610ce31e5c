//! What a value that no field names looks like: a name, prose of a person, an organisation, a word of machines; and what
//! makes of two values two of one field.

use crate::phi::structure::words;

/// One capitalised word that no machine says.
pub(super) fn is_lone_name(content: &str) -> bool {
    let mut letters = content.chars();
    content.len() >= 3
        && letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase)
        && content.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'')
        && content.chars().filter(|c| c.is_uppercase()).count() <= 1 + content.matches(['-', '\'']).count()
        && !content.split('-').all(words::is_common)
}

/// More than one word, and not only words of machines: somebody wrote this.
pub(super) fn is_prose_of_a_person(content: &str) -> bool {
    let words: Vec<&str> =
        content.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(64).collect();
    // `A54.4+ M73.04*` is no prose: a word has two letters.
    let letters = words.iter().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2).count();
    let common = words
        .iter()
        .filter(|word| words::is_common(word) || word.bytes().all(|b| b.is_ascii_digit()))
        .count();
    content.contains(' ')
        && letters >= 2
        && common * 10 < words.len() * 6
        && !content.contains(['/', '\\', '<', '=', '_', '$'])
        && !content.contains("::")
        // `caddy fmt --overwrite` is a command, `return reply` a statement.
        && !content.contains(" --")
        && !is_statement(content)
        && !content.contains("[REDACTED:")
}

/// `return reply`: of a program.
fn is_statement(content: &str) -> bool {
    content.strip_prefix("return ").is_some_and(|value| !value.trim_end_matches(';').contains(' '))
}

/// `Cedars-Sinai Medical Center`, `Edinburgh Postnatal Depression Scale`: what a place of care, a firm or a form is called.
pub(in crate::phi::structure) fn is_organisation(content: &str) -> bool {
    const KINDS: [&str; 23] = [
        "Scale",
        "Questionnaire",
        "Inventory",
        "Index",
        "Checklist",
        "Survey",
        "Pathway",
        "Hospital",
        "Center",
        "Centre",
        "Clinic",
        "University",
        "Institute",
        "Inc",
        "LLC",
        "Ltd",
        "GmbH",
        "Health",
        "Pharmacy",
        "Laboratory",
        "Laboratories",
        "Foundation",
        "Trust",
    ];
    // `…, week 6`
    let content = content.split(", ").next().unwrap_or_default();
    content.split(' ').count() <= 6
        && content
            .split([' ', ',', '.'])
            .any(|word| KINDS.contains(&word) || word.starts_with("Universit") || word.ends_with("klinik"))
        && content
            .split(' ')
            .all(|word| word.starts_with(|c: char| c.is_uppercase() || c == '&') || word.len() <= 3)
        && content.contains(' ')
}

/// `Glasgow Coma Scale`, `PHQ-9`: what is asked or scored, whoever answers it.
pub(super) fn is_scale(content: &str) -> bool {
    const FORMS: [&str; 10] =
        ["PHQ-2", "PHQ-9", "GAD-2", "GAD-7", "AUDIT-C", "DAST-10", "SF-12", "SF-36", "EQ-5D", "CAGE-AID"];
    const KINDS: [&str; 6] = ["Scale", "Score", "Questionnaire", "Inventory", "Index", "Checklist"];
    let mut words = content.split(' ');
    let capital = |word: &str| {
        word.len() >= 2
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.is_ascii()
            && word[1..].bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let named = (2..=5).contains(&words.clone().count()) && words.all(capital);
    FORMS.contains(&content) || named && KINDS.iter().any(|kind| content.ends_with(kind))
}

/// `rule "p95 latency > 800ms" for dashboard …`: what is watched, and no person spoken of behind it.
pub(super) fn is_watched(last: &str, right: &str) -> bool {
    const WATCHERS: [&str; 8] =
        ["rule", "monitor", "dashboard", "slo", "threshold", "probe", "alarm", "datasource"];
    const PERSONS: [&str; 4] = ["patient", "member", "resident", "client"];
    WATCHERS.iter().any(|watcher| last.eq_ignore_ascii_case(watcher))
        && !PERSONS.iter().any(|person| right.contains(person))
}

pub(super) fn is_capitals(content: &str) -> bool {
    content.len() >= 3 && content.chars().all(char::is_uppercase)
}

/// Numbers, booleans, ids, timestamps and words of machines.
pub(super) fn is_operational(content: &str) -> bool {
    let content = content.trim();
    let opaque = content.len() >= 16
        && content.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && content.contains(|c: char| c.is_ascii_alphabetic());
    let number = content.strip_prefix('-').unwrap_or(content);
    let counter = number.len() <= 5 && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let stamp = content.is_ascii()
        && content.len() >= 19
        && content.as_bytes()[4] == b'-'
        && content[10..].contains(':');
    let id = content.split_once('_').is_some_and(|(prefix, id)| {
        prefix.len() <= 5
            && prefix.bytes().all(|b| b.is_ascii_lowercase())
            && id.bytes().any(|b| b.is_ascii_digit())
            && !content.contains(' ')
    });
    // `CURRENT_TIMESTAMP`, `NOW()`, `1000.00`: what the database fills in, and money.
    let filled = content.ends_with("()")
        || matches!(content, "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "DEFAULT" | "SYSDATE" | "LOCALTIMESTAMP");
    let money = number.split_once('.').is_some_and(|(whole, cents)| {
        whole.len() <= 7
            && cents.len() == 2
            && (whole.bytes().chain(cents.bytes())).all(|b| b.is_ascii_digit())
    });
    content.is_empty()
        || opaque
        || filled
        || money
        || counter
        || stamp
        || id
        || content.starts_with("[REDACTED:")
        || words::is_type_word(content)
        || words::is_common(content)
        || words::is_bind(content)
        || content.starts_with('?')
        || content.starts_with('$')
        || content == "..."
}

/// Do the words before `with name` tell of a thing, the last of them first?
pub(super) fn is_named_thing<'t>(mut before: impl Iterator<Item = &'t str>) -> bool {
    let mut word = before.next().unwrap_or("");
    while matches!(word, "with" | "the" | "a" | "of" | "by") {
        word = before.next().unwrap_or("");
    }
    let lower = word.to_ascii_lowercase();
    crate::phi::cues::is_thing(&lower)
        || matches!(
            lower.as_str(),
            "bean"
                | "beans"
                | "component"
                | "file"
                | "class"
                | "method"
                | "property"
                | "relation"
                | "view"
                | "secret"
                | "configmap"
                | "certificate"
                | "datasource"
                | "field"
                | "entity"
                | "dependency"
                | "symbol"
        )
}

/// `surname "Featherston" vs "Fetherston"`: what stands between two values of one field.
pub(super) fn compares(between: &str) -> bool {
    matches!(
        between.trim_matches([' ', '\\']),
        "vs" | "vs."
            | "versus"
            | "!="
            | "<>"
            | "->"
            | "=>"
            | "\u{2192}"
            | "\u{2260}"
            | "instead of"
            | "rather than"
            | "not"
    )
}

/// `Ru7hven`: one capital, small letters, and a digit among them.
pub(super) fn is_mistyped_name(content: &str) -> bool {
    let digits = content.bytes().filter(u8::is_ascii_digit).count();
    let inside = content.trim_end_matches(|c: char| c.is_ascii_digit());
    (1..=2).contains(&digits)
        && inside.len() == content.len()
        && content.len() >= 5
        && content.starts_with(|c: char| c.is_ascii_uppercase())
        && content[1..].bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Digits with two signs between them or a word, or eight of them: `31/12/1988`, `3 Mar 1988`, `19881231`.
pub(super) fn is_written_day(value: &str) -> bool {
    let signs = value.bytes().filter(|byte| matches!(byte, b'-' | b'/' | b'.')).count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let year = value.len() == 4 && ["18", "19", "20"].iter().any(|century| value.starts_with(century));
    let word = value.bytes().filter(u8::is_ascii_alphabetic).count() >= 3;
    signs >= 2 || year || word || digits >= 3 && value.contains('/') || digits == 8 && value.len() == 8
}
