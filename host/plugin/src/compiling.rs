//! Tells of components that are being compiled.

use std::fmt;
use std::sync::Arc;

/// What is told of a component that is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiling<'a> {
    /// Compiling begins.
    Begins {
        /// The plugin's file, or its name if it is in memory.
        name: &'a str,
        /// The size of the component, in bytes. A megabyte takes about a second and a half.
        bytes: u64,
        /// Whether the compiled code is kept in a cache.
        kept: bool,
    },
    /// Compiling has ended, well or not.
    Ends,
}

type Told = dyn Fn(Compiling<'_>) + Send + Sync;

/// What is called when compiling begins and when it ends; by default nothing is.
#[derive(Clone, Default)]
pub struct OnCompile(Option<Arc<Told>>);

impl OnCompile {
    /// Calls this.
    pub fn new(told: impl Fn(Compiling<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(crate) fn tell(&self, compiling: Compiling<'_>) {
        if let Some(told) = &self.0 {
            told(compiling);
        }
    }
}

impl fmt::Debug for OnCompile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnCompile").finish_non_exhaustive()
    }
}
