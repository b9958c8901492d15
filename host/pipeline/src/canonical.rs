//! The canonical pass: the computation of a result, alone, from answers. Sessions are fresh, facts are told in a fixed order,
//! and neither time nor threads reach it.
//!
//! It goes round by round: a session is asked for steps until one is empty, everything it wants is answered, and all answers are
//! told at once in the order asked. To scorers and tournaments the candidates are told first: those that entered, the ids that are
//! gone (both in the order of ids), `closed`, and to a tournament `scored`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rescue_core::{Digest, Photo};
use rescue_plugin::border::exports::rescue::plugin::{planner, scorer, tournament};
use rescue_plugin::border::rescue::plugin::chat::{Answer, Request};
use rescue_plugin::border::rescue::plugin::types::{Brief, Candidate, Cause, Score, Size};
use rescue_plugin::trace::Traces;
use rescue_plugin::{Kind, LogLine, Planning, Sample, Scoring, Tourney, Verifier};
use tokio::runtime::Runtime;

use crate::ask::{Asker, Group};
use crate::candidates::{self, Fates, Field, Made};
use crate::crew::{Crew, Member};
use crate::error::RunError;
use crate::exchange::{AbsenceKind, Exchange};
use crate::journal::Journal;
use crate::matches;
use crate::options::Options;
use crate::progress::Progress;
use crate::record::{AbsenceRecord, Counts, Facts, Record, State};
use crate::timings::Timings;
use crate::{InputError, input};

/// A result and what it was made of.
#[derive(Debug)]
pub struct Outcome {
    /// The result, as it is written down.
    pub record: Record,
    /// What the journal calls this sample.
    pub sample: String,
    /// The mask of the answer; none where nothing was found.
    pub mask: Option<rescue_mask::Mask>,
    /// Every candidate, merged ones too, in the order of ids.
    pub candidates: Vec<Made>,
    /// What plugins logged, in the order in which they worked.
    pub log: Vec<(Kind, LogLine)>,
    /// Where the time went.
    pub timings: Timings,
}

/// Finds what the query describes.
pub struct Search<'a> {
    /// The plugins.
    pub crew: &'a Crew,
    /// Where questions meet answers.
    pub exchange: &'a Arc<Exchange>,
    /// What this search lacked in earlier runs, and where it is written down what it lacks now.
    pub journal: &'a Journal,
    /// What waits for the answers.
    pub runtime: &'a Runtime,
    /// The most entries of a plugin's step.
    pub room: u32,
    /// Where the plugins' event logs are kept, if anywhere.
    pub traces: Option<Traces>,
}

impl Search<'_> {
    /// Whether this could be searched for at all; `run` checks the same.
    pub fn check(photo: &Photo, query: &str, options: &Options) -> Result<(), InputError> {
        input::query(query)?;
        input::count(options.count, photo.size())
    }

    /// The canonical pass over one photo and one query.
    pub fn run(
        &self,
        photo: Arc<Photo>,
        query: &str,
        options: &Options,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Outcome, RunError> {
        Self::check(&photo, query, options)?;
        let query = query.trim();
        let sample = Arc::new(match &self.traces {
            Some(traces) => Sample::new(photo.clone()).with_traces(traces.clone()),
            None => Sample::new(photo.clone()),
        });
        let name = name(&photo, query);
        let asker = Asker::new(
            self.exchange,
            self.runtime,
            self.journal,
            name.clone(),
            &sample,
            photo.clone(),
            options.deadline,
        );
        let mut pass = Pass {
            search: self,
            photo: photo.clone(),
            query,
            options,
            sample,
            asker,
            progress,
            log: Vec::new(),
            timings: Timings::default(),
            counts: Counts::default(),
        };
        let fates = pass.plan()?;
        let candidates: Vec<Made> = fates.values().flatten().cloned().collect();
        let start = Instant::now();
        let field = candidates::close(fates, options.count, options.merge_iou)?;
        pass.timings.add("merge", start);
        let scores = pass.score(&field)?;
        let ranking = pass.rank(&field, scores)?;
        pass.counts.questions = pass.asker.questions();
        pass.counts.unreadable = pass.asker.unreadable();
        let absences = absences(&pass.asker);
        let (record, mask) = Record::new(&Facts {
            photo: &photo,
            query,
            options,
            crew: self.crew,
            services: self.exchange.services(),
            field: &field,
            candidates: &candidates,
            ranking: &ranking,
            counts: pass.counts,
            state: state(&absences),
            absences,
            answers: pass.asker.digest(),
        })?;
        Ok(Outcome { record, sample: name, mask, candidates, log: pass.log, timings: pass.timings })
    }
}

/// One pass under way.
struct Pass<'a, 'b> {
    search: &'a Search<'a>,
    photo: Arc<Photo>,
    query: &'a str,
    options: &'a Options,
    sample: Arc<Sample>,
    asker: Asker<'a>,
    progress: &'b mut dyn FnMut(Progress),
    log: Vec<(Kind, LogLine)>,
    timings: Timings,
    counts: Counts,
}

impl Pass<'_, '_> {
    /// What a session of this kind is about. `words` tell sessions of one kind apart.
    fn brief(&self, kind: Kind, member: &Member, words: &[u8]) -> Brief {
        let size = self.photo.size();
        let digest = self.photo.digest();
        let seed = self.options.seed.derive([kind.name().as_bytes(), digest.bytes(), self.query.as_bytes(), words]);
        Brief {
            query: self.query.to_owned(),
            image: Size { width: size.width, height: size.height },
            count: self.options.count,
            room: self.search.room,
            settings: member.settings.clone(),
            seed,
            context: Vec::new(),
        }
    }

    fn keep(&mut self, kind: Kind, lines: Vec<LogLine>, fuel: u64) {
        self.log.extend(lines.into_iter().map(|line| (kind, line)));
        self.timings.fuel(kind, fuel);
    }

    /// The answers to what one session asks.
    fn answers(&mut self, kind: Kind, requests: Vec<Request>) -> Result<Vec<Answer>, RunError> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let answered = self.asker.answers(&[Group { kind, of_match: 0, requests }], self.progress)?;
        Ok(answered.into_iter().flat_map(|answered| answered.answers).collect())
    }

    /// Hypotheses, and the masks of each round's proposals.
    fn plan(&mut self) -> Result<Fates, RunError> {
        (self.progress)(Progress::Planning);
        let start = Instant::now();
        let member = &self.search.crew.planner;
        let feedback = member.needs(Kind::Planner, "feedback");
        let mut planning = Planning::start(&member.plugin, &self.sample, &self.brief(Kind::Planner, member, &[]))?;
        let mut fates = Fates::new();
        let mut segmenting = 0.0;
        loop {
            let plan = planning.plan(feedback)?;
            let ids: Vec<u32> = plan.propose.iter().map(proposed).collect();
            let start = Instant::now();
            candidates::make(&mut fates, plan.propose, self.photo.size(), self.query, &mut self.asker, self.progress)?;
            segmenting += start.elapsed().as_secs_f64();
            for made in ids.iter().filter_map(|id| fates.get(id)).flatten() {
                self.sample.enter(made.candidate.id, made.mask.clone(), made.reasoning.clone());
            }
            if plan.done {
                break;
            }
            let answers = self.answers(Kind::Planner, plan.ask)?;
            let mut facts: Vec<_> = answers.into_iter().map(planner::Fact::Answered).collect();
            if feedback {
                facts.extend(fed_back(&fates, ids));
            }
            planning.tell(facts)?;
        }
        self.keep(Kind::Planner, planning.take_log(), planning.fuel());
        self.timings.add_seconds("plan", start.elapsed().as_secs_f64() - segmenting);
        self.timings.add_seconds("segment", segmenting);
        Ok(fates)
    }

    fn score(&mut self, field: &Field) -> Result<Option<Vec<Score>>, RunError> {
        let Some(member) = &self.search.crew.scorer else { return Ok(None) };
        (self.progress)(Progress::Scoring(field.entered.len()));
        let start = Instant::now();
        let mut scoring = Scoring::start(&member.plugin, &self.sample, &self.brief(Kind::Scorer, member, &[]))?;
        let first = scoring.plan(true)?;
        let mut facts: Vec<_> =
            field.entered.iter().map(|made| scorer::Fact::Entered(made.candidate.clone())).collect();
        facts.extend(field.gone.iter().cloned().map(scorer::Fact::Gone));
        facts.push(scorer::Fact::Closed(field.standings.clone()));
        let mut asked = first.ask;
        let scores = loop {
            facts.extend(self.answers(Kind::Scorer, asked)?.into_iter().map(scorer::Fact::Answered));
            scoring.tell(std::mem::take(&mut facts))?;
            let plan = scoring.plan(false)?;
            if let Some(scores) = plan.scores {
                break scores;
            }
            asked = plan.ask;
        };
        self.keep(Kind::Scorer, scoring.take_log(), scoring.fuel());
        self.timings.add("score", start);
        Ok(Some(scores))
    }

    fn rank(&mut self, field: &Field, scores: Option<Vec<Score>>) -> Result<tournament::Ranking, RunError> {
        let start = Instant::now();
        let crew = self.search.crew;
        let (smallest, largest) = crew.contestants()?;
        let scored = scores.is_some();
        let terms = tournament::Terms { smallest, largest, scored, spare: 0, context: Vec::new() };
        let brief = self.brief(Kind::Tournament, &crew.tournament, &[]);
        let mut tourney = Tourney::start(&crew.tournament.plugin, &self.sample, &brief, &terms)?;
        let mut verifier = Verifier::new(&crew.verifier.plugin, &self.sample)?;

        let mut play = tourney.plan(true)?;
        let mut facts: Vec<_> =
            field.entered.iter().map(|made| tournament::Fact::Entered(made.candidate.clone())).collect();
        facts.extend(field.gone.iter().cloned().map(tournament::Fact::Gone));
        facts.push(tournament::Fact::Closed(field.standings.clone()));
        facts.extend(scores.map(tournament::Fact::Scored));
        let known: BTreeMap<u32, &Candidate> =
            field.entered.iter().map(|made| (made.candidate.id, &made.candidate)).collect();
        while !play.done {
            facts.extend(self.play(&play.play, &mut verifier, &known)?.into_iter().map(tournament::Fact::Played));
            tourney.tell(std::mem::take(&mut facts))?;
            play = tourney.plan(false)?;
        }
        let ranking = tourney.ranking()?;
        self.keep(Kind::Verifier, verifier.take_log(), verifier.fuel());
        self.keep(Kind::Tournament, tourney.take_log(), tourney.fuel());
        self.timings.add("rank", start);
        Ok(ranking)
    }

    fn play(
        &mut self,
        wanted: &[tournament::Match],
        verifier: &mut Verifier,
        known: &BTreeMap<u32, &Candidate>,
    ) -> Result<Vec<tournament::Outcome>, RunError> {
        (self.progress)(Progress::Matches(wanted.len()));
        let member = &self.search.crew.verifier;
        let template = self.brief(Kind::Verifier, member, &[]);
        let (seed, digest, query) = (self.options.seed, self.photo.digest(), self.query);
        let brief = |wanted: &tournament::Match| {
            let lineup = wanted.lineup.contestants.iter().chain([&wanted.lineup.repeat]);
            let words: Vec<u8> = lineup.flat_map(|number| number.to_le_bytes()).collect();
            let words = [Kind::Verifier.name().as_bytes(), digest.bytes(), query.as_bytes(), &words];
            Brief { seed: seed.derive(words), ..template.clone() }
        };
        let candidate = |id: u32| known.get(&id).copied();
        let outcomes = matches::play(wanted, verifier, &mut self.asker, brief, candidate, self.progress)?;
        for outcome in &outcomes {
            self.counts.matches = self.counts.matches.saturating_add(1);
            match &outcome.ending {
                tournament::Ending::Verdict(_) => {}
                tournament::Ending::Abstained(_) => self.counts.abstained = self.counts.abstained.saturating_add(1),
                tournament::Ending::Failed(_) => self.counts.failed = self.counts.failed.saturating_add(1),
            }
        }
        Ok(outcomes)
    }
}

/// What tells a sample from others: the photo's digest and that of the query.
fn name(photo: &Photo, query: &str) -> String {
    format!("{}/{}", photo.digest().short(), Digest::of(query.as_bytes()).short())
}

fn absences(asker: &Asker) -> Vec<AbsenceRecord> {
    let record = |(key, absence): (rescue_ledger::Key, &crate::exchange::Absence)| AbsenceRecord {
        key,
        absence: absence.clone(),
    };
    asker.absences().map(record).collect()
}

/// Whether something is missing, and whether it is for want of time.
fn state(absences: &[AbsenceRecord]) -> State {
    let cut = |record: &AbsenceRecord| record.absence.kind == AbsenceKind::Cut;
    match (absences.is_empty(), absences.iter().any(cut)) {
        (true, _) => State::Complete,
        (false, true) => State::Cut,
        (false, false) => State::Degraded,
    }
}

fn proposed(proposal: &planner::Proposal) -> u32 {
    match proposal {
        planner::Proposal::Hypothesis(hypothesis) => hypothesis.id,
        planner::Proposal::NoTarget(blank) | planner::Proposal::Skipped(blank) => blank.id,
    }
}

/// What became of these proposals, in the order of ids.
fn fed_back(fates: &Fates, mut ids: Vec<u32>) -> Vec<planner::Fact> {
    use rescue_plugin::border::rescue::plugin::types::Gone;
    ids.sort_unstable();
    let fates = ids.into_iter().filter_map(|id| fates.get(&id).map(|fate| (id, fate)));
    fates
        .map(|(id, fate)| match fate {
            Ok(made) => planner::Fact::Entered(made.candidate.clone()),
            Err(why) => planner::Fact::Gone(Gone { id, why: Cause::clone(why) }),
        })
        .collect()
}
