//! What models and judges would say, worked out from what is asked and from the hidden quality of what is shown.

use std::collections::BTreeMap;

use rescue_mask::Style;

use super::dice::Dice;
use super::json;
use super::world::World;
use crate::border::exports::rescue::plugin::tournament::{Ending, Lineup, Match, Outcome};
use crate::border::rescue::plugin::chat::{
    Answer, Body, Failure, Format, Found, Mark, Message, Part, Question, Reply, Request, Target, Trouble, View,
};
use crate::border::rescue::plugin::types::{Rect, Verdict};

impl World {
    /// The answers to these requests, in the order asked, one for each repeat.
    pub fn answers(&self, requests: &[Request]) -> Vec<Answer> {
        let each = requests.iter().flat_map(|request| {
            (0..request.samples).map(move |draw| {
                let repeat = request.repeat.saturating_add(draw);
                Answer { id: request.id, repeat, outcome: self.answer(&request.body, repeat) }
            })
        });
        each.collect()
    }

    /// How these matches end, in the order asked for.
    pub fn outcomes(&self, matches: &[Match]) -> Vec<Outcome> {
        let ending = |wanted: &Match| Outcome { id: wanted.id, calls: 1, ending: self.ending(&wanted.lineup) };
        matches.iter().map(ending).collect()
    }

    fn answer(&self, body: &Body, repeat: u32) -> Result<Reply, Failure> {
        let asked = serde_json::to_vec(body).unwrap_or_default();
        let mut dice = Dice::new(self.seed, "answer", &[&asked, repeat.to_le_bytes().as_slice()].concat());
        match body {
            Body::Chat(question) => self.chat(question, &mut dice),
            Body::Detect(_) if !self.perfect && dice.below(16) == 0 => {
                Err(failure(Trouble::Unavailable, "the detector did not answer", ""))
            }
            Body::Detect(phrase) => Ok(Reply { boxes: self.found(phrase, &mut dice), ..silence() }),
            Body::Call((name, _)) => {
                let message = format!("there is no capability {name:?} in a rehearsal");
                Err(failure(Trouble::Unsupported, &message, ""))
            }
        }
    }

    fn chat(&self, question: &Question, dice: &mut Dice) -> Result<Reply, Failure> {
        if let Some((name, _)) = question.options.first() {
            return Err(failure(Trouble::Unsupported, &format!("there is no option {name:?} in a rehearsal"), ""));
        }
        if let Some(unknown) = views(&question.messages).flat_map(|view| &view.marks).find_map(unknown_style) {
            return Err(failure(Trouble::Unsupported, &unknown, ""));
        }
        if !self.perfect {
            match dice.below(16) {
                0 => return Err(failure(Trouble::Unreadable, "the reply does not fit its format", "{\"answer\": ")),
                1 => return Err(failure(Trouble::Unavailable, "the model did not answer", "")),
                2 => return Err(failure(Trouble::Refused, "the model would not answer", "I cannot help with that.")),
                _ => {}
            }
        }
        let complete = self.perfect || dice.below(8) > 0;
        match &question.format {
            Format::Free => Ok(Reply { text: "The one in front fits best.".into(), complete, ..silence() }),
            Format::Boxes => Ok(Reply { boxes: self.found("it", dice), complete, ..silence() }),
            Format::Choice(options) => self.choose(question, options, dice),
            Format::Json(schema) => match json::fitting(schema, dice) {
                Ok(value) => Ok(Reply { text: value.to_string(), ..silence() }),
                Err(why) => Err(failure(Trouble::Unsupported, &why, "")),
            },
        }
    }

    /// The option in the place of the best candidate shown; of one alone, the first option where it is good.
    fn choose(&self, question: &Question, options: &[String], dice: &mut Dice) -> Result<Reply, Failure> {
        if options.is_empty() {
            return Err(failure(Trouble::Unsupported, "a choice needs options", ""));
        }
        let qualities: Vec<f64> = shown(&question.messages).into_iter().map(|id| self.quality(id)).collect();
        let mut weights: Vec<f64> = match qualities.as_slice() {
            [] => options.iter().map(|_| dice.between(0.05, 1.0)).collect(),
            [quality] => vec![*quality, 1.0 - quality],
            several => shares(several),
        };
        weights.resize(options.len(), 0.0);
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum.max(f64::MIN_POSITIVE));
        let best = best(&weights);
        let text = options.get(best).cloned().unwrap_or_default();
        // Some servers give no probabilities.
        let weights = if self.perfect || dice.below(4) > 0 { weights } else { Vec::new() };
        Ok(Reply { text, choice: u32::try_from(best).ok(), weights, ..silence() })
    }

    /// Every thing that is on the photo, moved a little; without perfection one may be missing.
    fn found(&self, label: &str, dice: &mut Dice) -> Vec<Found> {
        let mut found = Vec::new();
        for thing in &self.things {
            let rect = thing.shape.jittered(0.05, dice).rect;
            let score = Some(dice.between(0.35, 0.95));
            if self.perfect || dice.below(6) > 0 {
                let rect = Rect { x_min: rect.x_min, y_min: rect.y_min, x_max: rect.x_max, y_max: rect.y_max };
                found.push(Found { rect, label: label.to_owned(), score });
            }
        }
        found
    }

    fn ending(&self, lineup: &Lineup) -> Ending {
        let ids = &lineup.contestants;
        let about: Vec<u8> = ids.iter().chain([&lineup.repeat]).flat_map(|number| number.to_le_bytes()).collect();
        match Dice::new(self.seed, "match", &about).below(16) {
            0 | 1 if !self.perfect => return Ending::Abstained("the replies could not be read".into()),
            2 if !self.perfect => return Ending::Failed("the judge did not answer".into()),
            _ => {}
        }
        let qualities: Vec<f64> = ids.iter().map(|id| self.quality(*id)).collect();
        let some = qualities.iter().copied().fold(0.0, f64::max);
        let shares: Vec<f64> = shares(&qualities).into_iter().map(|share| share * some).collect();
        let mut order: Vec<(u32, f64)> = (0..).zip(qualities).collect();
        order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        // A judge of two gives no order beyond the shares.
        let order = if ids.len() > 2 { order.into_iter().map(|(place, _)| place).collect() } else { Vec::new() };
        Ending::Verdict(Verdict { shares, order, why: "by the rehearsal's own quality".into(), notes: Vec::new() })
    }
}

/// Shares of 1 in proportion to the fourth power of the quality: clear, but not blind to the second.
fn shares(qualities: &[f64]) -> Vec<f64> {
    let powers: Vec<f64> = qualities.iter().map(|quality| quality.powi(4)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// Where the largest stands.
fn best(weights: &[f64]) -> usize {
    let largest = weights.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    largest.map_or(0, |(place, _)| place)
}

fn views(messages: &[Message]) -> impl Iterator<Item = &View> {
    messages.iter().flat_map(|message| &message.parts).flat_map(|part| match part {
        Part::Image(view) => std::slice::from_ref(view),
        Part::Grid(views) => views.as_slice(),
        Part::Text(_) | Part::Reasoning(_) => &[],
    })
}

/// The candidates in the pictures, in the order in which they are first shown.
fn shown(messages: &[Message]) -> Vec<u32> {
    let mut places = BTreeMap::new();
    for mark in views(messages).flat_map(|view| &view.marks) {
        if let Target::Candidate(id) = mark.target {
            let next = places.len();
            places.entry(id).or_insert(next);
        }
    }
    let mut shown: Vec<(usize, u32)> = places.into_iter().map(|(id, place)| (place, id)).collect();
    shown.sort_unstable();
    shown.into_iter().map(|(_, id)| id).collect()
}

fn unknown_style(mark: &Mark) -> Option<String> {
    mark.style.parse::<Style>().err().map(|unknown| unknown.to_string())
}

/// A reply that says nothing yet.
fn silence() -> Reply {
    Reply {
        text: String::new(),
        reasoning: String::new(),
        complete: true,
        choice: None,
        weights: Vec::new(),
        boxes: Vec::new(),
        notes: Vec::new(),
    }
}

fn failure(trouble: Trouble, message: &str, raw: &str) -> Failure {
    Failure { trouble, message: message.into(), raw: raw.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::border::rescue::plugin::chat::{Crop, Role};
    use crate::rehearsal::Rehearsal;

    fn world(perfect: bool) -> World {
        Rehearsal { perfect, ..Rehearsal::default() }.world().unwrap()
    }

    /// A question that shows these candidates in a picture each.
    fn question(style: &str, ids: &[u32], format: Format) -> Question {
        let view = |id: &u32| View {
            marks: vec![Mark {
                target: Target::Candidate(*id),
                style: style.into(),
                colour: None,
                strength: None,
                label: String::new(),
            }],
            crop: Crop::Whole,
            max_side: 0,
            caption: String::new(),
        };
        let parts = ids.iter().map(|id| Part::Image(view(id))).collect();
        let messages = vec![Message { role: Role::User, parts }];
        Question { messages, format, temperature: 0.0, max_tokens: 0, options: Vec::new() }
    }

    fn ask(world: &World, question: Question, samples: u32) -> Vec<Result<Reply, Failure>> {
        let request = Request { id: 7, body: Body::Chat(question), samples, repeat: 3 };
        let answers = world.answers(&[request]);
        assert!((3..).zip(&answers).all(|(repeat, answer)| (answer.id, answer.repeat) == (7, repeat)));
        answers.into_iter().map(|answer| answer.outcome).collect()
    }

    #[test]
    fn a_choice_is_for_the_best_shown() {
        let world = world(true);
        let better = if world.quality(2) > world.quality(9) { 2 } else { 9 };
        for ids in [[2, 9], [9, 2]] {
            let options = Format::Choice(vec!["A".into(), "B".into(), "neither".into()]);
            let answers = ask(&world, question("overlay", &ids, options), 1);
            let reply = answers[0].as_ref().unwrap();
            assert_eq!(ids[reply.choice.unwrap() as usize], better);
            assert_eq!(reply.text, if ids[0] == better { "A" } else { "B" });
            assert!((reply.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9 && reply.weights.len() == 3);
        }
    }

    /// Each draw is answered by itself, the same each time, and not always well.
    #[test]
    fn every_trouble_is_met() {
        let world = world(false);
        let answers = ask(&world, question("box", &[1], Format::Boxes), 64);
        assert_eq!(answers, ask(&world, question("box", &[1], Format::Boxes), 64));
        let troubles: BTreeSet<_> =
            answers.iter().filter_map(|answer| answer.as_ref().err()).map(|failed| failed.trouble as u8).collect();
        assert_eq!(troubles.len(), 3, "unreadable, unavailable, refused");
        let replies: Vec<&Reply> = answers.iter().flatten().collect();
        assert!(replies.iter().any(|reply| !reply.complete) && replies.iter().any(|reply| reply.boxes.len() == 5));
    }

    #[test]
    fn json_fits_its_schema() {
        let schema = r#"{"type": "object", "properties": {"best": {"enum": ["a", "b"]}, "score": {"type": "number",
            "minimum": 5}, "why": {"type": "array", "items": {"type": "string"}}}}"#;
        let answers = ask(&world(true), question("overlay", &[1], Format::Json(schema.into())), 1);
        let value: serde_json::Value = serde_json::from_str(&answers[0].as_ref().unwrap().text).unwrap();
        assert!(value["best"] == "a" || value["best"] == "b");
        assert!(value["score"].as_f64().unwrap() >= 5.0 && value["why"][1].is_string(), "{value}");
    }

    #[test]
    fn what_is_not_known_is_unsupported() {
        let world = world(true);
        let mut odd = question("overlay", &[1], Format::Free);
        odd.options.push(("top-p".into(), "1".into()));
        let unknown = question("sepia", &[1], Format::Free);
        let broken = question("overlay", &[1], Format::Json("{".into()));
        for (asked, says) in [(odd, "top-p"), (unknown, "sepia"), (broken, "not JSON")] {
            let answers = ask(&world, asked, 1);
            let failed = answers[0].as_ref().unwrap_err();
            assert!(failed.trouble == Trouble::Unsupported && failed.message.contains(says), "{failed:?}");
        }
        let call = Request { id: 0, body: Body::Call(("x".into(), "{}".into())), samples: 1, repeat: 0 };
        assert!(world.answers(&[call])[0].outcome.is_err());
    }

    #[test]
    fn matches_go_to_the_best_and_some_are_not_judged() {
        let lineup = |contestants: Vec<u32>, repeat| Lineup { contestants, repeat };
        let perfect = world(true);
        let Ending::Verdict(verdict) = perfect.ending(&lineup(vec![0, 1, 2], 0)) else { panic!("no verdict") };
        let best = verdict.order[0];
        assert!((0..3).all(|id| perfect.quality(best) >= perfect.quality(id)));
        assert!(verdict.shares.iter().sum::<f64>() <= 1.0);
        let endings: Vec<Ending> = (0..64).map(|repeat| world(false).ending(&lineup(vec![0, 1], repeat))).collect();
        assert!(endings.iter().any(|ending| matches!(ending, Ending::Abstained(_))));
        assert!(endings.iter().any(|ending| matches!(ending, Ending::Failed(_))));
        assert!(endings.iter().any(|ending| matches!(ending, Ending::Verdict(v) if v.order.is_empty())));
    }
}
