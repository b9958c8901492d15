//! The errors of the fleet.

use std::fmt;

use crate::config::Role;
use crate::fault::Fault;

/// An error of the fleet.
#[derive(Debug)]
#[non_exhaustive]
pub enum FleetError {
    /// The scenes cannot be drawn; the text says why.
    Scenes(String),
    /// A setting is out of its range; the text names it and its range.
    Setting(String),
    /// A server of this role cannot have this fault.
    NoSuchFault {
        /// The server's role.
        role: Role,
        /// The fault.
        fault: Fault,
    },
    /// The operating system refused something: a port is taken, or a directory cannot be written.
    Io {
        /// What was tried.
        what: String,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The fleet's thread has ended.
    Stopped,
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenes(why) => write!(f, "the scenes cannot be drawn: {why}"),
            Self::Setting(why) => f.write_str(why),
            Self::NoSuchFault { role, fault } => {
                let kinds: Vec<_> = Fault::ALL.iter().filter(|fault| fault.applies(*role)).map(|f| f.name()).collect();
                write!(f, "the {role} has no fault {fault}; it has {}", kinds.join(", "))
            }
            Self::Io { what, cause } => write!(f, "{what}: {cause}"),
            Self::Stopped => f.write_str("the fleet was stopped; start another"),
        }
    }
}

impl std::error::Error for FleetError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
