//! The values of a request body: JSON by path, forms, XML, GraphQL and objects of other languages by the names in them,
//! anything else as free text. What only names a value is never remembered.

use super::{Echo, request_class, worth};
use crate::phi::{
    cues::KeyClass,
    names,
    structure::{field_class, looks_like_json, phi, view, words, xml},
};

mod graphql;
mod json;
mod markup;
mod plain;

/// Bytes of a body that are read. What is longer marks the echo incomplete.
const READ_BYTES_MAX: usize = 512 * 1024;

pub(super) fn add(
    echo: &mut Echo,
    content_type: Option<&str>,
    body: &[u8],
    by_path: &dyn Fn(&str) -> KeyClass,
) {
    let cut = body.len() > READ_BYTES_MAX;
    let body = &body[..body.len().min(READ_BYTES_MAX)];
    if cut {
        echo.mark_incomplete();
    }
    let owned;
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(_) => {
            owned = view::latin1(body).text;
            owned.as_str()
        }
    };
    if looks_like_json(text) {
        json::add(echo, text, by_path, 0);
    } else if content_type.is_some_and(|kind| kind.contains("form-urlencoded")) || is_form(text) {
        form(echo, text.trim(), by_path);
    } else if xml::looks_like_markup(text) {
        markup::add(echo, text, by_path, 0);
    } else if graphql::is_document(text) {
        graphql::add(echo, text, by_path);
    } else {
        plain::add(echo, text, by_path);
    }
}

/// Is a body without a type that says so a form: nothing but keys and escaped values?
fn is_form(text: &str) -> bool {
    let text = text.trim();
    let key = |key: &str| {
        (1..=128).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.%[]$:".contains(&byte))
    };
    !text.bytes().any(|byte| byte.is_ascii_whitespace() || b"<>\"{}".contains(&byte))
        && text.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, _)| key(name)))
}

/// Remembers a value under its key, as its class says.
fn learn(echo: &mut Echo, key: &str, class: KeyClass, value: &str) {
    let class = match class {
        // No word of a vocabulary, whatever the key says.
        KeyClass::Safe if value.split(' ').count() >= PROSE_WORDS_MIN && !is_firm(key, value) => {
            KeyClass::Free
        }
        class => class,
    };
    if phi(class).is_none() && is_pointer(value) || is_called_a_thing(key, value) {
        // The name of a field is no value, nor is what a thing is called.
    } else if !matches!(class, KeyClass::Unknown) {
        echo.add_value(class, value);
    } else if !worth::is_operational(key, value) {
        unknown(echo, value);
    }
}

/// `{"name":"BradenScaleDocumented"}`: under a key that anything may have, words that no person is called by.
fn is_called_a_thing(key: &str, value: &str) -> bool {
    matches!(key, "name" | "title" | "identifier") && names::is_compound_word(value)
}

/// `{"manufacturer":"Eli Lilly and Company"}`: a title of many words, and no prose.
fn is_firm(key: &str, value: &str) -> bool {
    const WORDS_MAX: usize = 8;
    let title = |word: &str| {
        word.starts_with(char::is_uppercase) || matches!(word, "and" | "of" | "the" | "for" | "&")
    };
    key == "manufacturer" && value.split(' ').count() <= WORDS_MAX && value.split(' ').all(title)
}

/// A value of as many words is prose.
const PROSE_WORDS_MIN: usize = 4;

fn form(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    for pair in text.split('&').take(1024) {
        let Some((key, value)) = pair.split_once('=') else { continue };
        let key = view::percent(key, true).map_or_else(|| key.to_owned(), |view| view.text);
        let value = view::percent(value, true).map_or_else(|| value.to_owned(), |view| view.text);
        // `emergency_contacts[0][name]`
        let class = match request_class(&key, &key, by_path) {
            KeyClass::Unknown => field_class(&key),
            class => class,
        };
        if looks_like_json(&value) {
            json::add(echo, &value, by_path, 1);
        } else if !matches!(class, KeyClass::Unknown) || !worth::is_operational(&key, &value) {
            echo.add_value(class, &value);
        }
    }
}

/// A JSON pointer, as the operations of a patch name their target.
fn is_pointer(value: &str) -> bool {
    value.strip_prefix('/').is_some_and(|path| {
        path.split('/').all(|part| {
            part == "-" || part.bytes().all(|byte| byte.is_ascii_digit()) || words::is_field_name(part)
        })
    })
}

/// Values of unknown keys of a body are mostly words of the API; those that are not are worth keeping.
fn unknown(echo: &mut Echo, value: &str) {
    let speaks = value
        .bytes()
        .any(|byte| byte == b' ' || byte == b'@' || byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if speaks && value.len() >= 5 {
        echo.add_value(KeyClass::Unknown, value);
    }
}
