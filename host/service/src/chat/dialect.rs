//! In what servers of chats differ.

use std::fmt;
use std::str::FromStr;

/// Whose server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// vLLM: structured outputs of its own, pictures by uuid, priority.
    Vllm,
    /// SGLang: as OpenAI, with further sampling fields and priority.
    Sglang,
    /// Any other: only what OpenAI documents.
    Openai,
}

impl Dialect {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vllm => "vllm",
            Self::Sglang => "sglang",
            Self::Openai => "openai",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = [Self::Vllm, Self::Sglang, Self::Openai].into_iter().find(|dialect| dialect.name() == name);
        found.ok_or_else(|| format!("there is no dialect {name:?}; there are vllm, sglang and openai"))
    }
}
