//! Tests of the program `rescue-fleet`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::http::get;

#[test]
fn the_program_prints_its_urls_and_ends_with_its_input() {
    let directory = std::env::temp_dir().join(format!("rescue-fleet-program-{}", std::process::id()));
    let ports = ["--planner-port=0", "--verifier-port=0", "--executor-port=0", "--clip-port=0"];
    let mut program = Command::new(env!("CARGO_BIN_EXE_rescue-fleet"))
        .args(ports)
        .args(["--scenes=2", "--fault=error=0.5@clip", "--write"])
        .arg(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(program.stdout.take().unwrap());
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.contains("rescue-host --image")) {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "{lines:?}");
        lines.push(line.trim_end().to_owned());
    }
    let url = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let base = url("export EXECUTOR_URL=");
    assert_eq!(get(&base, "/health").status, 200);
    assert_eq!(get(url("export PLANNER_API_BASE=").strip_suffix("/v1").unwrap(), "/health").status, 200);
    drop(program.stdin.take());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(program.wait().unwrap().success());
    let of_executor = rest.lines().find(|line| line.starts_with("executor")).unwrap();
    assert!(of_executor.contains("1 requests: 1 × 200; 0 cut off"), "{rest}");
    assert!(rest.lines().all(|line| line.len() < 120), "{rest}");
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn wrong_flags_are_refused() {
    let run = |flags: &[&str]| Command::new(env!("CARGO_BIN_EXE_rescue-fleet")).args(flags).output().unwrap();
    let output =
        run(&["--fault=zero-mask=1@clip", "--scenes=1", "--write", env!("CARGO_TARGET_TMPDIR"), "--seconds=0"]);
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("rescue-fleet: the clip has no fault zero-mask; it has "), "{error}");
    assert!(!run(&["--scenes=0"]).status.success());
    assert!(!run(&["--seconds=-1"]).status.success());
}

#[test]
fn nothing_is_written_if_the_fleet_cannot_start() {
    let directory = std::env::temp_dir().join(format!("rescue-fleet-unwritten-{}", std::process::id()));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for wrong in [format!("--clip-port={port}"), "--right=2".to_owned()] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_rescue-fleet"));
        program.args(["--planner-port=0", "--verifier-port=0", "--executor-port=0", "--scenes=1", "--seconds=0"]);
        let output = program.arg(&wrong).arg("--write").arg(&directory).output().unwrap();
        assert!(!output.status.success(), "{wrong}");
        assert!(!directory.exists(), "{wrong}");
    }
}
