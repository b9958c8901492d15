//! The configuration of a chat service, which is a planner or a verifier.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Service, schema::urls};

/// A vision-language model behind an OpenAI-compatible chat service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Chat {
    /// URL of the server, or a list of URLs of replicas. Empty: there is no such service.
    #[schemars(schema_with = "urls")]
    pub url: Vec<String>,
    /// The keys that all services have.
    #[serde(flatten)]
    pub service: Service,
    /// Which request fields beyond OpenAI's the servers accept.
    pub dialect: Dialect,
    /// How the model states coordinates in a picture.
    pub coordinates: Coordinates,
    /// Whether the model thinks before it answers.
    pub thinking: Thinking,
    /// How a picture that a server has already received is sent again.
    pub images: Images,
    /// Maximum number of tokens in an answer, for questions that do not set it.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub max_tokens: u32,
    /// Maximum length of the longer side of a picture that is shown to the model, in pixels. Larger pictures are scaled down.
    #[schemars(range(min = 64, max = 4096))]
    pub max_side: u32,
    /// Sampling: only the most likely tokens whose probabilities add up to this value are considered. 1: all tokens.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub top_p: f64,
    /// Sampling: only this many of the most likely tokens are considered. -1: all tokens.
    #[schemars(range(min = -1, max = 1_048_576))]
    pub top_k: i32,
    /// Sampling: only tokens with at least this fraction of the most likely token's probability are considered. 0: all tokens.
    #[schemars(range(min = 0, max = 1))]
    pub min_p: f64,
    /// Sampling: a value above 1 makes tokens less likely that occur in the question or in the answer so far. 1: no penalty.
    #[schemars(range(max = 2), extend("exclusiveMinimum" = 0))]
    pub repetition_penalty: f64,
    /// Sampling: a value above 0 makes tokens less likely that occur in the answer so far. 0: no penalty.
    #[schemars(range(min = -2, max = 2))]
    pub presence_penalty: f64,
    /// Sampling: a value above 0 makes tokens less likely in proportion to how often they occur in the answer so far. 0: no
    /// penalty.
    #[schemars(range(min = -2, max = 2))]
    pub frequency_penalty: f64,
    /// Whether to request the probabilities of answers, if the servers can return them.
    pub logprobs: bool,
    /// Whether the servers are told to hold the model to the form of the answer. Without it, answers are read as they come.
    #[serde(default = "yes")]
    pub structured_output: bool,
    /// Whether a system message is sent as such. Without it, its text stands before that of the user, as some models take none.
    #[serde(default = "yes")]
    pub system_message: bool,
    /// Whether a seed is sent with each draw.
    #[serde(default = "yes")]
    pub seed: bool,
    /// Whether an answer may come from another model, or from other software, than earlier answers of this model and revision.
    #[serde(default)]
    pub other_model: bool,
    /// Priority of the requests, for servers that schedule by priority; lower values go first. The requests of each later sample of a
    /// run have the next value. If this key is missing, no priority is sent.
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    pub priority: Option<i32>,
}

/// The value of a switch that a configuration written by an earlier version does not have.
pub(crate) const fn yes() -> bool {
    true
}

impl Chat {
    /// A service at `url` with all other keys at their defaults.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: vec![url.to_owned()],
            service: Service::with_slots(64),
            dialect: Dialect::Auto,
            coordinates: Coordinates::Auto,
            thinking: Thinking::Auto,
            images: Images::Auto,
            max_tokens: 1024,
            max_side: 1024,
            top_p: 1.0,
            top_k: -1,
            min_p: 0.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            logprobs: true,
            structured_output: true,
            system_message: true,
            seed: true,
            other_model: false,
            priority: None,
        }
    }
}

/// Which request fields beyond OpenAI's a server accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Detected from what the server says it is.
    Auto,
    /// The fields of vLLM.
    Vllm,
    /// The fields of SGLang.
    Sglang,
    /// No further fields.
    Openai,
}

/// How a model states coordinates in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Coordinates {
    /// By the name of the model, if that is known to tell them in another way than "thousand".
    Auto,
    /// From 0 to 1000 along each side (Qwen2-VL, Qwen3-VL).
    Thousand,
    /// From 0 to 1000 along each side, y before x (Gemini).
    ThousandYFirst,
    /// In pixels of the picture that it was shown.
    Shown,
    /// In pixels of that picture, resized so that its sides are multiples of 28 (Qwen2.5-VL).
    #[serde(rename = "resized-28")]
    Resized28,
    /// In pixels of that picture, resized so that its sides are multiples of 32.
    #[serde(rename = "resized-32")]
    Resized32,
    /// From 0 to 1 along each side.
    Unit,
}

/// Whether a model thinks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Thinking {
    /// The default of the model.
    Auto,
    /// The request tells it not to think.
    Off,
}

/// How a picture that a server has already received is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// As "uuid" if the servers are vLLM, else as "inline".
    Auto,
    /// Only by its UUID, which is a hash of its bytes.
    Uuid,
    /// With all its bytes.
    Inline,
}
