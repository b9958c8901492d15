//! The made-up models and judges. What they answer depends on what is asked and on the hidden quality of the candidates shown.

use std::collections::BTreeMap;

use rescue_mask::Style;

use super::json;
use super::random::Random;
use super::world::World;
use crate::border::exports::rescue::plugin::tournament::{Ending, Lineup, Match, Outcome};
use crate::border::rescue::plugin::chat::{
    Answer, Body, Failure, Format, Found, Mark, Message, Part, Question, Reply, Request, Target, Trouble, View,
};
use crate::border::rescue::plugin::types::Verdict;

impl World {
    /// The answers to these requests, in the order asked, one for each repeat index.
    pub fn answers(&self, requests: &[Request]) -> Vec<Answer> {
        let each = requests.iter().flat_map(|request| {
            (0..request.samples).map(move |draw| {
                let repeat = request.repeat.saturating_add(draw);
                Answer { id: request.id, repeat, outcome: self.answer(&request.body, repeat) }
            })
        });
        each.collect()
    }

    /// The outcomes of these matches, in the order asked for.
    pub fn outcomes(&self, matches: &[Match]) -> Vec<Outcome> {
        let ending = |wanted: &Match| Outcome { id: wanted.id, calls: 1, ending: self.ending(&wanted.lineup) };
        matches.iter().map(ending).collect()
    }

    fn answer(&self, body: &Body, repeat: u32) -> Result<Reply, Failure> {
        let asked = serde_json::to_vec(body).unwrap_or_default();
        let mut random = Random::new(self.seed, "answer", &[&asked, repeat.to_le_bytes().as_slice()].concat());
        match body {
            Body::Chat(question) => self.chat(question, &mut random),
            Body::Detect(_) if !self.perfect && random.below(16) == 0 => {
                Err(failure(Trouble::Unavailable, "the detector did not answer", ""))
            }
            Body::Detect(phrase) => Ok(Reply { boxes: self.found(phrase, &mut random), ..empty_reply() }),
            Body::Call((name, _)) => {
                let message = format!("there is no capability {name:?} in a rehearsal");
                Err(failure(Trouble::Unsupported, &message, ""))
            }
        }
    }

    fn chat(&self, question: &Question, random: &mut Random) -> Result<Reply, Failure> {
        if let Some((name, _)) = question.options.first() {
            return Err(failure(Trouble::Unsupported, &format!("there is no option {name:?} in a rehearsal"), ""));
        }
        if let Some(unknown) = views(&question.messages).flat_map(|view| &view.marks).find_map(unknown_style) {
            return Err(failure(Trouble::Unsupported, &unknown, ""));
        }
        if !self.perfect {
            match random.below(16) {
                0 => return Err(failure(Trouble::Unreadable, "the reply does not fit its format", "{\"answer\": ")),
                1 => return Err(failure(Trouble::Unavailable, "the model did not answer", "")),
                2 => return Err(failure(Trouble::Refused, "the model would not answer", "I cannot help with that.")),
                _ => {}
            }
        }
        let complete = self.perfect || random.below(8) > 0;
        match &question.format {
            Format::Free => Ok(Reply { text: "The one in front fits best.".into(), complete, ..empty_reply() }),
            Format::Boxes => Ok(Reply { boxes: self.found("it", random), complete, ..empty_reply() }),
            Format::Choice(options) => self.choose(question, options, random),
            Format::Json(schema) => match json::fitting(schema, random) {
                Ok(value) => Ok(Reply { text: value.to_string(), ..empty_reply() }),
                Err(why) => Err(failure(Trouble::Unsupported, &why, "")),
            },
        }
    }

    /// Chooses the option at the position of the best candidate shown. If one candidate is shown, chooses the first option if its
    /// quality is above 0.5, else the second.
    fn choose(&self, question: &Question, options: &[String], random: &mut Random) -> Result<Reply, Failure> {
        if options.is_empty() {
            return Err(failure(Trouble::Unsupported, "a choice needs options", ""));
        }
        let qualities: Vec<f64> = shown(&question.messages).into_iter().map(|id| self.quality(id)).collect();
        let mut weights: Vec<f64> = match qualities.as_slice() {
            [] => options.iter().map(|_| random.between(0.05, 1.0)).collect(),
            [quality] => vec![*quality, 1.0 - quality],
            several => shares(several),
        };
        weights.resize(options.len(), 0.0);
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum.max(f64::MIN_POSITIVE));
        let best = best(&weights);
        let text = options.get(best).cloned().unwrap_or_default();
        // Some servers return no probabilities.
        let weights = if self.perfect || random.below(4) > 0 { weights } else { Vec::new() };
        Ok(Reply { text, choice: u32::try_from(best).ok(), weights, ..empty_reply() })
    }

    /// Every thing on the photo, with its box moved a little. Each may be missing, except in a perfect world.
    fn found(&self, label: &str, random: &mut Random) -> Vec<Found> {
        let mut found = Vec::new();
        for thing in &self.things {
            let rect = thing.shape.jittered(0.05, random).rect;
            let score = Some(random.between(0.35, 0.95));
            if self.perfect || random.below(6) > 0 {
                found.push(Found { rect: rect.into(), label: label.to_owned(), score });
            }
        }
        found
    }

    /// How a match ends.
    fn ending(&self, lineup: &Lineup) -> Ending {
        let ids = &lineup.contestants;
        let about: Vec<u8> = ids.iter().chain([&lineup.repeat]).flat_map(|number| number.to_le_bytes()).collect();
        match Random::new(self.seed, "match", &about).below(16) {
            0 | 1 if !self.perfect => return Ending::Abstained("the replies could not be read".into()),
            2 if !self.perfect => return Ending::Failed("the judge did not answer".into()),
            _ => {}
        }
        let qualities: Vec<f64> = ids.iter().map(|id| self.quality(*id)).collect();
        // The share of "none of these" is large if even the best is bad.
        let best = qualities.iter().copied().fold(0.0, f64::max);
        let shares: Vec<f64> = shares(&qualities).into_iter().map(|share| share * best).collect();
        let mut order: Vec<(u32, f64)> = (0..).zip(qualities).collect();
        order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        // For two contestants, the shares already give the order.
        let order = if ids.len() > 2 { order.into_iter().map(|(place, _)| place).collect() } else { Vec::new() };
        Ending::Verdict(Verdict { shares, order, why: "by the rehearsal's own quality".into(), notes: Vec::new() })
    }
}

/// Shares in proportion to the fourth power of the quality, with a sum of 1. The best gets most, and the second still something.
fn shares(qualities: &[f64]) -> Vec<f64> {
    let powers: Vec<f64> = qualities.iter().map(|quality| quality.powi(4)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The index of the largest weight; 0 if there are none.
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

/// The candidates that are marked in the pictures, in the order in which they are first shown.
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

/// The error for a mark whose style the host does not know; `None` if the host knows it.
fn unknown_style(mark: &Mark) -> Option<String> {
    mark.style.parse::<Style>().err().map(|unknown| unknown.to_string())
}

/// A complete reply without content.
fn empty_reply() -> Reply {
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

    /// A question that shows each of these candidates in a picture of its own.
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
    fn the_best_candidate_shown_is_chosen() {
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

    /// Each repeat has an answer of its own, which is the same each time.
    #[test]
    fn every_kind_of_failure_occurs() {
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
    fn a_json_answer_fits_its_schema() {
        let schema = r#"{"type": "object", "properties": {"best": {"enum": ["a", "b"]}, "score": {"type": "number",
            "minimum": 5}, "why": {"type": "array", "items": {"type": "string"}}}}"#;
        let answers = ask(&world(true), question("overlay", &[1], Format::Json(schema.into())), 1);
        let value: serde_json::Value = serde_json::from_str(&answers[0].as_ref().unwrap().text).unwrap();
        assert!(value["best"] == "a" || value["best"] == "b");
        assert!(value["score"].as_f64().unwrap() >= 5.0 && value["why"][1].is_string(), "{value}");
    }

    #[test]
    fn an_unknown_option_style_or_capability_is_unsupported() {
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
    fn the_best_contestant_wins_and_some_matches_have_no_verdict() {
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
