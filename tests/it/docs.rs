//! What the documents say is so: each policy in them is one that `check` takes, as it stands there.
//!
//! A block marked `yaml` is a whole policy. YAML of other programs is marked `yml`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clinik_guard::outcome::Code;
use clinik_guard::policy::Policy;

/// In November 2026.
const NOW: u64 = 1_795_000_000;

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    docs.chain([root.join("README.md")])
        .filter(|path| path.extension().is_some_and(|ext| ext == "md"))
        .collect()
}

/// Number of the first line and text of each block of policy.
fn policies(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.trim() == "```yaml" {
            let block: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```").collect();
            found.push((number + 2, block.join("\n")));
        }
    }
    found
}

fn problems(name: &str, text: &str) -> Option<String> {
    let policy = Policy::from_str(name, text).and_then(|policy| policy.in_force(name, NOW));
    policy.err().map(|problems| problems.to_string())
}

#[test]
fn every_policy_in_the_documents_passes_check() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in documents() {
        for (line, policy) in policies(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            wrong.extend(problems(&format!("{}, block at {line}", path.display()), &policy));
        }
    }
    assert!(count >= 15, "only {count} policies found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_policy_of_the_manifests_passes_check() {
    for manifest in ["k8s/configmap.yaml", "k8s/legacy/configmap.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
        let text = std::fs::read_to_string(path).unwrap();
        let (_, policy) = text.split_once("policy.yaml: |\n").unwrap();
        let policy: Vec<&str> =
            policy.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        assert_eq!(problems(manifest, &policy.join("\n")), None);
    }
}

#[test]
fn every_refusal_is_documented_with_its_status() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/refusals.md");
    let text = std::fs::read_to_string(path).unwrap();
    for code in Code::ALL {
        let (name, status) = (format!("`{}`", code.as_str()), format!("| {} |", code.status().as_u16()));
        let told =
            text.lines().any(|line| line.starts_with('|') && line.contains(&name) && line.contains(&status));
        assert!(told, "{name} {status}");
    }
}

/// What a link to this heading ends with: as the usual viewers make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}

/// Links within the repository lead to a file, and to a heading of it where they name one.
#[test]
fn every_link_in_the_documents_leads_somewhere() {
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, named) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", path.display());
            if !named.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#'));
                let there = headings.map(|line| anchor(line.trim_start_matches('#'))).any(|it| it == named);
                assert!(there, "{}: {link}", path.display());
            }
        }
    }
}

/// Where nothing is installed, the demo asks for what the build needs: not for the tools of the tests.
#[test]
fn the_demo_installs_what_the_build_needs_alone() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    // As on a bare image: a shell, cargo and a package manager. Nothing is installed by it.
    for tool in ["cargo", "apt-get", "true", "env"] {
        place(tool, "exit 0");
    }
    place("id", "echo 0");
    place("dirname", "echo scripts");
    let setup = Command::new("/bin/bash")
        .args(["scripts/setup.sh", "build"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8(setup.stderr).unwrap();
    assert!(setup.status.success(), "{said}");
    let packages: Vec<&str> = said.trim().trim_start_matches("setup: installing ").split(' ').collect();
    let of_build = ["gcc", "libc6-dev", "make", "ca-certificates"];
    assert!(packages.contains(&"gcc") && packages.iter().all(|name| of_build.contains(name)), "{said}");
    let makefile = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Makefile")).unwrap();
    assert!(makefile.contains("\ndemo: setup-build ##"));
}
