//! The planner: it parses the query, asks the detector, fits the detected objects and proposes hypotheses.

use crate::Settings;
use crate::choice::{self, Choice};
use crate::fit::Scene;
use crate::object::{Object, objects};
use crate::vary::{Variant, schedule};
use alloc::collections::BTreeMap;
use rescue_phrase::{Expression, Thing};
use rescue_plugin_sdk::chat::{Answer, Failure, Trouble};
use rescue_plugin_sdk::planner::{Blank, Proposal, Step};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Brief, Hypothesis, Look, Random, Region, Requests, Sample, detect};

/// Finds the detected objects that an expression names.
#[derive(Debug)]
pub struct Grounder<L = Sample> {
    brief: Brief,
    settings: Settings,
    look: L,
    expression: Result<Expression, String>,
    /// Requests to the detector: the noun, and whether the query seeks it (or only mentions it in a relation).
    requests: Requests<(String, bool)>,
    asked: bool,
}

impl<L: Look> Grounder<L> {
    /// A planner for this brief.
    pub fn new(brief: Brief, settings: Settings, look: L) -> Self {
        let expression = rescue_phrase::parse(&brief.query).map_err(|problem| {
            format!("{problem}; name a thing, such as \"the red car left of the bus\" or \"second dog from the left\"")
        });
        Self { brief, settings, look, expression, requests: Requests::default(), asked: false }
    }

    /// Takes in an answer of the detector.
    pub fn answered(&mut self, answer: Answer) {
        self.requests.answered(answer);
    }

    /// The next step: first all questions; then, once all are answered, all hypotheses.
    pub fn step(&mut self) -> Step {
        let expression = match &self.expression {
            _ if self.brief.count == 0 => return Step { done: true, ..Step::default() },
            Ok(expression) => expression.clone(),
            Err(why) => return no_target(why.clone()),
        };
        if !self.asked {
            self.asked = true;
            let ask = nouns(&expression)
                .into_iter()
                .map(|(noun, sought)| self.requests.ask((noun.clone(), sought), detect(noun)))
                .collect();
            return Step { ask, ..Step::default() };
        }
        if self.requests.waiting() {
            return Step::default();
        }
        self.propose(&expression)
    }

    fn propose(&self, expression: &Expression) -> Step {
        let mut found: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        for ((noun, sought), answer) in self.requests.answers() {
            match answer {
                Some(Ok(reply)) => {
                    let objects = objects(&reply.boxes, self.brief.image, self.settings.least_score);
                    if objects.is_empty() && *sought {
                        return no_target(format!("no '{noun}' was found"));
                    }
                    found.insert(noun.clone(), objects);
                }
                Some(Err(failure)) if *sought => return failed(noun, failure),
                _ => {}
            }
        }
        let scene = Scene { image: self.brief.image, objects: &found, look: &self.look };
        let each: Vec<Vec<Choice>> = expression
            .things
            .iter()
            .map(|thing| {
                let objects = found.get(&thing.noun.name).map(Vec::as_slice).unwrap_or_default();
                choice::choices(thing, objects, &scene.fits(thing))
            })
            .collect();
        let choices = choice::combine(&each);
        match choices.first() {
            Some(best) if best.fit >= self.settings.least_fit => self.hypotheses(expression, &choices),
            Some(best) => no_target(format!("nothing fits; the best fits {:.3}: {}", best.fit, best.why)),
            None => no_target("nothing was found".to_owned()),
        }
    }

    fn hypotheses(&self, expression: &Expression, choices: &[Choice]) -> Step {
        let label: Vec<&str> = expression.things.iter().map(|thing| thing.noun.written.as_str()).collect();
        let label = label.join(" and ");
        let remarks: Vec<String> = expression.things.iter().flat_map(remarks).collect();
        let doubt = remarks.iter().fold(1.0, |trust, _| trust * (1.0 - self.settings.doubt));
        let fits: Vec<f64> = choices.iter().map(|choice| choice.fit).collect();
        let followed = usize::try_from(self.settings.objects).unwrap_or(usize::MAX);
        let plan = schedule(&fits, usize::try_from(self.brief.count).unwrap_or(usize::MAX), followed);
        let propose = (0_u32..)
            .zip(plan)
            .filter_map(|(id, (index, variant))| choices.get(index).map(|choice| (id, choice, variant)))
            .map(|(id, choice, variant)| {
                let shown = format!("shown as {}", variant.origin());
                let why: Vec<&str> =
                    [&choice.why].into_iter().chain(&remarks).chain([&shown]).map(String::as_str).collect();
                Proposal::Hypothesis(Hypothesis {
                    id,
                    label: label.clone(),
                    regions: self.regions(choice, variant),
                    without: vec![],
                    confidence: Some((choice.fit * variant.prior() * doubt).clamp(0.0, 1.0)),
                    reasoning: why.join("; "),
                    origin: variant.origin().to_owned(),
                    notes: notes(choice),
                })
            })
            .collect();
        Step { propose, done: true, ..Step::default() }
    }

    fn regions(&self, choice: &Choice, variant: Variant) -> Vec<Region> {
        let random = Random::new(self.brief.seed);
        let prompt = |object: &Object| {
            variant.prompt(object.rect, self.settings.jitter, &random.named("object", object.index as u64))
        };
        choice.objects.iter().map(|object| Region::Prompt(prompt(object))).collect()
    }
}

/// The nouns to detect, each once, and whether the query seeks it. The sought ones come first.
fn nouns(expression: &Expression) -> Vec<(String, bool)> {
    let sought = expression.things.iter().map(|thing| (thing, true));
    let related =
        expression.things.iter().flat_map(|thing| &thing.relations).flat_map(|r| &r.others).map(|other| (other, false));
    let mut nouns: Vec<(String, bool)> = Vec::new();
    for (thing, sought) in sought.chain(related) {
        if nouns.iter().all(|(noun, _)| *noun != thing.noun.name) {
            nouns.push((thing.noun.name.clone(), sought));
        }
    }
    nouns
}

/// What was not understood of a thing, in words.
fn remarks(thing: &Thing) -> Vec<String> {
    let narrower =
        thing.noun.narrower.then(|| format!("'{}' is not told from any other {}", thing.noun.written, thing.noun.name));
    let others = || thing.relations.iter().flat_map(|relation| &relation.others);
    let related =
        others().flat_map(|other| (!other.noun.known).then_some(&other.noun.written).into_iter().chain(&other.unknown));
    let unknown = thing.unknown.iter().chain(related).map(|word| format!("not understood: '{word}'"));
    narrower.into_iter().chain(unknown).collect()
}

/// The notes of a hypothesis, which later plugins may read.
fn notes(choice: &Choice) -> Vec<(String, String)> {
    let list = |text: &dyn Fn(&Object) -> String| choice.objects.iter().map(text).collect::<Vec<_>>().join(",");
    let around = choice.objects.iter().map(|object| object.rect).reduce(|a, b| a.hull(&b));
    let edges = around.map(|r| [r.x_min, r.y_min, r.x_max, r.y_max].map(|edge| format!("{edge:.1}")).join(","));
    vec![
        ("box".to_owned(), edges.unwrap_or_default()),
        ("detection".to_owned(), list(&|object| format!("{:.3}", object.score))),
        ("object".to_owned(), list(&|object| object.index.to_string())),
        ("place".to_owned(), choice.place.clone()),
        ("fit".to_owned(), format!("{:.3}", choice.fit)),
    ]
}

/// The last step if the detector did not answer for a noun that the query seeks.
fn failed(noun: &str, failure: &Failure) -> Step {
    match failure.trouble {
        Trouble::Unsupported => no_target(format!("'{noun}' is not known: {}", failure.message)),
        Trouble::Unreadable | Trouble::Refused | Trouble::Unavailable => {
            let why = format!("the detector cannot look for '{noun}': {}", failure.message);
            Step { propose: vec![Proposal::Skipped(Blank { id: 0, why })], done: true, ..Step::default() }
        }
    }
}

/// The last step if nothing in the photo fits, and why.
fn no_target(why: String) -> Step {
    Step { propose: vec![Proposal::NoTarget(Blank { id: 0, why })], done: true, ..Step::default() }
}
