//! The process as the kernel sees it: no core, no way back to root, locked secrets.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clinik_guard::standin::STANDIN_KEY;

/// An ordinary user of every Linux, whom nothing here belongs to.
const SOMEBODY: u32 = 65532;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn am_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn write_policy(dir: &Path, ops: u16, process: &str) {
    let at = |name: &str| dir.join(name).display().to_string();
    std::fs::write(dir.join("key"), STANDIN_KEY).unwrap();
    let policy = format!(
        "process: {process}\nlisten: {{addresses: ['127.0.0.1:0'], unix: {{path: {}}}}}\n\
         ops: {{address: '127.0.0.1:{ops}'}}\ncredentials: {{current: {{file: {}}}}}\n",
        at("guard.sock"),
        at("key"),
    );
    std::fs::write(dir.join("policy.yaml"), policy).unwrap();
}

fn run(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinik-guard"));
    command.args(["run", "--config"]).arg(dir.join("policy.yaml")).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn start(process: &str) -> (Running, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ops = free_port();
    write_policy(dir.path(), ops, process);
    if am_root() {
        chown(dir.path().join("key"), Some(SOMEBODY), Some(SOMEBODY)).unwrap();
        std::fs::set_permissions(dir.path().join("key"), std::fs::Permissions::from_mode(0o400)).unwrap();
    }
    let child = Running(run(dir.path()).stderr(Stdio::null()).spawn().unwrap());
    let ops = format!("127.0.0.1:{ops}");
    let healthy = Command::new(env!("CARGO_BIN_EXE_clinik-guard"))
        .args(["healthcheck", "--wait", "15", "--address", &ops])
        .output()
        .unwrap();
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    (child, dir)
}

/// A line of `/proc/PID/status` less its name.
fn status(child: &Child, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_guard_leaves_no_core_and_gains_no_privileges() {
    let (child, _dir) = start("{}");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.0.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
    assert_eq!(status(&child.0, "NoNewPrivs"), ["1"]);
    assert!(status(&child.0, "VmLck")[0].parse::<u64>().unwrap() >= 4, "the key has a locked page");
    // What belongs to a process that must not be dumped belongs to root, whoever runs it.
    let environment = std::fs::metadata(format!("/proc/{}/environ", child.0.id())).unwrap();
    assert_eq!(environment.uid(), 0);
}

#[test]
fn root_is_given_up_for_good() {
    let user = format!("{{user: '{SOMEBODY}:{SOMEBODY}'}}");
    if !am_root() {
        // Who is not root cannot become another, and says so instead of going on.
        let dir = tempfile::tempdir().unwrap();
        write_policy(dir.path(), free_port(), &user);
        let output = run(dir.path()).output().unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("process.user"));
        return;
    }
    let (child, dir) = start(&user);
    let id = SOMEBODY.to_string();
    assert_eq!(status(&child.0, "Uid"), [&*id; 4], "real, effective, saved, file system");
    assert_eq!(status(&child.0, "Gid"), [&*id; 4]);
    assert_eq!(status(&child.0, "Groups"), [&*id]);
    for capabilities in ["CapEff", "CapPrm"] {
        assert_eq!(status(&child.0, capabilities), ["0000000000000000"]);
    }
    for thread in std::fs::read_dir(format!("/proc/{}/task", child.0.id())).unwrap() {
        let text = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        assert!(text.contains(&format!("Uid:\t{id}\t{id}\t{id}\t{id}\n")), "{text}");
    }
    assert_eq!(std::fs::metadata(dir.path().join("guard.sock")).unwrap().uid(), SOMEBODY);
}

#[test]
fn root_can_be_forbidden_and_a_user_has_to_exist() {
    for (process, said) in
        [("{user: nobody-of-this-name}", "/etc/passwd"), ("{root: refuse}", "process.root: refuse")]
    {
        if said.contains("refuse") && !am_root() {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        write_policy(dir.path(), free_port(), process);
        let output = run(dir.path()).output().unwrap();
        assert!(!output.status.success(), "{process}");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains(said), "{process}: {stderr}");
    }
}
