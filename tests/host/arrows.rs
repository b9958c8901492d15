//! Checks which crates depend on which.

use std::process::Command;

use rescue_tests::root;
use serde_json::Value;

/// Every crate, and the crates of the workspace that it may name.
const MAY: [(&str, &[&str]); 14] = [
    ("rescue-core", &[]),
    ("rescue-mask", &["rescue-core"]),
    ("rescue-picture", &["rescue-core", "rescue-mask"]),
    ("rescue-reply", &["rescue-core"]),
    ("rescue-ledger", &[]),
    ("rescue-config", &[]),
    ("rescue-service", &["rescue-core", "rescue-mask", "rescue-picture", "rescue-reply", "rescue-ledger"]),
    ("rescue-plugin", &["rescue-core", "rescue-mask"]),
    ("rescue-standard", &[]),
    (
        "rescue-pipeline",
        &[
            "rescue-core",
            "rescue-mask",
            "rescue-picture",
            "rescue-reply",
            "rescue-ledger",
            "rescue-config",
            "rescue-service",
            "rescue-plugin",
            "rescue-standard",
        ],
    ),
    // True masks: nothing that searches may know them.
    ("rescue-dataset", &["rescue-core", "rescue-mask"]),
    (
        "rescue-study",
        &["rescue-core", "rescue-mask", "rescue-picture", "rescue-plugin", "rescue-dataset", "rescue-pipeline"],
    ),
    // The sources of plugins: it builds them, and knows no run.
    ("rescue-project", &["rescue-core", "rescue-plugin"]),
    (
        "rescue-host",
        &[
            "rescue-core",
            "rescue-mask",
            "rescue-dataset",
            "rescue-study",
            "rescue-ledger",
            "rescue-config",
            "rescue-service",
            "rescue-plugin",
            "rescue-pipeline",
            "rescue-project",
        ],
    ),
];
/// Crates that may depend on all others.
const OUTSIDE: [&str; 5] = ["rescue-bench-mask", "rescue-fleet", "rescue-fuzz", "rescue-tests", "xtask"];
/// Dependencies that crates without I/O must not have.
const HEAVY: [&str; 4] = ["tokio", "reqwest", "wasmtime", "hyper"];

#[test]
fn no_arrow_runs_the_wrong_way() {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let mut seen = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if OUTSIDE.contains(&name) || name.starts_with("rescue-bench-") {
            continue;
        }
        let (_, may) = MAY.iter().find(|(known, _)| *known == name).unwrap_or_else(|| {
            panic!("the crate {name} is not listed: add it and its allowed dependencies to tests/host/arrows.rs")
        });
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|other| other["path"].is_string()) {
            let other = dependency["name"].as_str().unwrap();
            assert!(may.contains(&other), "{name} depends on {other}; it may depend on {may:?}");
        }
        seen += 1;
    }
    assert_eq!(seen, MAY.len());
}

#[test]
fn core_and_mask_stay_light() {
    for name in ["rescue-core", "rescue-mask", "rescue-picture", "rescue-reply", "rescue-ledger", "rescue-config"] {
        let tree = cargo(&["tree", "--package", name, "--edges", "normal,build", "--prefix", "none", "--offline"]);
        assert!(tree.starts_with(name));
        for line in tree.lines() {
            let dependency = line.split(' ').next().unwrap();
            assert!(!HEAVY.contains(&dependency), "{name} depends on {dependency}:\n{tree}");
        }
    }
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
