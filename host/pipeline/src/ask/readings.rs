//! How well the answers of models in words could be read, by service.

use std::collections::{BTreeMap, BTreeSet};

use rescue_ledger::Key;
use rescue_plugin::printable;
use rescue_reply::{Said, Thinking, said};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::services::ServiceName;

/// How much of an unreadable reply is kept, in characters.
const EXCERPT_CHARS: usize = 300;

/// How the answers of one service in words could be read. A question that was asked in several places counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Readings {
    /// The answers that were read.
    pub answers: u32,
    /// Those of them that said nothing in the format asked for: empty, cut off, refused or in another form.
    pub unreadable: u32,
    /// The first of these, in the order asked. `None` if all could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<UnreadableReply>,
    /// What the reader remarked, and about how many answers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub remarks: BTreeMap<String, u32>,
}

/// A reply that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct UnreadableReply {
    /// Why.
    pub why: String,
    /// Its beginning: the text; the thinking if there is no text; the whole message as JSON if there is neither, as for a call of a
    /// tool.
    pub reply: String,
    /// What the user can do about it.
    pub way_out: String,
}

impl Readings {
    /// Whether more than a tenth of the answers were unreadable. A ranking then rests on too little of what the model said.
    pub fn beyond_share(&self) -> bool {
        u64::from(self.unreadable) * 10 > u64::from(self.answers)
    }
}

/// The readings of all services of one sample.
#[derive(Default)]
pub(super) struct AllReadings {
    seen: BTreeSet<Key>,
    services: BTreeMap<ServiceName, Readings>,
}

impl AllReadings {
    /// Notes how the answer to a question of a service was read: the reader's remarks, or the reply that it could not read.
    pub(super) fn note(&mut self, service: ServiceName, key: Key, read: Result<Vec<String>, UnreadableReply>) {
        if !self.seen.insert(key) {
            return;
        }
        let readings = self.services.entry(service).or_default();
        readings.answers = readings.answers.saturating_add(1);
        match read {
            Ok(remarks) => {
                for remark in remarks {
                    *readings.remarks.entry(remark).or_default() += 1;
                }
            }
            Err(reply) => {
                readings.unreadable = readings.unreadable.saturating_add(1);
                readings.first.get_or_insert(reply);
            }
        }
    }

    pub(super) fn services(&self) -> &BTreeMap<ServiceName, Readings> {
        &self.services
    }
}

impl UnreadableReply {
    /// The reply `answer` of `service`, which could not be read for the reason `why`. `most` is the longest reply, in tokens, that was
    /// asked for. `None` if it is no reply of a model.
    pub(super) fn new(service: ServiceName, answer: &Value, thinking: Thinking, most: u32, why: &str) -> Option<Self> {
        let said = said(answer, thinking).ok()?;
        let reply = [&said.text, &said.reasoning].into_iter().find(|text| !text.is_empty()).cloned();
        let reply = reply.unwrap_or_else(|| answer.get("message").map(Value::to_string).unwrap_or_default());
        Some(Self {
            why: why.to_owned(),
            reply: printable(&reply).chars().take(EXCERPT_CHARS).collect(),
            way_out: way_out(service, &said, thinking, most),
        })
    }
}

fn way_out(service: ServiceName, said: &Said, thinking: Thinking, most: u32) -> String {
    let thought = !said.reasoning.trim().is_empty();
    let off = format!("set {service}.thinking=\"off\"");
    if said.refused.is_some() {
        return "use another model, or other words".to_owned();
    }
    match (said.complete, thought && thinking == Thinking::Auto, said.text.trim().is_empty()) {
        (false, true, _) => format!("raise {service}.max-tokens (now {most}), or {off}"),
        (false, false, _) => format!("raise {service}.max-tokens (now {most})"),
        (true, true, true) => format!("{off}, or start the server with the reasoning parser of this model"),
        (true, false, true) => {
            "look at the server's chat template and its parsers of tool calls and reasoning".to_owned()
        }
        (true, _, false) => {
            "use a model that keeps to the format asked for, or a plugin that asks in this model's words".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unreadable(message: Value, finish: &str) -> UnreadableReply {
        let answer = json!({"message": message, "finish_reason": finish});
        UnreadableReply::new(ServiceName::Verifier, &answer, Thinking::Auto, 64, "why").unwrap()
    }

    #[test]
    fn a_question_counts_once_and_the_first_unreadable_reply_is_kept() {
        let mut all = AllReadings::default();
        let reply = |text: &str| unreadable(json!({"content": text}), "stop");
        all.note(ServiceName::Verifier, Key::from_bytes([1; 32]), Err(reply("one")));
        all.note(ServiceName::Verifier, Key::from_bytes([1; 32]), Err(reply("one")));
        all.note(ServiceName::Verifier, Key::from_bytes([2; 32]), Err(reply("two")));
        all.note(ServiceName::Verifier, Key::from_bytes([3; 32]), Ok(vec!["odd".to_owned()]));
        let readings = &all.services()[&ServiceName::Verifier];
        assert_eq!((readings.answers, readings.unreadable), (3, 2));
        assert_eq!(readings.first.as_ref().unwrap().reply, "one");
        assert_eq!(readings.remarks["odd"], 1);
    }

    #[test]
    fn a_tenth_is_not_beyond_the_share() {
        let of = |answers, unreadable| Readings { answers, unreadable, ..Readings::default() }.beyond_share();
        assert_eq!(
            [of(0, 0), of(10, 1), of(10, 2), of(1, 1), of(u32::MAX, u32::MAX)],
            [false, false, true, true, true]
        );
    }

    #[test]
    fn the_way_out_fits_the_reply() {
        let thought = json!({"content": null, "reasoning_content": "let me see"});
        assert!(unreadable(thought.clone(), "stop").way_out.contains("verifier.thinking=\"off\""));
        assert!(
            unreadable(thought, "length").way_out.contains("verifier.max-tokens (now 64), or set verifier.thinking")
        );
        assert!(unreadable(json!({"content": "cut"}), "length").way_out.contains("verifier.max-tokens"));
        assert!(unreadable(json!({"content": ""}), "stop").way_out.contains("chat template"));
        assert!(unreadable(json!({"content": "prose"}), "stop").way_out.contains("keeps to the format"));
        assert!(unreadable(json!({"content": null, "refusal": "no"}), "stop").way_out.contains("another model"));
        assert_eq!(unreadable(json!({"content": null, "reasoning_content": "let me see"}), "stop").reply, "let me see");
        let call = json!({"content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "A", "arguments": "{}"}}]});
        assert!(unreadable(call, "tool_calls").reply.contains(r#""name":"A""#));
        assert_eq!(unreadable(json!({"content": "é".repeat(9999)}), "stop").reply.chars().count(), EXCERPT_CHARS);
    }
}
