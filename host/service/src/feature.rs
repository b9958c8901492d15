//! Parts of a chat request that a server may refuse, and that can be left out.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::question::{ChatQuestion, Role, Shape};

/// An optional part of a chat request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The log-probabilities of tokens. Without them, verdicts have no shares between 0 and 1.
    Logprobs,
    /// A grammar that holds the model to the form of the answer. Without it, the answer is read all the same.
    StructuredOutput,
    /// A system message. Without it, its text stands before that of the first message of the user.
    SystemMessage,
    /// The seed of a draw. Without it, a server draws differently each time; the ledger keeps what it drew.
    Seed,
}

impl Feature {
    /// All, in the order in which they are left out on trial.
    pub const ALL: [Self; 4] = [Self::Logprobs, Self::StructuredOutput, Self::SystemMessage, Self::Seed];

    /// The key of the configuration that switches it off.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Logprobs => "logprobs",
            Self::StructuredOutput => "structured-output",
            Self::SystemMessage => "system-message",
            Self::Seed => "seed",
        }
    }

    /// What it is, for messages.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Logprobs => "log-probabilities",
            Self::StructuredOutput => "structured output",
            Self::SystemMessage => "a system message",
            Self::Seed => "a seed",
        }
    }

    /// Words, in lower case, with which servers refuse it.
    const fn words(self) -> &'static [&'static str] {
        match self {
            // SGLang writes the second when a log-probability is not finite.
            Self::Logprobs => &["logprob", "out of range float"],
            Self::StructuredOutput => &[
                "structured_output",
                "structured output",
                "guided",
                "response_format",
                "json_schema",
                "json schema",
                "grammar",
            ],
            // The templates of Mistral and of Gemma.
            Self::SystemMessage => {
                &["system role", "system message", "system prompt", "roles must alternate", "user and assistant roles"]
            }
            Self::Seed => &["seed"],
        }
    }

    /// Whether the words of a server's error name it.
    pub(crate) fn is_named(self, message: &str) -> bool {
        let message = message.to_lowercase();
        self.words().iter().any(|word| message.contains(word))
    }

    /// Whether a question uses it. Every question uses a seed.
    pub(crate) fn is_used(self, question: &ChatQuestion) -> bool {
        match self {
            Self::Logprobs => question.sampling.logprobs,
            Self::StructuredOutput => matches!(question.shape, Shape::Choice(_) | Shape::Json(_)),
            Self::SystemMessage => question.messages.iter().any(|message| message.role == Role::System),
            Self::Seed => true,
        }
    }

    /// The question without it. A seed is not part of a question.
    #[must_use]
    pub fn without(self, mut question: ChatQuestion) -> ChatQuestion {
        match self {
            Self::Logprobs => question.sampling.logprobs = false,
            Self::StructuredOutput => question.shape = question.shape.unstructured(),
            Self::SystemMessage => question.messages = question.without_system_messages(),
            Self::Seed => {}
        }
        question
    }
}

/// Which optional parts the requests to a service have. All threads that pose questions share it.
#[derive(Debug)]
pub struct Features([AtomicBool; Feature::ALL.len()]);

impl Features {
    /// The parts for which `is_on`.
    pub fn new(is_on: impl Fn(Feature) -> bool) -> Self {
        Self(Feature::ALL.map(|feature| AtomicBool::new(is_on(feature))))
    }

    /// Whether requests have this part.
    pub fn has(&self, feature: Feature) -> bool {
        self.place(feature).is_none_or(|on| on.load(Ordering::Relaxed))
    }

    /// The parts that requests have now; later changes do not reach it.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self::new(|feature| self.has(feature))
    }

    /// Leaves this part out from now on. Returns whether requests had it before.
    pub fn switch_off(&self, feature: Feature) -> bool {
        self.place(feature).is_some_and(|on| on.swap(false, Ordering::Relaxed))
    }

    fn place(&self, feature: Feature) -> Option<&AtomicBool> {
        Feature::ALL.iter().zip(&self.0).find(|(one, _)| **one == feature).map(|(_, on)| on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_servers_name_what_they_refuse() {
        let named = |message: &str| Feature::ALL.into_iter().filter(|one| one.is_named(message)).collect::<Vec<_>>();
        for (message, feature) in [
            ("Out of range float values are not JSON compliant", Feature::Logprobs),
            ("top_logprobs is not supported for this model", Feature::Logprobs),
            ("Conversation roles must alternate user/assistant/user/assistant/...", Feature::SystemMessage),
            ("System role not supported", Feature::SystemMessage),
            (
                "Only user and assistant roles are supported, with the exception of an initial optional system message!",
                Feature::SystemMessage,
            ),
            ("response_format type json_schema is not supported by this model", Feature::StructuredOutput),
            ("Failed to compile the grammar", Feature::StructuredOutput),
            ("extra fields not permitted: seed", Feature::Seed),
        ] {
            assert_eq!(named(message), [feature], "{message}");
        }
        assert!(named("This model's maximum context length is 4096 tokens").is_empty());
    }

    #[test]
    fn a_part_is_switched_off_once() {
        let features = Features::new(|feature| feature != Feature::Seed);
        assert!(features.has(Feature::Logprobs) && !features.has(Feature::Seed));
        assert!(features.switch_off(Feature::Logprobs) && !features.switch_off(Feature::Logprobs));
        let now = features.snapshot();
        assert!(!features.has(Feature::Logprobs) && features.switch_off(Feature::SystemMessage));
        assert!(!now.has(Feature::Logprobs) && now.has(Feature::SystemMessage));
    }
}
