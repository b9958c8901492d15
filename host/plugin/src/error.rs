//! The one error of this crate: which plugin, in which function, what happened, and what its author can do about it.

use std::fmt;

use rescue_core::Digest;

use crate::Violation;
use crate::border::rescue::plugin::types::{Blame, Fault};
use crate::kind::Kind;
use crate::trace::Unexpected;

/// A plugin that could not be loaded, or that failed. Prints as a paragraph; what it prints is in its [`Failure`].
#[derive(Debug)]
pub struct PluginError(Box<Failure>);

/// Which plugin failed, where, and why.
#[derive(Debug)]
pub struct Failure {
    /// Its name, or its file where it has not told its name yet.
    pub plugin: String,
    /// The digest of its file, where it could be read.
    pub digest: Option<Digest>,
    /// The kind that was at work.
    pub kind: Option<Kind>,
    /// The function that was called.
    pub function: Option<&'static str>,
    /// What happened.
    pub cause: Cause,
    /// What the plugin wrote to its standard error, control characters removed.
    pub stderr: String,
    /// Where in the plugin it happened, innermost first.
    pub backtrace: Vec<String>,
}

/// What happened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file could not be read.
    #[error("its file could not be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file is larger than the limit.
    #[error("its file has more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file is something else.
    #[error("it is not a WebAssembly component: {0}")]
    NotAComponent(&'static str),
    /// It has more of something than a plugin may.
    #[error("it has {count} {what}; a plugin may have {limit}")]
    Oversized {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// Compiling it would take too long.
    #[error(
        "its control flow is too tangled to compile: loops, branches and locals come to more than {0} units; split the largest functions"
    )]
    Tangled(u64),
    /// The component does not validate, compile or link.
    #[error("it is not valid: {0}")]
    Invalid(String),
    /// It was built for another version of the border.
    #[error("it was built for rescue:plugin@{built}; this host speaks {}", crate::version::SPOKEN)]
    Version {
        /// What it was built for.
        built: String,
    },
    /// It imports what this host does not give.
    #[error("it imports {0}, which no plugin is given: a plugin has no files, sockets or services of its own")]
    Import(String),
    /// It exports none of the kinds, or no manifest.
    #[error("it does not export {0}")]
    Missing(String),
    /// Its manifest and its exports disagree, or its schema is not one that this host understands.
    #[error("its manifest is wrong: {0}")]
    Manifest(String),
    /// It is asked for a kind that it is not.
    #[error("it is no {wanted}; it is a {}", crate::kind::list(has))]
    WrongKind {
        /// What was wanted.
        wanted: Kind,
        /// What it is.
        has: Vec<Kind>,
    },
    /// The settings given do not fit its schema.
    #[error("{0}")]
    Settings(String),
    /// It did not end.
    #[error("it used up its fuel of {0} units in one call: it loops, or does more work at once than a plugin may")]
    Fuel(u64),
    /// Each call kept its limit, and all together were too much.
    #[error("it used up its fuel of {0} units for all calls together: it works too long, or without end")]
    FuelInAll(u64),
    /// The machine was too slow for it.
    #[error("one call took over {0} s although its fuel was not used up: the machine is overloaded, try again")]
    Time(u64),
    /// It wanted more memory than it may have.
    #[error("it wanted {wanted} bytes of memory; a plugin may have {limit}")]
    Memory {
        /// All it would have had.
        wanted: usize,
        /// The limit.
        limit: usize,
    },
    /// It wanted a larger table than it may have.
    #[error("it wanted a table of {wanted} elements; a plugin may have {limit}")]
    Table {
        /// All it would have had.
        wanted: usize,
        /// The limit.
        limit: usize,
    },
    /// It recursed too deeply.
    #[error("it used up its stack of {0} bytes: it recurses without end, or keeps large values on the stack")]
    Stack(usize),
    /// It handed over more than it may.
    #[error("it handed over more than {0} bytes in one call")]
    Answer(usize),
    /// It made the host work too much.
    #[error(
        "its look-ups, log lines and prints in one call come to more than {0} bytes: look up less, or with a max-side"
    )]
    Copied(u64),
    /// Each call kept its limit, and all together made the host work too much.
    #[error(
        "its look-ups, log lines and prints in all calls come to more than {0} bytes: look up less, or with a max-side"
    )]
    CopiedInAll(u64),
    /// It panicked or aborted.
    #[error("it panicked")]
    Panic,
    /// It ended itself.
    #[error("it called exit; a plugin returns a fault instead")]
    Exit,
    /// It called what it was not given.
    #[error("it called {0}, which no plugin is given")]
    Forbidden(String),
    /// It touched what is not its memory.
    #[error("it read or wrote outside of its memory: a wild pointer, or recursion with large values on the stack")]
    OutOfBounds,
    /// It handed over text that is none.
    #[error("it handed over text that is not UTF-8")]
    Utf8,
    /// Another trap.
    #[error("it trapped: {0}")]
    Trap(String),
    /// It says itself that it cannot go on.
    #[error("it says: {message}{}", match blame { Blame::Settings => " (its settings)", Blame::Unsupported => " (unsupported)", Blame::Internal => " (a mistake in the plugin)" })]
    Fault {
        /// Whose fault it is.
        blame: Blame,
        /// What it says.
        message: String,
    },
    /// It broke a rule of the border.
    #[error("it broke a rule of the border: {0}")]
    Violation(#[from] Violation),
    /// An event log has a call where no host makes it.
    #[error("the event log calls {0} where no host does")]
    Trace(&'static str),
    /// Retraced, it looked up something else.
    #[error(transparent)]
    Unexpected(Box<Unexpected>),
    /// The host could not do its part.
    #[error("the host failed: {0}")]
    Host(String),
}

impl From<Fault> for Cause {
    fn from(fault: Fault) -> Self {
        Self::Fault { blame: fault.blame, message: printable(&fault.message) }
    }
}

impl PluginError {
    /// An error from before the plugin ran.
    pub(crate) fn load(plugin: impl Into<String>, digest: Option<Digest>, cause: Cause) -> Self {
        Self(Box::new(Failure {
            plugin: plugin.into(),
            digest,
            kind: None,
            function: None,
            cause,
            stderr: String::new(),
            backtrace: Vec::new(),
        }))
    }

    /// The same, at this kind's post.
    pub(crate) fn of_kind(mut self, kind: Option<Kind>) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same, in this function.
    pub(crate) fn in_function(mut self, function: &'static str) -> Self {
        self.0.function = Some(function);
        self
    }

    /// The same, with what the plugin wrote and where it was.
    pub(crate) fn with_evidence(mut self, stderr: String, backtrace: Vec<String>) -> Self {
        self.0.stderr = stderr;
        self.0.backtrace = backtrace;
        self
    }
}

impl std::ops::Deref for PluginError {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin {}", self.plugin)?;
        if let Some(digest) = self.digest {
            write!(f, " (sha256 {})", digest.short())?;
        }
        if let Some(kind) = self.kind {
            write!(f, ", {kind}")?;
        }
        if let Some(function) = self.function {
            write!(f, ", in {function}")?;
        }
        write!(f, ": {}", self.cause)?;
        if !self.stderr.is_empty() {
            write!(f, "\n  it wrote: {}", self.stderr.trim().replace('\n', "\n            "))?;
        }
        if !self.backtrace.is_empty() {
            write!(f, "\n  it was in: {}", self.backtrace.join("\n             "))?;
        }
        Ok(())
    }
}

impl std::error::Error for PluginError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Unreadable(error) => Some(error),
            Cause::Violation(violation) => Some(violation),
            _ => None,
        }
    }
}

/// Text from a plugin as it may be shown on a terminal: control characters other than line ends are replaced, and so is what turns
/// the direction of writing.
pub fn printable(text: &str) -> String {
    let turns =
        |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    text.chars().map(|c| if c.is_control() && c != '\n' || turns(c) { '\u{fffd}' } else { c }).collect()
}
