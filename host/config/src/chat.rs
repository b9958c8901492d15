//! A chat service: what plans and what judges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Service, schema::urls};

/// A vision-language model behind an OpenAI-compatible chat service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Chat {
    /// Where the servers are: one URL, or a list of replicas. Empty: there is no such service.
    #[schemars(schema_with = "urls")]
    pub url: Vec<String>,
    /// What every service has.
    #[serde(flatten)]
    pub service: Service,
    /// Which fields beyond OpenAI's the servers know.
    pub dialect: Dialect,
    /// How the model states places in a picture.
    pub coordinates: Coordinates,
    /// Whether the model may think before it answers.
    pub thinking: Thinking,
    /// How pictures that the servers have seen are sent again.
    pub images: Images,
    /// Tokens of an answer at most, for questions that name no number.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub max_tokens: u32,
    /// The longer side of pictures that are shown, in pixels; larger ones are resized.
    #[schemars(range(min = 64, max = 4096))]
    pub max_side: u32,
    /// Sampling: only the most likely tokens that have this probability together.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub top_p: f64,
    /// Sampling: only this many of the most likely tokens. -1: no limit.
    #[schemars(range(min = -1, max = 1_048_576))]
    pub top_k: i32,
    /// Sampling: only tokens with at least this share of the likeliest one's probability.
    #[schemars(range(min = 0, max = 1))]
    pub min_p: f64,
    /// Sampling: above 1, what was said or asked already is less likely.
    #[schemars(range(max = 2), extend("exclusiveMinimum" = 0))]
    pub repetition_penalty: f64,
    /// Sampling: above 0, what was said already is less likely.
    #[schemars(range(min = -2, max = 2))]
    pub presence_penalty: f64,
    /// Sampling: above 0, what was said often is less likely.
    #[schemars(range(min = -2, max = 2))]
    pub frequency_penalty: f64,
    /// Ask for the probabilities of answers, where the servers give them.
    pub logprobs: bool,
    /// The priority of requests, where the servers have an order of priority; lower goes first. Without it, none is sent.
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    pub priority: Option<i32>,
}

impl Chat {
    /// The defaults, at `url`.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: vec![url.to_owned()],
            service: Service::with_slots(64),
            dialect: Dialect::Auto,
            coordinates: Coordinates::Thousand,
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
            priority: None,
        }
    }
}

/// Which fields beyond OpenAI's a server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// What the server says it is.
    Auto,
    /// Those of vLLM.
    Vllm,
    /// Those of SGLang.
    Sglang,
    /// None.
    Openai,
}

/// How a model states places in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Coordinates {
    /// From 0 to 1000 along each side, as Qwen2-VL and Qwen3-VL do.
    Thousand,
    /// Pixels of the picture that it was shown.
    Shown,
    /// Pixels of that picture resized to multiples of 28, as Qwen2.5-VL does.
    #[serde(rename = "resized-28")]
    Resized28,
    /// Pixels of that picture resized to multiples of 32.
    #[serde(rename = "resized-32")]
    Resized32,
    /// From 0 to 1 along each side.
    Unit,
}

/// Whether a model may think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Thinking {
    /// As the model is made.
    Auto,
    /// It is told not to.
    Off,
}

/// How pictures that a server has seen are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// By name where the dialect has that.
    Auto,
    /// By name, which is a hash of their bytes.
    Uuid,
    /// With all their bytes.
    Inline,
}
