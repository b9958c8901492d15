//! Why a fleet does not do what was asked of it.

use std::fmt;

use crate::config::Role;
use crate::fault::Fault;

/// Why a fleet does not do what was asked of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum FleetError {
    /// Scenes cannot be drawn so; the text says why.
    Scenes(String),
    /// A setting has no meaning; the text says which and what it may be.
    Setting(String),
    /// A server of this role has no such fault.
    NoSuchFault {
        /// The server.
        role: Role,
        /// The fault.
        fault: Fault,
    },
    /// The system refused: a port that is taken, a directory that cannot be written.
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The fleet's thread is gone.
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
