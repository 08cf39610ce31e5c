//! Text that is no YAML, and YAML that is not what was meant: where something is to be changed, and what.

use super::Mistake;

pub(super) const YAML: &[Mistake] = &[
    // Indentation
    ("guards:\n\turl: {mode: observe}\n", "2:1:", &["indent with spaces"]),
    ("guards:\n  url:\n\t  mode: observe\n", "3:1:", &["indent with spaces"]),
    ("limits:\n  plan: pro\n\tper_minute: 4\n", "3:1:", &["indent with spaces"]),
    ("limits:\n  plan: pro\n   per_minute: 4\n", "3:4:", &["indented further than the key above it"]),
    ("limits:\n  plan: pro\n per_minute: 4\n", "3:2:", &["no key above begins in this column"]),
    ("version: 1\n  limits:\n    plan: pro\n", "2:3:", &["indented further than the key above it"]),
    (" version: 1\nlimits:\n  plan: pro\n", "1:2:", &["begin in the first column"]),
    (
        "guards:\n  caller:\n    tokens:\n      - name: a\n       env: B\n",
        "5:8:",
        &["begin with `- ` in one column"],
    ),
    (
        "guards:\n  routes:\n    allow:\n      - GET /v1/patients\n      deny: []\n",
        "5:7:",
        &["the column of the list's own key"],
    ),
    // Keys
    (
        "limits:\n  plan: pro\nlimits:\n  per_minute: 3\n",
        "3:1: limits:",
        &["already written on line 1; a key stands once: join the two"],
    ),
    // Colons
    ("version: 1\nlimits\n  plan: pro\n", "2:7:", &["the key has no colon"]),
    ("limits:\n  plan pro\n  per_minute: 4\n", "2:11:", &["the key has no colon"]),
    ("version:1\nlimits: {plan: pro}\n", "1:8:", &["write a space behind the colon"]),
    ("limits:\n  plan pro\n", "2:3: limits:", &["found text; the key has no colon"]),
    ("limits:\n  plan:pro\n", "2:3: limits:", &["found text; write a space behind the colon"]),
    ("limits: {plan:pro}\n", "1:10:", &["unknown key", "write a space behind its colon"]),
    ("plan = 'pro'\n", "1:1:", &["not `key = value`"]),
    ("limits: plan: pro\n", "1:13:", &["a second `: `"]),
    (
        "guards:\n  url:\n    exceptions:\n      - reason: the desk: searches\n",
        "4:25:",
        &["quote a value that has one"],
    ),
    ("limits:\n\u{a0} plan: pro\n", "2:1:", &["only looks like a space"]),
    // Quotes
    ("upstream:\n  url: \"https://a.example\nlimits: {plan: pro}\n", "2:8:", &["is not closed on its line"]),
    ("upstream:\n  url: 'https://a.example", "2:", &["is not closed on its line"]),
    ("compliance:\n  baa: {signed_by: 'J. O'Roe'}\n", "2:26:", &["within single quotes twice"]),
    ("audit:\n  file: \"/a\" b\n", "2:14:", &["the quoted text has ended here"]),
    ("guards: {routes: {allow: [\"GET /a\" \"GET /b\"]}}\n", "1:36:", &["separate values with a comma"]),
    ("scrub: {rules: [{pattern: \"\\d+\"}]}\n", "1:27:", &["put patterns into single quotes"]),
    ("audit: {file: “/a”}\n", "1:15: audit.file:", &["these quotes are none of YAML"]),
    // Signs that mean something
    ("guards: {routes: {allow: [* /v1/patients/**]}}\n", "1:27:", &["quote a text that begins with `*`"]),
    (
        "guards:\n  routes:\n    allow:\n      - * /v1/patients/**\n",
        "4:9:",
        &["quote a text that begins with `*`"],
    ),
    ("guards: {access: {roles: {admin: {*: [read]}}}}\n", "1:35:", &["quote a text that begins with `*`"]),
    ("audit:\n  file: @a\n", "2:9:", &["quote a value that begins with this character"]),
    ("audit:\n  file: `a`\n", "2:9:", &["quote a value that begins with this character"]),
    ("audit:\n  file: |a\n", "2:9:", &["quote a value that begins with one of them"]),
    // Lists and brackets
    (
        "limits: {plan: pro\naudit: {sink: stdout}\n",
        "2:6:",
        &["a comma between two values is missing, or the bracket"],
    ),
    ("limits: {plan: pro per_minute: 3}\n", "1:30:", &["a comma between two values is missing"]),
    (
        "guards:\n  routes:\n    allow: [\"GET /v1/patients\"\n    deny: []\n",
        "4:5:",
        &["or the bracket that closes them"],
    ),
    ("limits: {plan: pro}}\n", "1:20:", &["this bracket closes nothing"]),
    ("guards: {routes: {allow: [- GET /v1/patients]}}\n", "1:27:", &["without `- `"]),
    (
        "guards:\n  routes:\n    allow: - GET /v1/patients\n",
        "3:12:",
        &["on lines of their own below the key"],
    ),
    (
        "guards:\n  routes:\n    allow:\n      -GET /v1/patients\n      -GET /v1/notes\n",
        "4:7: guards.routes.allow:",
        &["found text; write a space behind each `-`"],
    ),
    // What other tools leave
    ("<<<<<<< HEAD\nversion: 1\n=======\nversion: 1\n>>>>>>> theirs\n", "1:1:", &["a merge conflict"]),
    ("limits:\n  plan: {{ .Values.plan }}\n", "2:9:", &["a template that was not rendered"]),
    ("{{- if .Values.guard }}\nversion: 1\n{{- end }}\n", "1:1:", &["a template that was not rendered"]),
    ("version: 1\nlimits:\n  plan: pro\u{1}\n", "3:12:", &["a control character"]),
];
