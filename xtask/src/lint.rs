//! What a reviewer should not have to look for.

use crate::guests;
use crate::shell::{self, Outcome, cargo, cargo_env, root};

/// Formatting, clippy, documentation and licences, in all workspaces.
pub fn lint() -> Outcome {
    guests::check_target()?;
    let root = root();
    let guests = [root.join("plugins"), root.join("tests").join("fixtures")];
    for workspace in guests.iter().chain([&root]) {
        cargo(workspace, &["fmt", "--all", "--check"])?;
    }
    cargo(&root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    for workspace in &guests {
        cargo(workspace, &["clippy", "--lib", "--examples", "--target", "wasm32-wasip2", "--", "-D", "warnings"])?;
    }
    cargo_env(&root, &["doc", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings")])?;
    if shell::quiet("cargo", &["deny", "--version"]).is_ok() {
        cargo(&root, &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"])
    } else {
        eprintln!("note: licences were not checked: `cargo install --locked cargo-deny` brings what does");
        Ok(())
    }
}
