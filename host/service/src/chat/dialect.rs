//! The dialects of OpenAI's chat API that servers speak.

use std::fmt;
use std::str::FromStr;

/// The dialect of a chat server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// vLLM: its own structured outputs, pictures by uuid, priority.
    Vllm,
    /// SGLang: OpenAI's fields, more sampling fields, priority.
    Sglang,
    /// Any other server: only the fields that OpenAI documents.
    Openai,
}

impl Dialect {
    /// The dialect's name in configurations.
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
        found.ok_or_else(|| format!("there is no dialect {name:?}; the dialects are vllm, sglang and openai"))
    }
}
