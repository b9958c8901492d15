//! How one sample's choices compare with the truth: `scores.json` beside its result. The choices are made before the truth is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rescue_dataset::{Item, Truth};
use rescue_mask::{Mask, MaskError};
use rescue_pipeline::run::result_files;
use rescue_pipeline::{Choice, Chosen, Cost, MatchCounts, Outcome, PlayedMatch, Questions, State, Tokens, Unmade};
use rescue_plugin::Measured;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baselines::{Baselines, Rule};
use crate::metrics::Overlap;
use crate::plan::{Plan, PlannedStrategy};
use crate::repeat::sample_id;

/// The name of the file.
pub const FILE: &str = "scores.json";

/// How a sample's choices compare with the truth. The same bytes for the same result.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SampleScores {
    /// The version of this format.
    pub form: u32,
    /// The entry of the data set.
    pub id: String,
    /// Which search of the entry this is, from 1: each has another seed.
    pub repeat: u32,
    /// SHA-256 of the photo's file.
    pub photo: String,
    /// BLAKE3 over the sentence and what its truth is read from ([`Item::truth_digest`]).
    pub truth: String,
    /// BLAKE3 of `result.json`.
    pub result: String,
    /// BLAKE3 over the strategies ([`Plan::digest`]).
    pub plan: String,
    /// What the data set says of the entry.
    pub categories: BTreeMap<String, String>,
    /// Whether every question of the result has an answer that could be read.
    pub state: State,
    /// The number of hypotheses.
    pub n: u32,
    /// The different questions of the result, to each service.
    pub questions: Questions,
    /// The tokens of these questions and of their answers.
    pub tokens: Tokens,
    /// What each candidate has in common with the truth, by id.
    pub candidates: BTreeMap<u32, Overlap>,
    /// The same for choosing nothing.
    pub nothing: Overlap,
    /// The same for each rule's choice, by the number of hypotheses.
    pub baselines: BTreeMap<Rule, BTreeMap<u32, Overlap>>,
    /// The strategies, the run's own first.
    pub strategies: Vec<StrategyScores>,
}

/// What came of one strategy in one sample.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct StrategyScores {
    /// Its name.
    pub name: String,
    /// Whether it is there because every table has it.
    pub baseline: bool,
    /// By the number of hypotheses.
    pub n: BTreeMap<u32, ChoiceScores>,
    /// Its matches, each once, those of choices among more hypotheses first.
    pub matches: Vec<PlayedMatch>,
}

/// A strategy's choice among the first hypotheses.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ChoiceScores {
    /// What its choice among all hypotheses would have in common with the truth had the others not been answers. That ranking knows them.
    /// `None` if that choice was not made.
    pub prefix: Option<Overlap>,
    /// What its choice has in common with the truth if it knows of the first hypotheses alone. `None` if it was not made.
    pub rerun: Option<Overlap>,
    /// At least how many questions were to be asked for a choice that was not made; 0 if it was, or if a plugin or a service failed. Which
    /// answers are known may depend on what else the ledger holds.
    pub needs: usize,
    /// How a plugin or a service failed; empty if none did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Whether every question of the rerun has an answer that could be read. `None` if it was not made.
    pub state: Option<State>,
    /// The matches of the rerun.
    pub matches: MatchCounts,
    /// What the rerun has cost.
    pub cost: Cost,
}

/// The largest such file that is read, in bytes. A larger one is not of this program.
const MAX_BYTES: u64 = 1 << 30;

/// The version of the file.
pub const FORM: u32 = 4;

impl SampleScores {
    /// Compares what was chosen with the truth.
    ///
    /// # Errors
    ///
    /// Returns what is wrong if the masks differ in size, or the truth cannot be read any more.
    pub fn new(
        item: &Item,
        repeat: u32,
        outcome: &Outcome,
        plan: &Plan,
        baselines: &Baselines,
        truth: &Truth,
    ) -> Result<Self, String> {
        let result = result_files::result_json(&outcome.record).map_err(|error| error.to_string())?;
        let digest = item.truth_digest().map_err(|error| error.to_string())?;
        let overlaps = Self::overlaps(item, outcome, plan, baselines, truth).map_err(|error| error.to_string())?;
        Ok(Self { repeat, truth: digest, result: blake3::hash(&result).to_hex().to_string(), ..overlaps })
    }

    /// Whether these scores are of the result in a sample's folder, of these strategies, and of the truth that the data set has now.
    pub fn are_of(&self, item: &Item, plan: &Plan, folder: &Path) -> bool {
        let result = std::fs::read(folder.join("result.json")).ok();
        (self.n, self.plan.as_str()) == (plan.n, plan.digest().as_str())
            && result.is_some_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == self.result)
            && item.truth_digest().is_ok_and(|truth| truth == self.truth)
    }

    /// Whether a choice was not made because questions were to be asked.
    pub fn needs_questions(&self) -> bool {
        self.strategies.iter().flat_map(|of| of.n.values()).any(|choice| choice.needs > 0)
    }

    /// Whether a choice lacks answers, or was not made because a plugin or a service failed.
    pub fn lacks_answers(&self) -> bool {
        let lacks = |choice: &ChoiceScores| {
            !choice.why.is_empty() || matches!(choice.state, Some(State::Degraded | State::Cut))
        };
        self.strategies.iter().flat_map(|of| of.n.values()).any(lacks)
    }

    fn overlaps(
        item: &Item,
        outcome: &Outcome,
        plan: &Plan,
        baselines: &Baselines,
        truth: &Truth,
    ) -> Result<Self, MaskError> {
        let mut chosen: BTreeMap<Rule, BTreeMap<u32, Overlap>> = BTreeMap::new();
        for ((n, rule), mask) in &baselines.0 {
            chosen.entry(*rule).or_default().insert(*n, Overlap::of(mask.as_ref(), truth)?);
        }
        let candidate = |made: &Measured| Ok((made.candidate.id, Overlap::of(Some(&made.mask.to_mask()), truth)?));
        Ok(Self {
            form: FORM,
            id: item.id.clone(),
            repeat: 1,
            photo: outcome.record.image.sha256.to_string(),
            truth: String::new(),
            result: String::new(),
            plan: plan.digest(),
            categories: item.categories.clone(),
            state: outcome.record.state,
            n: outcome.record.n,
            questions: outcome.record.counts.questions.clone(),
            tokens: outcome.tokens,
            candidates: outcome.candidates.iter().map(candidate).collect::<Result<_, MaskError>>()?,
            nothing: Overlap::of(None, truth)?,
            baselines: chosen,
            strategies: plan
                .strategies
                .iter()
                .map(|of| StrategyScores::new(of, outcome, truth))
                .collect::<Result<_, MaskError>>()?,
        })
    }

    /// Reads the scores in a sample's folder. `None` if there are none that can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let file = folder.join(FILE);
        // A pipe may have nobody who writes.
        if !std::fs::metadata(&file).is_ok_and(|about| about.is_file() && about.len() <= MAX_BYTES) {
            return None;
        }
        let scores: Self = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        (scores.form == FORM).then_some(scores)
    }

    /// The id of the sample, which names its folder.
    pub fn sample_id(&self) -> String {
        sample_id(&self.id, self.repeat)
    }

    /// The run's own choice among all hypotheses: the result.
    pub fn own(&self) -> Option<&ChoiceScores> {
        self.strategies.first()?.n.get(&self.n)
    }
}

impl StrategyScores {
    fn new(of: &PlannedStrategy, outcome: &Outcome, truth: &Truth) -> Result<Self, MaskError> {
        let own = || outcome.choices.iter().filter(|choice| choice.strategy == of.number);
        // Whatever is asked, a choice among all hypotheses is made unless a plugin or a service failed.
        let all = own().find(|choice| choice.n == outcome.record.n).and_then(|choice| choice.made.as_ref().ok());
        let mask_of = |id: u32| -> Option<Mask> {
            let made = outcome.candidates.iter().find(|made| made.candidate.id == id)?;
            Some(made.mask.to_mask())
        };
        let (mut n, mut matches, mut seen) = (BTreeMap::new(), Vec::<PlayedMatch>::new(), BTreeSet::new());
        for choice in own() {
            let prefix = all.map(|all| match choice.n == outcome.record.n {
                true => Overlap::of(all.mask.as_ref(), truth),
                false => Overlap::of(all.among_first(choice.n, mask_of)?.as_ref(), truth),
            });
            let prefix = prefix.transpose()?;
            n.insert(choice.n, ChoiceScores::new(choice, prefix, truth)?);
            for played in choice.made.iter().flat_map(|chosen| &chosen.matches) {
                if seen.insert((&played.contestants, played.repeat)) {
                    matches.push(played.clone());
                }
            }
        }
        Ok(Self { name: of.name.clone(), baseline: of.baseline, n, matches })
    }
}

impl ChoiceScores {
    fn new(choice: &Choice, prefix: Option<Overlap>, truth: &Truth) -> Result<Self, MaskError> {
        let unmade = |needs: usize, why: &str| {
            let (rerun, state, matches, cost) = Default::default();
            Self { prefix, rerun, needs, why: why.to_owned(), state, matches, cost }
        };
        let chosen = match &choice.made {
            Ok(chosen) => chosen,
            Err(Unmade::Needs(needs)) => return Ok(unmade(*needs, "")),
            Err(Unmade::Failed(why)) => return Ok(unmade(0, why)),
        };
        let Chosen { mask, state, matches, cost, .. } = chosen;
        Ok(Self {
            prefix,
            rerun: Some(Overlap::of(mask.as_ref(), truth)?),
            needs: 0,
            why: String::new(),
            state: Some(*state),
            matches: MatchCounts::of(matches),
            cost: *cost,
        })
    }
}
