//! The report as one HTML file: no script, nothing loaded from elsewhere, readable on paper, on a phone and in the dark.

use std::fmt::Write;

use super::{Exception, Fact, Finding, Report, Row, Section, Table, Weight};

const STYLE: &str = include_str!("style.css");

pub fn write(report: &Report) -> String {
    let mut out = String::with_capacity(64 * 1024);
    // Writing to a `String` cannot fail.
    let _ = render(report, &mut out);
    out
}

fn render(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(
        out,
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">"
    )?;
    writeln!(
        out,
        "<title>clinik-guard evidence report, {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
        text(&report.made_at)
    )?;
    header(report, out)?;
    writeln!(out, "<main>")?;
    findings(&report.findings, out)?;
    open("agreement", "Agreement", out)?;
    facts(&report.agreement, out)?;
    writeln!(out, "</section>")?;
    for (number, section) in report.sections.iter().enumerate() {
        safeguards(number, section, out)?;
    }
    exceptions(report, out)?;
    open("trail", "Audit trail", out)?;
    facts(&report.trail, out)?;
    writeln!(out, "<div class=\"counts\">")?;
    for table in &report.counts {
        counts(table, out)?;
    }
    writeln!(out, "</div></section>")?;
    open("yours", "What stays with you", out)?;
    writeln!(out, "<ul>")?;
    for item in &report.yours {
        writeln!(out, "<li>{}</li>", text(item))?;
    }
    writeln!(out, "</ul></section>\n</main>\n</body>\n</html>")
}

fn header(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "<header>\n<h1>clinik-guard evidence report</h1>\n<dl class=\"facts\">")?;
    let made_by = format!("clinik-guard {}, cryptography {}", report.version, report.cryptography);
    let period = report.period.words();
    for (label, value) in [
        ("Made at", report.made_at.as_str()),
        ("Made by", made_by.as_str()),
        ("Period", period.as_str()),
        ("Policy", report.policy.as_str()),
        ("SHA-256 of the policy", report.policy_sha256.as_str()),
    ] {
        writeln!(out, "<div><dt>{label}</dt><dd>{}</dd></div>", text(value))?;
    }
    writeln!(out, "</dl>\n</header>")
}

fn open(id: &str, title: &str, out: &mut String) -> std::fmt::Result {
    writeln!(out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>")
}

fn findings(findings: &[Finding], out: &mut String) -> std::fmt::Result {
    open("findings", "Findings", out)?;
    let act = findings.iter().filter(|finding| finding.weight == Weight::Action).count();
    let verdict = match act {
        0 => "Nothing needs action.".to_owned(),
        1 => "One finding needs action.".to_owned(),
        n => format!("{n} findings need action."),
    };
    writeln!(
        out,
        "<p class=\"verdict {}\">{verdict}</p>\n<ul class=\"findings\">",
        if act == 0 { "enforced" } else { "off" }
    )?;
    for finding in findings {
        let (class, word) = match finding.weight {
            Weight::Action => ("off", "action"),
            Weight::Note => ("none", "note"),
        };
        writeln!(
            out,
            "<li><span class=\"state {class}\">{word}</span> <strong>{}</strong>: {}</li>",
            text(&finding.about),
            prose(&finding.message)
        )?;
    }
    writeln!(out, "</ul></section>")
}

fn facts(facts: &[Fact], out: &mut String) -> std::fmt::Result {
    writeln!(out, "<dl class=\"facts\">")?;
    for fact in facts {
        writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", text(&fact.label), prose(&fact.value))?;
    }
    writeln!(out, "</dl>")
}

fn safeguards(number: usize, section: &Section, out: &mut String) -> std::fmt::Result {
    open(&format!("section-{number}"), section.title, out)?;
    writeln!(out, "<table class=\"stacked safeguards\">\n<caption>{}</caption>", text(section.intro))?;
    head(&["Safeguard", "State", "How, and which settings", "In the period", "What you still do"], out)?;
    for row in &section.rows {
        safeguard(row, out)?;
    }
    writeln!(out, "</tbody></table></section>")
}

fn head(columns: &[&str], out: &mut String) -> std::fmt::Result {
    write!(out, "<thead><tr>")?;
    for column in columns {
        write!(out, "<th scope=\"col\">{}</th>", text(column))?;
    }
    writeln!(out, "</tr></thead><tbody>")
}

fn safeguard(row: &Row, out: &mut String) -> std::fmt::Result {
    write!(out, "<tr><th scope=\"row\">{}", text(row.title))?;
    if !row.reference.is_empty() {
        write!(out, "<br><span class=\"reference\">{}, {}</span>", row.reference, row.kind)?;
    }
    let (class, words) = (row.state.class(), row.state.words());
    write!(out, "</th><td data-label=\"State\"><span class=\"state {class}\">{words}</span></td>")?;
    write!(out, "<td data-label=\"How\"><p>{}</p><ul class=\"settings\">", prose(&row.how))?;
    for setting in &row.settings {
        let at = setting.line.map_or_else(|| "default".to_owned(), |line| format!("line {line}"));
        write!(out, "<li><code>{}</code> {at}</li>", text(setting.path))?;
    }
    write!(out, "</ul></td><td data-label=\"In the period\">")?;
    if row.evidence.is_empty() {
        write!(out, "<span class=\"quiet\">nothing counted</span>")?;
    }
    for line in &row.evidence {
        write!(out, "<p>{}</p>", text(line))?;
    }
    writeln!(out, "</td><td data-label=\"What you still do\">{}</td></tr>", prose(row.yours))
}

fn exceptions(report: &Report, out: &mut String) -> std::fmt::Result {
    open("exceptions", "Exceptions", out)?;
    if report.exceptions.is_empty() {
        writeln!(out, "<p>No exception is open.</p>")?;
    } else {
        writeln!(
            out,
            "<table class=\"stacked\">\n<caption>Parameters that may carry PHI in a URL for a while.</caption>"
        )?;
        head(&["Name", "Route", "Reason", "Owner", "Last day", "Uses"], out)?;
        for exception in &report.exceptions {
            one_exception(exception, out)?;
        }
        writeln!(out, "</tbody></table>")?;
    }
    for reason in &report.allowed {
        writeln!(out, "<p>One text always passes: {}.</p>", text(reason))?;
    }
    writeln!(out, "</section>")
}

fn one_exception(exception: &Exception, out: &mut String) -> std::fmt::Result {
    let route = format!("{} ({})", exception.route, exception.params.join(", "));
    write!(out, "<tr><th scope=\"row\">{}</th>", text(&exception.name))?;
    let owner = exception.owner.as_deref().unwrap_or("nobody named");
    for (label, value) in [("Route", route.as_str()), ("Reason", exception.reason.as_str()), ("Owner", owner)]
    {
        write!(out, "<td data-label=\"{label}\">{}</td>", text(value))?;
    }
    let expired = if exception.expired { " <span class=\"state off\">expired</span>" } else { "" };
    writeln!(
        out,
        "<td data-label=\"Last day\">{}{expired}</td><td data-label=\"Uses\" class=\"number\">{}</td></tr>",
        text(&exception.expires),
        exception.uses
    )
}

fn counts(table: &Table, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table>\n<caption>{0}</caption>",
        text(table.title)
    )?;
    head(&table.columns, out)?;
    for row in &table.rows {
        write!(out, "<tr>")?;
        for (column, cell) in row.iter().enumerate() {
            match column {
                0 => write!(out, "<th scope=\"row\">{}</th>", text(cell))?,
                _ => write!(out, "<td class=\"number\">{}</td>", text(cell))?,
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// Text of a policy or a trail as text.
fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            c if c.is_control() => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}

/// The same, with what stands between back quotes as code.
fn prose(sentence: &str) -> String {
    let escaped = text(sentence);
    let mut shown = String::with_capacity(escaped.len());
    let parts: Vec<&str> = escaped.split('`').collect();
    // An odd number of marks marks nothing.
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    for (at, part) in parts.iter().enumerate() {
        match at % 2 {
            0 => shown.push_str(part),
            _ => {
                let _ = write!(shown, "<code>{part}</code>");
            }
        }
    }
    shown
}
