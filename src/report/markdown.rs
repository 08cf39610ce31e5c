//! The report as Markdown, for a pull request or a wiki.

use std::fmt::Write;

use super::{Report, Row, Weight};

pub fn write(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = render(report, &mut out);
    out
}

fn render(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# clinik-guard evidence report\n")?;
    writeln!(
        out,
        "Made at {} by clinik-guard {}, cryptography {}.",
        text(&report.made_at),
        report.version,
        text(report.cryptography)
    )?;
    writeln!(out, "Policy {}, SHA-256 `{}`.", text(&report.policy), report.policy_sha256)?;
    writeln!(out, "Period {}.\n", text(&report.period.words()))?;
    writeln!(out, "## Findings\n")?;
    if report.findings.is_empty() {
        writeln!(out, "None.\n")?;
    }
    for finding in &report.findings {
        let weight = if finding.weight == Weight::Action { "**act**" } else { "note" };
        writeln!(out, "- {weight} {}: {}", text(&finding.about), prose(&finding.message))?;
    }
    writeln!(out, "\n## Agreement\n")?;
    facts(&report.agreement, out)?;
    for section in &report.sections {
        writeln!(out, "\n## {}\n\n{}\n", text(section.title), text(section.intro))?;
        writeln!(
            out,
            "| safeguard | state | how | set by | in the period | what you still do |\n|---|---|---|---|---|---|"
        )?;
        for row in &section.rows {
            let title = match (row.reference, row.kind) {
                ("", _) => text(row.title),
                (reference, kind) => format!("{} {} ({kind})", reference, text(row.title)),
            };
            let cells = [
                title,
                row.state.words().to_owned(),
                prose(&row.how),
                settings(row),
                text(&row.evidence.join("; ")),
                prose(row.yours),
            ];
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    writeln!(out, "\n## Exceptions\n")?;
    if report.exceptions.is_empty() {
        writeln!(out, "None.")?;
    } else {
        writeln!(
            out,
            "| name | route | parameters | reason | owner | last day | uses |\n|---|---|---|---|---|---|---|"
        )?;
    }
    for exception in &report.exceptions {
        let expires = if exception.expired {
            format!("{} **expired**", exception.expires)
        } else {
            exception.expires.clone()
        };
        let owner = exception.owner.as_deref().unwrap_or("nobody named");
        let cells = [
            text(&exception.name),
            text(&exception.route),
            text(&exception.params.join(", ")),
            text(&exception.reason),
            text(owner),
            expires,
            exception.uses.to_string(),
        ];
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    for reason in &report.allowed {
        writeln!(out, "\nOne text always passes: {}.", text(reason))?;
    }
    writeln!(out, "\n## Audit trail\n")?;
    facts(&report.trail, out)?;
    for table in &report.counts {
        writeln!(out, "\n### {}\n", text(table.title))?;
        writeln!(out, "| {} |\n|{}", table.columns.join(" | "), "---|".repeat(table.columns.len()))?;
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(|cell| text(cell)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    writeln!(out, "\n## What stays with you\n")?;
    for item in &report.yours {
        writeln!(out, "- {}", prose(item))?;
    }
    Ok(())
}

fn facts(facts: &[super::Fact], out: &mut String) -> std::fmt::Result {
    for fact in facts {
        writeln!(out, "- {}: {}", text(&fact.label), text(&fact.value))?;
    }
    Ok(())
}

fn settings(row: &Row) -> String {
    let show = |setting: &super::SettingAt| match setting.line {
        Some(line) => format!("`{}` line {line}", setting.path),
        None => format!("`{}` default", setting.path),
    };
    row.settings.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// A sentence of ours, with what stands between back quotes as code.
fn prose(sentence: &str) -> String {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(sentence);
    }
    let show = |(at, part): (usize, &&str)| {
        if at % 2 == 0 { text(part) } else { format!("`{}`", part.replace('|', "\\|")) }
    };
    parts.iter().enumerate().map(show).collect()
}

/// Text of a policy or a trail as text: no cell ends early, nothing becomes markup or a link.
fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                shown.push('\\');
                shown.push(c);
            }
            c if c.is_control() => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}
