//! The error type of this crate. It says which plugin failed in which function, why, and what its author can do about it.

use std::fmt;

use rescue_core::Digest;

use crate::Violation;
use crate::border::rescue::plugin::types::{Blame, Fault};
use crate::kind::Kind;
use crate::trace::Unexpected;

/// A plugin could not be loaded, or failed. `Display` prints a paragraph. It dereferences to the [`Failure`] with the details.
#[derive(Debug)]
pub struct PluginError(Box<Failure>);

/// Which plugin failed, where, and why.
#[derive(Debug)]
pub struct Failure {
    /// The plugin's name and version, or its file if its manifest was not read yet.
    pub plugin: String,
    /// The digest of the plugin's file; `None` if the file could not be read.
    pub digest: Option<Digest>,
    /// The kind that was called; `None` if the plugin failed before.
    pub kind: Option<Kind>,
    /// The function that was called, such as "planning.next"; `None` if none was.
    pub function: Option<&'static str>,
    /// What happened.
    pub cause: Cause,
    /// What the plugin wrote to its standard error, with control characters replaced; empty if nothing.
    pub stderr: String,
    /// The functions of the plugin that were running, innermost first; empty if not known.
    pub backtrace: Vec<String>,
}

/// Why a plugin failed. In the texts, "it" is the plugin.
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
    /// The file is not a WebAssembly component.
    #[error("it is not a WebAssembly component: {0}")]
    NotAComponent(&'static str),
    /// The component has more of something than the limit.
    #[error("it has {count} {what}; a plugin may have {limit}")]
    Oversized {
        /// What is counted, such as "functions".
        what: &'static str,
        /// How many it has.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// Compiling the component would take too long. Holds [`Limits::tangle`](crate::Limits::tangle).
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
        /// The version it was built for.
        built: String,
    },
    /// It imports an interface that plugins may not import.
    #[error("it imports {0}, which no plugin is given: a plugin has no files, sockets or services of its own")]
    Import(String),
    /// It does not export a manifest, or any of the kinds. Holds what is missing.
    #[error("it does not export {0}")]
    Missing(String),
    /// Its manifest does not fit its exports, or is wrong in itself.
    #[error("its manifest is wrong: {0}")]
    Manifest(String),
    /// The plugin does not have the wanted kind.
    #[error("it is no {wanted}; it is a {}", crate::kind::list(has))]
    WrongKind {
        /// The kind that was wanted.
        wanted: Kind,
        /// The kinds that it has.
        has: Vec<Kind>,
    },
    /// The settings given do not fit the plugin's schema.
    #[error("{0}")]
    Settings(String),
    /// One call used up its fuel. Holds the limit.
    #[error("it used up its fuel of {0} units in one call: it loops, or does more work at once than a plugin may")]
    Fuel(u64),
    /// All calls together used up their fuel. Holds the limit.
    #[error("it used up its fuel of {0} units for all calls together: it works too long, or without end")]
    FuelInAll(u64),
    /// One call took too long, although it did not use up its fuel. Holds the limit, in seconds.
    #[error("one call took over {0} s although its fuel was not used up: the machine is overloaded, try again")]
    Time(u64),
    /// It asked for more memory than the limit.
    #[error("it wanted {wanted} bytes of memory; a plugin may have {limit}")]
    Memory {
        /// The bytes it would have had in all.
        wanted: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// It asked for a larger table than the limit.
    #[error("it wanted a table of {wanted} elements; a plugin may have {limit}")]
    Table {
        /// The elements that the table would have had.
        wanted: usize,
        /// The limit.
        limit: usize,
    },
    /// It used up its stack. Holds the limit, in bytes.
    #[error("it used up its stack of {0} bytes: it recurses without end, or keeps large values on the stack")]
    Stack(usize),
    /// It returned or passed more bytes to the host than the limit. Holds the limit.
    #[error("it handed over more than {0} bytes in one call")]
    Answer(usize),
    /// The look-ups, log lines and prints of one call copied too much. Holds the limit, in bytes.
    #[error(
        "its look-ups, log lines and prints in one call come to more than {0} bytes: look up less, or with a max-side"
    )]
    Copied(u64),
    /// The look-ups, log lines and prints of all calls copied too much. Holds the limit, in bytes.
    #[error(
        "its look-ups, log lines and prints in all calls come to more than {0} bytes: look up less, or with a max-side"
    )]
    CopiedInAll(u64),
    /// It panicked or aborted.
    #[error("it panicked")]
    Panic,
    /// It called `exit`.
    #[error("it called exit; a plugin returns a fault instead")]
    Exit,
    /// It called a WASI function that plugins may not call.
    #[error("it called {0}, which no plugin is given")]
    Forbidden(String),
    /// It accessed memory out of bounds.
    #[error("it read or wrote outside of its memory: a wild pointer, or recursion with large values on the stack")]
    OutOfBounds,
    /// It returned or passed text that is not UTF-8.
    #[error("it handed over text that is not UTF-8")]
    Utf8,
    /// Another trap.
    #[error("it trapped: {0}")]
    Trap(String),
    /// The plugin returned a fault.
    #[error("it says: {message}{}", match blame { Blame::Settings => " (its settings)", Blame::Unsupported => " (unsupported)", Blame::Internal => " (a mistake in the plugin)" })]
    Fault {
        /// Whose fault it is, according to the plugin.
        blame: Blame,
        /// The plugin's message.
        message: String,
    },
    /// It broke a rule of the border.
    #[error("it broke a rule of the border: {0}")]
    Violation(#[from] Violation),
    /// An event log has a call at a point where no host makes it. Holds the function.
    #[error("the event log calls {0} where no host does")]
    Trace(&'static str),
    /// A retraced plugin looked up something else than before.
    #[error(transparent)]
    Unexpected(Box<Unexpected>),
    /// The host failed, or made a mistake.
    #[error("the host failed: {0}")]
    Host(String),
}

impl From<Fault> for Cause {
    fn from(fault: Fault) -> Self {
        Self::Fault { blame: fault.blame, message: printable(&fault.message) }
    }
}

impl PluginError {
    /// An error in no particular kind and function.
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

    /// Adds the kind.
    pub(crate) fn of_kind(mut self, kind: Option<Kind>) -> Self {
        self.0.kind = kind;
        self
    }

    /// Adds the function.
    pub(crate) fn in_function(mut self, function: &'static str) -> Self {
        self.0.function = Some(function);
        self
    }

    /// Adds what the plugin wrote and its backtrace.
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

/// Makes text from a plugin safe for a terminal: replaces control characters other than line ends, and characters that change the
/// writing direction, by U+FFFD.
pub fn printable(text: &str) -> String {
    let changes_direction =
        |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    text.chars().map(|c| if c.is_control() && c != '\n' || changes_direction(c) { '\u{fffd}' } else { c }).collect()
}
