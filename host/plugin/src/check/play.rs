//! A play of any kind, reduced to what is compared with other plays.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::border::exports::rescue::plugin::planner::Proposal;
use crate::error::PluginError;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rehearsal::{Rehearsal, Usage, content};

/// What a plugin did in a play.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Play {
    /// The content of each question or match without its id, in the order asked.
    pub(super) asked: Vec<String>,
    /// What `asked` holds: "question" or "match".
    pub(super) what: &'static str,
    /// The proposals, scores, judgements or ranking, in an order that does not depend on the order of arrival.
    pub(super) outcome: Vec<String>,
    pub(super) usage: Usage,
}

impl Play {
    /// A number with its noun, such as "1 question" or "15 matches".
    pub(super) fn counted(&self, number: usize) -> String {
        let ending = match (number, self.what) {
            (1, _) => "",
            (_, "match") => "es",
            _ => "s",
        };
        format!("{number} {}{ending}", self.what)
    }
}

/// Plays one kind.
pub(super) fn play(
    rehearsal: &Rehearsal,
    plugin: &Plugin,
    kind: Kind,
    settings: &Map<String, Value>,
) -> Result<Play, PluginError> {
    Ok(match kind {
        Kind::Planner => {
            let mut play = rehearsal.planner(plugin, settings)?;
            play.proposed.sort_by_key(id);
            Play {
                asked: play.asked.iter().flat_map(content).collect(),
                what: "question",
                outcome: play.proposed.iter().map(json).collect(),
                usage: play.usage,
            }
        }
        Kind::Scorer => {
            let mut play = rehearsal.scorer(plugin, settings)?;
            play.scores.sort_by_key(|score| score.id);
            Play {
                asked: play.asked.iter().flat_map(content).collect(),
                what: "question",
                outcome: play.scores.iter().map(json).collect(),
                usage: play.usage,
            }
        }
        Kind::Verifier => {
            let play = rehearsal.verifier(plugin, settings)?;
            let each = play.judged.iter().flat_map(|judged| {
                let lineup = format!("match of {:?} repeat {}: ", judged.contestants, judged.repeat);
                judged.asked.iter().flat_map(content).map(move |content| format!("{lineup}{content}"))
            });
            Play {
                asked: each.collect(),
                what: "question",
                outcome: play.judged.iter().map(|judged| json(&judged.judgement)).collect(),
                usage: play.usage,
            }
        }
        Kind::Tournament => {
            let play = rehearsal.tournament(plugin, settings)?;
            let asked = play.asked.iter().map(|wanted| {
                let lineup = &wanted.lineup;
                let ids: Vec<String> = lineup.contestants.iter().map(u32::to_string).collect();
                let repeat = if lineup.repeat > 0 { format!(", repeat {}", lineup.repeat) } else { String::new() };
                format!("candidate {}{repeat}", ids.join(" against "))
            });
            Play { asked: asked.collect(), what: "match", outcome: vec![json(&play.ranking)], usage: play.usage }
        }
    })
}

fn id(proposal: &Proposal) -> u32 {
    match proposal {
        Proposal::Hypothesis(hypothesis) => hypothesis.id,
        Proposal::NoTarget(blank) | Proposal::Skipped(blank) => blank.id,
    }
}

/// JSON that is equal for equal values, and only for those: numbers keep every bit.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
