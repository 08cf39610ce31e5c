//! Words that a parameter may hold and that name nobody.

/// What stands behind a field name when it is only named.
pub(super) const SORTS: &[&str] =
    &["", "asc", "desc", "ASC", "DESC", "true", "false", "exact", "contains", "missing", "exists"];

/// More words for an order of sorting.
pub(super) const ORDERS: &[&str] = &[
    "ascending",
    "descending",
    "up",
    "down",
    "1",
    "-1",
    "first",
    "last",
    "nulls",
    "text",
    "date",
    "number",
    "keyword",
    "nocase",
    "raw",
];

/// Who is meant where a user is named and nobody is.
pub(super) const NOBODY: &[&str] = &[
    "me",
    "self",
    "system",
    "any",
    "all",
    "none",
    "nobody",
    "unassigned",
    "current",
    "admin",
    "api",
    "everyone",
    "anyone",
    "patient",
    "practitioner",
    "provider",
    "service",
    "auto",
    "bot",
    "team",
    "staff",
    "true",
    "false",
    "user",
];
