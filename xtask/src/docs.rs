//! Builds the book.

use crate::shell::{self, Outcome, root};

/// Builds the book in docs/ into target/docs.
pub fn docs() -> Outcome {
    if shell::quiet("mdbook", &["--version"]).is_err() {
        return Err("the book is built with mdBook: `cargo install --locked mdbook` brings it. Without it, read docs/src/SUMMARY.md: \
                    the pages are plain Markdown"
            .into());
    }
    shell::run(&root(), "mdbook", &["build", "docs"])?;
    println!("target/docs/index.html");
    Ok(())
}
