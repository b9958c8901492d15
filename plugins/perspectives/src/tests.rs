//! Tests of sessions with a simulated model.

use super::*;
use crate::schedule::{TEXTS, variations};
use crate::strategy::STRATEGIES;
use rescue_plugin_sdk::chat::{
    Answer, Body, Failure, Format, Found, Part, Question, Reply, Request, Role, Trouble, View,
};
use rescue_plugin_sdk::glue::Split;
use rescue_plugin_sdk::planner::Proposal;
use rescue_plugin_sdk::{Hypothesis, Random, Rect, Region, Size};
use std::collections::VecDeque;

const QUERY: &str = "the red cup";

fn brief(count: u32) -> Brief {
    let image = Size { width: 400, height: 300 };
    Brief { query: QUERY.to_owned(), image, count, room: 64, settings: String::new(), seed: 9, context: vec![] }
}

fn said(text: &str) -> Reply {
    Reply {
        text: text.to_owned(),
        reasoning: String::new(),
        complete: true,
        choice: None,
        weights: vec![],
        boxes: vec![],
        notes: vec![],
    }
}

fn failed(trouble: Trouble) -> Result<Reply, Failure> {
    Err(Failure { trouble, message: "because".to_owned(), raw: String::new() })
}

fn chat(request: &Request) -> &Question {
    match &request.body {
        Body::Chat(question) => question,
        other => panic!("not a chat: {other:?}"),
    }
}

fn varying(question: &Question) -> &str {
    match question.messages.last().unwrap().parts.last().unwrap() {
        Part::Text(text) => text,
        other => panic!("no text last: {other:?}"),
    }
}

fn is_rephrase(request: &Request) -> bool {
    matches!(chat(request).format, Format::Json(_))
}

fn rephrasings(number: usize) -> Result<Reply, Failure> {
    let texts: Vec<String> = (0..number).map(|n| format!("\"cup number {n}\"")).collect();
    Ok(said(&format!("{{\"variations\": [{}]}}", texts.join(","))))
}

/// A reply with a box whose place depends on the question and the repeat.
fn located(question: &Question, repeat: u32) -> Result<Reply, Failure> {
    let hash = varying(question).bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let x = f64::from(hash % 100) + f64::from(repeat) / 16.0;
    let rect = Rect { x_min: x, y_min: 5.0, x_max: x + 50.0, y_max: 60.0 };
    let boxes = vec![Found { rect, label: String::new(), score: None }];
    Ok(Reply { boxes, ..said("Reasoning: It is red.\nTarget Concept: cup\nBox: [0, 5, 50, 60]") })
}

type Model<'a> = &'a dyn Fn(&Request, u32) -> Result<Reply, Failure>;

/// A model whose answers are all usable.
fn good(request: &Request, repeat: u32) -> Result<Reply, Failure> {
    if is_rephrase(request) { rephrasings(7) } else { located(chat(request), repeat) }
}

struct Played {
    asked: Vec<Request>,
    proposed: Vec<Proposal>,
    most: usize,
}

/// Plays a session to its end. With `random`, answers come one by one in random order. Every step is split to at most
/// 10 entries, as the SDK does it.
fn play(count: u32, settings: &Settings, model: Model<'_>, mut random: Option<Random>) -> Played {
    let mut plugin = Perspectives::start(brief(count), settings.clone()).unwrap();
    let mut played = Played { asked: vec![], proposed: vec![], most: 0 };
    let mut owed: Vec<Answer> = vec![];
    for _ in 0..10_000 {
        let mut pieces = VecDeque::new();
        plugin.next().unwrap().split(10, &mut pieces);
        let mut empty = true;
        for step in pieces {
            let entries = step.ask.len() + step.propose.len() + step.cancel.len();
            empty &= entries == 0;
            played.most = played.most.max(entries);
            for request in &step.ask {
                let repeats = request.repeat..request.repeat + request.samples;
                owed.extend(repeats.map(|repeat| Answer { id: request.id, repeat, outcome: model(request, repeat) }));
            }
            played.asked.extend(step.ask);
            played.proposed.extend(step.propose);
            if step.done {
                assert!(owed.is_empty(), "{} answers were not waited for", owed.len());
                played.proposed.sort_by_key(id);
                return played;
            }
        }
        if empty {
            assert!(!owed.is_empty(), "stalled");
            let told = match &mut random {
                None => core::mem::take(&mut owed),
                Some(random) => {
                    let at = usize::try_from(random.below(owed.len() as u64)).unwrap();
                    vec![owed.swap_remove(at)]
                }
            };
            plugin.tell(Fact::Noted(("weather".to_owned(), "fine".to_owned()))).unwrap();
            told.into_iter().for_each(|answer| plugin.tell(Fact::Answered(answer)).unwrap());
        }
    }
    panic!("no end");
}

fn canonical(count: u32, model: Model<'_>) -> Played {
    play(count, &Settings::default(), model, None)
}

fn id(proposal: &Proposal) -> u32 {
    match proposal {
        Proposal::Hypothesis(hypothesis) => hypothesis.id,
        Proposal::NoTarget(blank) | Proposal::Skipped(blank) => blank.id,
    }
}

fn hypotheses<'a>(played: &'a Played) -> Vec<&'a Hypothesis> {
    let one = |proposal: &'a Proposal| match proposal {
        Proposal::Hypothesis(hypothesis) => Some(hypothesis),
        Proposal::NoTarget(_) | Proposal::Skipped(_) => None,
    };
    played.proposed.iter().filter_map(one).collect()
}

fn note<'a>(hypothesis: &'a Hypothesis, name: &str) -> Option<&'a str> {
    hypothesis.notes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The text and repeat of each answer that was asked for, without ids.
fn questions(played: &Played) -> Vec<(String, u32)> {
    let each = |request: &Request| {
        let text = varying(chat(request)).to_owned();
        (request.repeat..request.repeat + request.samples).map(move |repeat| (text.clone(), repeat)).collect::<Vec<_>>()
    };
    let mut all: Vec<(String, u32)> = played.asked.iter().flat_map(each).collect();
    all.sort();
    all
}

#[test]
fn every_id_is_a_strategy_with_a_text() {
    for count in [1_u32, 7, 8, 9, 64, 100, 1024] {
        let played = canonical(count, &good);
        let made = hypotheses(&played);
        assert_eq!(made.len(), usize::try_from(count).unwrap());
        for (one, id) in made.iter().zip(0_u32..) {
            assert_eq!(one.id, id);
            assert_eq!(one.origin, STRATEGIES[usize::try_from(id % 8).unwrap()].name);
            assert_eq!((one.label.as_str(), one.reasoning.as_str(), one.confidence), ("cup", "It is red.", None));
            let variation = id / 8 % TEXTS;
            let query = (variation > 0).then(|| format!("cup number {}", variation - 1));
            assert_eq!(note(one, "query"), query.as_deref());
            let said = if variation > 0 { "rephrased" } else { "as given" };
            let draw = if id < 64 { said.to_owned() } else { format!("{said}, draw {}", id / 64 + 1) };
            assert_eq!(note(one, "variation"), Some(draw.as_str()));
        }
        assert!(played.most <= 10);
    }
}

#[test]
fn fewer_hypotheses_are_the_first_of_more() {
    let many = canonical(100, &good);
    for count in [1, 8, 9, 20, 64] {
        let few = canonical(count, &good);
        assert_eq!(few.proposed, many.proposed[..usize::try_from(count).unwrap()]);
    }
}

#[test]
fn the_first_turn_asks_for_rephrasings_and_the_query_as_given() {
    let mut plugin = Perspectives::start(brief(64), Settings::default()).unwrap();
    let ask = plugin.next().unwrap().ask;
    assert_eq!(ask.len(), 9);
    assert!(is_rephrase(&ask[0]) && varying(chat(&ask[0])).contains(QUERY));
    let temperatures: Vec<f64> = ask.iter().map(|request| chat(request).temperature).collect();
    assert_eq!(temperatures, [0.7, 0.7, 0.5, 0.9, 0.8, 0.7, 0.8, 0.7, 0.7]);
    for (request, strategy) in ask[1..].iter().zip(&STRATEGIES) {
        let question = chat(request);
        assert_eq!((&question.format, question.max_tokens), (&Format::Boxes, 1024));
        assert!(varying(question).contains(QUERY) && varying(question).contains(strategy.look));
        let roles: Vec<Role> = question.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, [Role::System, Role::User]);
        assert_eq!(question.messages[0], chat(&ask[1]).messages[0], "the instructions are the same each time");
        assert_eq!(question.messages[1].parts[0], Part::Image(View::photo()));
        assert_eq!((request.samples, request.repeat), (1, 0));
    }
    assert_eq!(plugin.next().unwrap(), Step::default(), "it waits");
    for count in [1_u32, 8] {
        let ask = Perspectives::start(brief(count), Settings::default()).unwrap().next().unwrap().ask;
        assert_eq!(ask.len(), usize::try_from(count).unwrap());
        assert!(!ask.iter().any(is_rephrase), "there is nothing to rephrase for");
    }
}

#[test]
fn missing_rephrasings_become_draws_with_the_query_as_given() {
    let broken: [Model<'_>; 5] = [
        &|_, _| Ok(said("no JSON")),
        &|_, _| Ok(said(r#"{"variations": []}"#)),
        &|_, _| failed(Trouble::Unreadable),
        &|_, _| failed(Trouble::Unavailable),
        &|_, _| Ok(Reply { complete: false, ..said(r#"{"variations": ["a cup", "one cup"]}"#) }),
    ];
    for rephrased in broken {
        let model = |request: &Request, repeat| {
            if is_rephrase(request) { rephrased(request, repeat) } else { located(chat(request), repeat) }
        };
        let played = canonical(64, &model);
        assert_eq!(played.asked.len(), 1 + 8 + 8, "equal questions are one request");
        assert!(played.asked[9..].iter().all(|request| (request.repeat, request.samples) == (1, 7)));
        let made = hypotheses(&played);
        assert_eq!(made.len(), 64);
        assert_eq!(note(made[63], "variation"), Some("as given, draw 8"));
        assert!(made.iter().all(|one| note(one, "query").is_none()));
    }
    let some = |request: &Request, repeat| {
        if is_rephrase(request) { rephrasings(2) } else { located(chat(request), repeat) }
    };
    let played = canonical(64, &some);
    assert_eq!(played.asked.len(), 1 + 8 + 8 * 3);
    let made = hypotheses(&played);
    let variations: Vec<_> = made.iter().step_by(8).map(|one| note(one, "variation").unwrap()).collect();
    assert_eq!(variations[..4], ["as given", "rephrased", "rephrased", "as given, draw 2"]);
    assert_eq!(variations[7], "as given, draw 6");
}

#[test]
fn without_rephrasing_everything_is_asked_at_once() {
    let settings = Settings { rephrase: false, ..Settings::default() };
    let ask = Perspectives::start(brief(64), settings.clone()).unwrap().next().unwrap().ask;
    assert!(ask.len() == 8 && ask.iter().all(|request| (request.repeat, request.samples) == (0, 8)));
    assert_eq!(hypotheses(&play(64, &settings, &good, None)).len(), 64);
    let many = play(1024, &settings, &good, None);
    assert!(many.asked.iter().all(|request| (1..=64).contains(&request.samples)));
    assert_eq!(hypotheses(&many).len(), 1024);
}

#[test]
fn the_order_of_answers_does_not_matter() {
    let mixed = |request: &Request, repeat: u32| {
        let number = varying(chat(request)).len() + usize::try_from(repeat).unwrap();
        match number % 3 {
            _ if is_rephrase(request) => rephrasings(4),
            0 => failed(Trouble::Unreadable),
            1 => Ok(said("Box: none")),
            _ => located(chat(request), repeat),
        }
    };
    for count in [1, 8, 64, 100] {
        let expected = canonical(count, &mixed);
        for seed in 0..4 {
            let played = play(count, &Settings::default(), &mixed, Some(Random::new(seed)));
            assert_eq!(played.proposed, expected.proposed);
            assert_eq!(questions(&played), questions(&expected));
        }
    }
}

#[test]
fn a_hypothesis_is_proposed_as_soon_as_its_answer_is_there() {
    let mut plugin = Perspectives::start(brief(64), Settings::default()).unwrap();
    let ask = plugin.next().unwrap().ask;
    let outcome = located(chat(&ask[3]), 0);
    plugin.tell(Fact::Answered(Answer { id: ask[3].id, repeat: 0, outcome })).unwrap();
    let step = plugin.next().unwrap();
    assert_eq!(step.propose.iter().map(id).collect::<Vec<_>>(), [2]);
    assert!(!step.done && plugin.next().unwrap() == Step::default());
}

#[test]
fn many_are_proposed_in_several_steps() {
    let settings = Settings { rephrase: false, ..Settings::default() };
    let mut plugin = Perspectives::start(brief(150), settings).unwrap();
    let long = format!("Reasoning: {}\nBox: [0, 5, 50, 60]", "ä".repeat(100_000));
    for request in plugin.next().unwrap().ask {
        for repeat in request.repeat..request.repeat + request.samples {
            let outcome = located(chat(&request), repeat).map(|reply| Reply { text: long.clone(), ..reply });
            plugin.tell(Fact::Answered(Answer { id: request.id, repeat, outcome })).unwrap();
        }
    }
    let steps: Vec<(usize, bool)> = (0..3)
        .map(|_| {
            let step = plugin.next().unwrap();
            let bytes = |one: &Proposal| if let Proposal::Hypothesis(one) = one { one.reasoning.len() } else { 0 };
            assert!(step.propose.iter().map(bytes).sum::<usize>() < 1 << 20);
            (step.propose.len(), step.done)
        })
        .collect();
    assert_eq!(steps, [(64, false), (64, false), (22, true)]);
}

#[test]
fn a_reply_without_a_box_makes_no_hypothesis() {
    let cases: [(Result<Reply, Failure>, &str); 5] = [
        (failed(Trouble::Unreadable), "unreadable: because"),
        (failed(Trouble::Refused), "refused: because"),
        (failed(Trouble::Unsupported), "unsupported: because"),
        (failed(Trouble::Unavailable), "unavailable: because"),
        (Ok(Reply { complete: false, ..said("Box: none") }), "cut off: "),
    ];
    for (outcome, part) in cases {
        let played = canonical(8, &|_, _| outcome.clone());
        assert_eq!(played.proposed.len(), 8);
        for proposal in &played.proposed {
            assert!(matches!(proposal, Proposal::Skipped(blank) if blank.why.starts_with(part)), "{proposal:?}");
        }
    }
    let none = canonical(3, &|_, _| Ok(said("Reasoning: Only plates.\nTarget Concept: cup\nBox: none")));
    assert!(none.proposed.iter().all(|one| matches!(one, Proposal::NoTarget(blank) if blank.why == "Only plates.")));
    assert_eq!(none.proposed.len(), 3);
}

#[test]
fn the_first_of_several_boxes_is_taken_and_all_are_counted() {
    let rect = |x| Rect { x_min: x, y_min: 0.0, x_max: x + 9.0, y_max: 9.0 };
    let boxes: Vec<Found> = [5.0, 70.0].map(|x| Found { rect: rect(x), label: String::new(), score: None }).into();
    let played = canonical(1, &|_, _| Ok(Reply { boxes: boxes.clone(), ..said("Box: [5, 0, 14, 9]") }));
    let made = hypotheses(&played);
    let [Region::Prompt(prompt)] = made[0].regions.as_slice() else { panic!("{made:?}") };
    assert_eq!((prompt.rect, prompt.concept.as_str()), (Some(rect(5.0)), ""));
    assert_eq!((note(made[0], "boxes"), note(made[0], "box")), (Some("2"), Some("5.0,0.0,14.0,9.0")));
    assert_eq!(made[0].label, QUERY, "no concept was named");
}

#[test]
fn the_executor_is_asked_for_what_the_settings_say() {
    let prompt = |prompt: &str| {
        let settings = rescue_plugin_sdk::Settings::read(&format!("{{\"prompt\": \"{prompt}\"}}")).unwrap();
        let played = play(1, &settings, &good, None);
        let made = hypotheses(&played);
        let [Region::Prompt(prompt)] = made[0].regions.as_slice() else { panic!("{made:?}") };
        (prompt.concept.clone(), prompt.rect.is_some())
    };
    assert_eq!(prompt("box"), (String::new(), true));
    assert_eq!(prompt("concept"), ("cup".to_owned(), false));
    assert_eq!(prompt("both"), ("cup".to_owned(), true));
    let nameless =
        |request: &Request, repeat| located(chat(request), repeat).map(|r| Reply { text: String::new(), ..r });
    for prompt in [Prompted::Concept, Prompted::Both] {
        let played = play(1, &Settings { prompt, ..Settings::default() }, &nameless, None);
        assert!(matches!(&played.proposed[0], Proposal::Skipped(blank) if blank.why.contains("no target concept")));
    }
}

#[test]
fn no_hypothesis_is_made_if_none_is_wanted() {
    let step = Perspectives::start(brief(0), Settings::default()).unwrap().next().unwrap();
    assert!(step.done && step.ask.is_empty() && step.propose.is_empty());
    assert_eq!(variations(0), 0);
}

#[test]
fn the_manifest_names_its_needs_and_settings() {
    let offer = &describe().offers[0];
    assert_eq!((offer.kind.as_str(), offer.needs.as_slice()), ("planner", ["chat".to_owned()].as_slice()));
    for name in ["temperature", "max_tokens", "prompt", "rephrase"] {
        assert!(offer.settings.contains(name));
    }
}
