//! The contender "native": the standard tournament compiled into this executable, without any border.

use rescue_plugin::border::exports::rescue::plugin::tournament as border;
use rescue_plugin::border::rescue::plugin::types;
use rescue_plugin_sdk::tournament::{Ending, Fact, Match, Outcome, Ranking, Terms, Tournament};
use rescue_plugin_sdk::{Brief, Candidate, Cause, Fault, Gone, Rect, Score, Settings, Size, Standing, Verdict};
use rescue_pyramid::Pyramid;
use wasmtime::{Error, Result, format_err};

use crate::contender::{Contender, Plan};
use crate::facts;

/// A session of native code.
pub struct Native(Pyramid);

impl Native {
    /// Begins a session.
    pub fn start(brief: Brief) -> Result<Self> {
        let terms = facts::terms();
        let terms = Terms {
            smallest: terms.smallest,
            largest: terms.largest,
            scored: terms.scored,
            spare: terms.spare,
            context: terms.context,
        };
        let settings = Settings::read(&brief.settings).map_err(|problem| format_err!(problem))?;
        Pyramid::start(brief, terms, settings).map(Self).map_err(fault)
    }
}

impl Contender for Native {
    type Fact = Fact;
    type Match = Match;
    type Ranking = Ranking;

    fn fact(fact: &border::Fact) -> Fact {
        match fact.clone() {
            border::Fact::Entered(candidate) => Fact::Entered(entered(candidate)),
            border::Fact::Closed(standings) => Fact::Closed(standings.into_iter().map(standing).collect()),
            border::Fact::Scored(scores) => {
                Fact::Scored(scores.into_iter().map(|score| Score { id: score.id, value: score.value }).collect())
            }
            border::Fact::Played(outcome) => Fact::Played(Outcome {
                id: outcome.id,
                calls: outcome.calls,
                ending: match outcome.ending {
                    border::Ending::Verdict(types::Verdict { shares, order, why, notes }) => {
                        Ending::Verdict(Verdict { shares, order, why, notes })
                    }
                    border::Ending::Abstained(why) => Ending::Abstained(why),
                    border::Ending::Failed(why) => Ending::Failed(why),
                },
            }),
            border::Fact::Gone(types::Gone { id, why }) => Fact::Gone(Gone {
                id,
                why: match why {
                    types::Cause::Merged(other) => Cause::Merged(other),
                    types::Cause::NoTarget(why) => Cause::NoTarget(why),
                    types::Cause::Lost(why) => Cause::Lost(why),
                },
            }),
            border::Fact::Noted(note) => Fact::Noted(note),
        }
    }

    fn tell(&mut self, facts: Vec<Fact>) -> Result<()> {
        facts.into_iter().try_for_each(|fact| self.0.tell(fact)).map_err(fault)
    }

    fn plan(&mut self, _: bool) -> Result<Plan<Match>> {
        let (mut play, mut nexts) = (Vec::new(), 0);
        loop {
            let step = self.0.next().map_err(fault)?;
            let empty = step.play.is_empty();
            play.extend(step.play);
            nexts += 1;
            if empty || step.done {
                return Ok(Plan { play, done: step.done, nexts });
            }
        }
    }

    fn ranking(&mut self) -> Result<Ranking> {
        Tournament::ranking(&self.0).map_err(fault)
    }

    fn lineup(wanted: &Match) -> (u32, &[u32]) {
        (wanted.id, &wanted.lineup.contestants)
    }

    fn places(ranking: &Ranking) -> Vec<(u32, f64)> {
        ranking.places.iter().map(|place| (place.id, place.score)).collect()
    }
}

/// Converts a brief to the SDK's type.
pub fn brief(brief: types::Brief) -> Brief {
    let types::Brief { query, image, count, room, settings, seed, context } = brief;
    Brief { query, image: Size { width: image.width, height: image.height }, count, room, settings, seed, context }
}

fn entered(candidate: types::Candidate) -> Candidate {
    let types::Rect { x_min, y_min, x_max, y_max } = candidate.bounds;
    Candidate {
        id: candidate.id,
        label: candidate.label,
        origin: candidate.origin,
        confidence: candidate.confidence,
        notes: candidate.notes,
        bounds: Rect { x_min, y_min, x_max, y_max },
        area: candidate.area,
        coverage: candidate.coverage,
        components: candidate.components,
        predicted_iou: candidate.predicted_iou,
        similarity: candidate.similarity,
        measures: candidate.measures,
    }
}

fn standing(standing: types::Standing) -> Standing {
    let types::Standing { id, agreement, copies, measures } = standing;
    Standing { id, agreement, copies, measures }
}

fn fault(fault: Fault) -> Error {
    format_err!("the tournament answered with a fault: {}", fault.message)
}
