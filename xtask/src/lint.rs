//! What a reviewer should not have to look for.

use std::collections::BTreeSet;

use crate::guests;
use crate::shell::{self, Outcome, cargo, cargo_env, root};

/// Checks formatting, clippy, documentation, features and licences, in all workspaces.
pub fn lint() -> Outcome {
    guests::check_target()?;
    let root = root();
    let guests = [root.join("plugins"), root.join("tests").join("fixtures")];
    for workspace in guests.iter().chain([&root]) {
        cargo(workspace, &["fmt", "--all", "--check"])?;
    }
    one_feature_set()?;
    // The feature adds code and takes none away: a second check without it would compile every dependency once more.
    let features = ["--workspace", "--features", "rescue-host/otlp"];
    cargo(&root, &[&["clippy", "--all-targets"], &features[..], &["--", "-D", "warnings"]].concat())?;
    let target = guests::target().display().to_string();
    for workspace in &guests {
        let words = ["clippy", "--lib", "--examples", "--target", "wasm32-wasip2", "--target-dir", &target];
        cargo(workspace, &[&words[..], &["--", "-D", "warnings"]].concat())?;
    }
    cargo_env(&root, &[&["doc", "--no-deps", "--quiet"], &features[..]].concat(), &[("RUSTDOCFLAGS", "-D warnings")])?;
    if shell::quiet("cargo", &["deny", "--version"]).is_ok() {
        cargo(&root, &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"])
    } else {
        eprintln!("note: licences were not checked: `cargo install --locked cargo-deny` brings what does");
        Ok(())
    }
}

/// Checks that the demo's build of the host can be used by the tests: every crate has the same features in both.
fn one_feature_set() -> Outcome {
    let tree = |words: &[&str]| -> Outcome<BTreeSet<String>> {
        let common = ["tree", "--prefix", "none", "--format", "{p} [{f}]"];
        let text = shell::quiet("cargo", &[&common, words].concat())?;
        Ok(text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
    };
    let mut twice = Vec::new();
    // What runs on the build machine, such as procedural macros, has features of its own: it is compared with the rest, and the rest alone.
    for edges in ["normal,no-proc-macro", "normal,build"] {
        let (host, all) =
            (tree(&["--package", "rescue-host", "--edges", edges])?, tree(&["--edges", &format!("dev,{edges}")])?);
        twice.extend(host.difference(&all).cloned());
    }
    if twice.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these crates have other features in the tests than in `cargo build --package rescue-host`, so they and all that stands on them \
         are built twice: {}. Give a crate of the host the features that the tests need",
        twice.join(", ")
    ))
}
