//! The planner: it parses the query, asks the detector, fits the detected objects and proposes hypotheses.

use crate::Settings;
use crate::absent;
use crate::choice::{self, Choice};
use crate::fit::Scene;
use crate::object::{Object, is_suspected, objects};
use crate::vary::{Variant, schedule};
use alloc::collections::BTreeMap;
use rescue_phrase::{Expression, Thing};
use rescue_plugin_sdk::chat::{Answer, Failure, Trouble};
use rescue_plugin_sdk::planner::{Blank, Proposal, Step};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Brief, Hypothesis, Level, Look, Random, Region, Requests, Sample, detect, log};

/// Objects with this IoU or more with one that is excluded are the same.
const SAME: f64 = 0.5;

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
        let mut missing = Vec::new();
        for ((noun, sought), answer) in self.requests.answers() {
            match answer {
                Some(Ok(reply)) => {
                    let objects = objects(&reply.boxes, self.brief.image, self.settings.least_score);
                    if objects.is_empty() && *sought {
                        missing.push(format!("no '{noun}' was found"));
                    }
                    found.insert(noun.clone(), objects);
                }
                Some(Err(failure)) if *sought || is_excluded(expression, noun) => return failed(noun, failure),
                _ => {}
            }
        }
        // Of a list of kinds, those that are there are taken.
        let things: Vec<&Thing> = expression
            .things
            .iter()
            .filter(|thing| found.get(&thing.noun.name).is_none_or(|of| !of.is_empty()))
            .collect();
        if things.is_empty() || !missing.is_empty() && !expression.list {
            return no_target(missing.join("; "));
        }
        let sure: Vec<Object> = found.values().flatten().cloned().collect();
        let suspected = |noun: &str| {
            let answers = self.requests.answers().filter(|((asked, _), _)| asked == noun);
            answers
                .filter_map(|(_, answer)| answer.as_ref()?.as_ref().ok())
                .any(|reply| is_suspected(&reply.boxes, &sure))
        };
        if let Some(why) = things.iter().find_map(|thing| absent::contradiction(thing, &found, suspected)) {
            return no_target(why);
        }
        let mut each: Vec<Vec<Choice>> = Vec::new();
        let mut excluded = Vec::new();
        for thing in things {
            let without = self.excluded(thing, &found);
            let mut left = found.clone();
            if let Some(objects) = left.get_mut(&thing.noun.name) {
                objects.retain(|object| without.iter().all(|other| other.rect.iou(&object.rect) < SAME));
                if objects.is_empty() {
                    return no_target(format!("no '{}' is left without what the query excludes", thing.noun.written));
                }
            }
            let scene = Scene { image: self.brief.image, objects: &left, look: &self.look };
            let objects = left.get(&thing.noun.name).map(Vec::as_slice).unwrap_or_default();
            each.push(choice::choices(thing, objects, &scene.fits(thing)));
            excluded.extend(without);
        }
        let choices = choice::combine(&each);
        match choices.first() {
            Some(best) if best.fit >= self.settings.least_fit => {
                self.hypotheses(expression, &choices, &excluded, &missing)
            }
            Some(best) => no_target(format!("nothing fits; the best fits {:.3}: {}", best.fit, best.why)),
            None => no_target("nothing was found".to_owned()),
        }
    }

    /// The objects that a thing's exclusions mean.
    fn excluded(&self, thing: &Thing, found: &BTreeMap<String, Vec<Object>>) -> Vec<Object> {
        let scene = Scene { image: self.brief.image, objects: found, look: &self.look };
        let mut excluded = Vec::new();
        for other in &thing.except {
            let objects = found.get(&other.noun.name).map(Vec::as_slice).unwrap_or_default();
            let best = choice::choices(other, objects, &scene.fits(other)).into_iter().next();
            excluded.extend(best.into_iter().flat_map(|choice| choice.objects));
        }
        excluded
    }

    fn hypotheses(&self, expression: &Expression, choices: &[Choice], excluded: &[Object], missing: &[String]) -> Step {
        let words = not_understood(expression);
        if !words.is_empty() {
            let words = words.join("', '");
            log(Level::Warn, &format!("these words of the query were not understood, and not used: '{words}'"));
        }
        missing.iter().for_each(|what| log(Level::Warn, what));
        let label: Vec<&str> = expression.things.iter().map(|thing| thing.noun.written.as_str()).collect();
        let label = label.join(" and ");
        let mut remarks: Vec<String> = expression.things.iter().flat_map(remarks).collect();
        let doubt = remarks.iter().fold(1.0, |trust, _| trust * (1.0 - self.settings.doubt));
        remarks.extend(missing.iter().cloned());
        if !excluded.is_empty() {
            remarks.push(format!("{} left out", excluded.len()));
        }
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
                    without: excluded.iter().map(|object| self.region(object, Variant::Box)).collect(),
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
        choice.objects.iter().map(|object| self.region(object, variant)).collect()
    }

    fn region(&self, object: &Object, variant: Variant) -> Region {
        let random = Random::new(self.brief.seed).named("object", object.index as u64);
        Region::Prompt(variant.prompt(object.rect, self.settings.jitter, &random))
    }
}

/// The nouns to detect, each once, and whether the query seeks it. The sought ones come first.
fn nouns(expression: &Expression) -> Vec<(String, bool)> {
    let sought = expression.things.iter().map(|thing| (thing, true));
    let related =
        expression.things.iter().flat_map(|thing| &thing.relations).flat_map(|r| &r.others).map(|other| (other, false));
    let excluded = expression.things.iter().flat_map(|thing| &thing.except).map(|other| (other, false));
    let mut nouns: Vec<(String, bool)> = Vec::new();
    for (thing, sought) in sought.chain(related).chain(excluded) {
        if nouns.iter().all(|(noun, _)| *noun != thing.noun.name) {
            nouns.push((thing.noun.name.clone(), sought));
        }
    }
    nouns
}

/// Whether the query excludes things of this noun.
fn is_excluded(expression: &Expression, noun: &str) -> bool {
    expression.things.iter().flat_map(|thing| &thing.except).any(|other| other.noun.name == noun)
}

/// The words of the query that were not understood, each once.
fn not_understood(expression: &Expression) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let excluded = expression.things.iter().flat_map(|thing| &thing.except);
    for word in expression.things.iter().chain(excluded).flat_map(unknown) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// The words about a thing and what it is related to that were not understood.
fn unknown(thing: &Thing) -> Vec<String> {
    let others = thing.relations.iter().flat_map(|relation| &relation.others);
    let related =
        others.flat_map(|other| (!other.noun.known).then_some(&other.noun.written).into_iter().chain(&other.unknown));
    thing.unknown.iter().chain(related).cloned().collect()
}

/// What was not understood of a thing, in words.
fn remarks(thing: &Thing) -> Vec<String> {
    let narrower =
        thing.noun.narrower.then(|| format!("'{}' is not told from any other {}", thing.noun.written, thing.noun.name));
    let unknown = unknown(thing).into_iter().map(|word| format!("not understood: '{word}'"));
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
