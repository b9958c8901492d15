//! Tests of sessions with a simulated model.

use super::*;
use rescue_plugin_sdk::chat::{Answer, Body, Failure, Format, Part, Question, Reply, Request, Target, Trouble, View};
use rescue_plugin_sdk::glue::Split;
use rescue_plugin_sdk::{Blame, Candidate, Cause, Gone, Random, Rect, Score, Settings as _, Size, Standing};
use std::collections::VecDeque;

fn candidate(id: u32, similarity: Option<f64>) -> Candidate {
    Candidate {
        id,
        label: String::new(),
        origin: String::new(),
        confidence: None,
        notes: vec![],
        bounds: Rect { x_min: 0.0, y_min: 0.0, x_max: 9.0, y_max: 9.0 },
        area: 81,
        coverage: 0.3,
        components: 1,
        predicted_iou: Some(0.5),
        similarity,
        measures: vec![],
    }
}

fn start(settings: &str) -> Result<Hybrid, Fault> {
    let brief = Brief {
        query: "the red cup".to_owned(),
        image: Size { width: 40, height: 30 },
        count: 200,
        room: 8,
        settings: String::new(),
        seed: 1,
        context: vec![],
    };
    Hybrid::start(brief, Settings::read(settings).unwrap())
}

type Outcome = Result<Reply, Failure>;

fn said(text: &str, choice: Option<u32>) -> Outcome {
    Ok(Reply {
        text: text.to_owned(),
        reasoning: String::new(),
        complete: true,
        choice,
        weights: vec![],
        boxes: vec![],
        notes: vec![],
    })
}

fn failed(trouble: Trouble) -> Outcome {
    Err(Failure { trouble, message: "because".to_owned(), raw: String::new() })
}

fn question(request: &Request) -> &Question {
    match &request.body {
        Body::Chat(question) => question,
        other => panic!("not a chat: {other:?}"),
    }
}

/// The id of the candidate that a question shows.
fn about(question: &Question) -> u32 {
    let Part::Image(View { marks, .. }) = &question.messages[1].parts[3] else { panic!("{question:?}") };
    match marks[0].target {
        Target::Candidate(id) => id,
        Target::Rect(_) => panic!("a rect"),
    }
}

const FOUR: &str = r#"{"object": 5, "attributes": 4, "position": 3, "completeness": 0}"#;

/// A model that rates candidate 0 with 100, candidate 1 with 75 and so on, and begins again after 0.
fn good(question: &Question) -> Outcome {
    match &question.format {
        Format::Choice(_) => said("", Some(about(question) % 5)),
        Format::Json(_) => said(FOUR, None),
        other => panic!("{other:?}"),
    }
}

struct Played {
    scores: Vec<Score>,
    asked: Vec<Request>,
    remarks: Vec<String>,
}

/// Plays a session to its end. With `random`, candidates and answers come one by one in random order, and `closed`
/// after the last candidate.
fn play(
    settings: &str,
    candidates: &[Candidate],
    model: &dyn Fn(&Question) -> Outcome,
    mut random: Option<Random>,
) -> Played {
    let mut plugin = start(settings).unwrap();
    let mut owed: Vec<Fact> = candidates.iter().cloned().map(Fact::Entered).collect();
    owed.push(Fact::Gone(Gone { id: 190, why: Cause::Lost("empty".to_owned()) }));
    let (mut undecided, mut closed) = (owed.len(), false);
    let mut asked = vec![];
    for _ in 0..10_000 {
        let mut pieces = VecDeque::new();
        plugin.next().unwrap().split(7, &mut pieces);
        let mut empty = true;
        for step in pieces {
            assert!(step.ask.len() <= 7);
            empty &= step.ask.is_empty();
            let answers = step.ask.iter().map(|request| {
                assert_eq!((request.samples, request.repeat), (1, 0));
                Fact::Answered(Answer { id: request.id, repeat: 0, outcome: model(question(request)) })
            });
            owed.extend(answers);
            asked.extend(step.ask);
            if let Some(scores) = step.scores {
                assert!(closed && owed.is_empty());
                return Played { scores, asked, remarks: plugin.remarks() };
            }
        }
        if !empty {
            continue;
        }
        let mut told = match &mut random {
            None => core::mem::take(&mut owed),
            Some(random) if !owed.is_empty() => {
                vec![owed.swap_remove(usize::try_from(random.below(owed.len() as u64)).unwrap())]
            }
            Some(_) => vec![],
        };
        undecided -= told.iter().filter(|fact| matches!(fact, Fact::Entered(_) | Fact::Gone(_))).count();
        if undecided == 0 && !closed {
            closed = true;
            let standing = |c: &Candidate| Standing { id: c.id, agreement: 0.4, copies: 1, measures: vec![] };
            told.push(Fact::Closed(candidates.iter().map(standing).collect()));
        }
        assert!(!told.is_empty(), "stalled");
        told.push(Fact::Noted(("weather".to_owned(), "fine".to_owned())));
        told.into_iter().for_each(|fact| plugin.tell(fact).unwrap());
    }
    panic!("no end");
}

fn values(played: &Played) -> Vec<(u32, f64)> {
    played.scores.iter().map(|score| (score.id, (score.value * 1e6).round() / 1e6)).collect()
}

/// Candidates with these similarities.
fn all(similarities: &[Option<f64>]) -> Vec<Candidate> {
    (0..).zip(similarities).map(|(id, similarity)| candidate(id, *similarity)).collect()
}

#[test]
fn scores_follow_the_original_formula() {
    let played = play("", &all(&[Some(20.0), Some(40.0), Some(60.0)]), &good, None);
    let expected = [(0, 50.0 + 0.0 + 6.0), (1, 37.5 + 17.5 + 6.0), (2, 25.0 + 35.0 + 6.0)];
    assert_eq!(values(&played), expected);
    assert!(played.remarks.is_empty(), "{:?}", played.remarks);
    assert_eq!(played.asked.len(), 3);
}

#[test]
fn each_candidate_is_shown_separately() {
    let played = play(r#"{"semantic": 1}"#, &all(&[None, None]), &good, None);
    let shown: Vec<(u32, bool)> =
        played.asked.iter().map(|r| (about(question(r)), matches!(question(r).format, Format::Choice(_)))).collect();
    assert_eq!(shown, [(0, true), (0, false), (1, true), (1, false)]);
    let (one, other) = (question(&played.asked[0]), question(&played.asked[2]));
    assert_eq!(one.messages[0], other.messages[0], "the instructions are the same each time");
    assert_eq!(one.messages[1].parts[1], Part::photo());
    assert_eq!(one.messages[1].parts[3], Part::Image(View::candidate(0, "overlay")));
    assert!(matches!(&one.messages[1].parts[4], Part::Text(text) if text.contains("the red cup")));
    let Format::Choice(choices) = &one.format else { panic!("{one:?}") };
    assert_eq!((choices.join(" ").as_str(), one.temperature, one.max_tokens), ("100 75 50 25 0", 0.0, 256));
    let Format::Json(schema) = &question(&played.asked[1]).format else { panic!("no schema") };
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    assert_eq!(schema["properties"]["completeness"]["maximum"], 5);
    assert_eq!(schema["required"].as_array().unwrap().len(), 4);
}

#[test]
fn the_order_of_facts_does_not_matter() {
    let mixed = |question: &Question| match about(question) % 4 {
        1 => failed(Trouble::Refused),
        _ => good(question),
    };
    for count in [0, 1, 8, 64, 100] {
        let candidates: Vec<Candidate> =
            (0..count).map(|id| candidate(id, (id % 3 > 0).then(|| f64::from(id * 37 % 50)))).collect();
        let expected = play(r#"{"semantic": 2}"#, &candidates, &mixed, None);
        assert_eq!(expected.scores.len(), candidates.len());
        let questions = |played: &Played| {
            let mut all: Vec<String> = played.asked.iter().map(|r| format!("{:?}", r.body)).collect();
            all.sort();
            all
        };
        for seed in 0..4 {
            let played = play(r#"{"semantic": 2}"#, &candidates, &mixed, Some(Random::new(seed)));
            assert_eq!((&played.scores, &played.remarks), (&expected.scores, &expected.remarks));
            assert_eq!(questions(&played), questions(&expected));
        }
    }
}

#[test]
fn a_question_is_asked_when_its_candidate_enters() {
    let mut plugin = start("").unwrap();
    assert_eq!(plugin.next().unwrap(), Step::default(), "it waits");
    plugin.tell(Fact::Entered(candidate(5, None))).unwrap();
    let step = plugin.next().unwrap();
    assert_eq!((about(question(&step.ask[0])), step.ask.len()), (5, 1));
    assert_eq!(plugin.next().unwrap(), Step::default());
    plugin.tell(Fact::Answered(Answer { id: step.ask[0].id, repeat: 0, outcome: said("", Some(0)) })).unwrap();
    assert_eq!(plugin.next().unwrap(), Step::default(), "more may enter");
    plugin.tell(Fact::Closed(vec![])).unwrap();
    assert_eq!(plugin.next().unwrap().scores.unwrap(), [Score { id: 5, value: 100.0 }]);
}

#[test]
fn many_are_asked_about_in_several_steps() {
    let mut plugin = start(r#"{"semantic": 1}"#).unwrap();
    (0..150).for_each(|id| plugin.tell(Fact::Entered(candidate(id, None))).unwrap());
    let asked: Vec<usize> = (0..4).map(|_| plugin.next().unwrap().ask.len()).collect();
    assert_eq!(asked, [128, 128, 44, 0]);
}

#[test]
fn a_rating_that_cannot_be_used_is_left_out() {
    let cut = said("100", Some(0)).map(|reply| Reply { complete: false, ..reply });
    for (outcome, part) in [
        (failed(Trouble::Unreadable), "unreadable: because"),
        (failed(Trouble::Refused), "refused: because"),
        (failed(Trouble::Unsupported), "unsupported: because"),
        (failed(Trouble::Unavailable), "unavailable: because"),
        (cut, "cut off"),
        (said("90", None), "unreadable: no rating was chosen"),
        (said("90", Some(5)), "unreadable: no rating was chosen"),
    ] {
        let model = |question: &Question| if about(question) == 1 { outcome.clone() } else { good(question) };
        let played = play("", &all(&[Some(20.0), Some(60.0)]), &model, None);
        assert_eq!(values(&played), [(0, 56.0), (1, (35.0 * 100.0 + 15.0 * 40.0) / 50.0)]);
        let [remark] = played.remarks.as_slice() else { panic!("{:?}", played.remarks) };
        assert!(remark.starts_with("rating: missing for 1 of 2 candidates; the first, 1: ") && remark.contains(part));
    }
}

#[test]
fn a_candidate_without_any_part_has_no_score() {
    let model = |question: &Question| if about(question) == 1 { failed(Trouble::Refused) } else { good(question) };
    let played = play(r#"{"clip": 0, "consistency": 0}"#, &all(&[None, None, None]), &model, None);
    assert_eq!(values(&played), [(0, 100.0), (2, 50.0)]);
    assert!(
        played.remarks[1].starts_with("no score: ") && played.remarks[1].contains("1 of 3"),
        "{:?}",
        played.remarks
    );
}

#[test]
fn semantic_scores_count_only_if_all_four_can_be_read() {
    let settings = r#"{"rating": 0, "semantic": 1, "clip": 0, "consistency": 0}"#;
    let scored = |text: &str| values(&play(settings, &all(&[None]), &|_| said(text, None), None));
    assert_eq!(scored(FOUR), [(0, 60.0)]);
    for text in [
        "{",
        "[]",
        r#"{"object": 5, "attributes": 4, "position": 3}"#,
        r#"{"object": 5, "attributes": 4, "position": 3, "completeness": 6}"#,
        r#"{"object": 5, "attributes": 4, "position": 3, "completeness": "5"}"#,
        r#"{"object": 5, "attributes": -1, "position": 3, "completeness": 5}"#,
    ] {
        assert!(scored(text).is_empty(), "{text}");
    }
}

#[test]
fn similarity_counts_for_the_candidates_that_have_one() {
    let remark = |played: &Played| played.remarks.join("\n");
    let none = play(r#"{"rated": false}"#, &all(&[None, None]), &good, None);
    assert_eq!(values(&none), [(0, 40.0), (1, 40.0)]);
    assert!(remark(&none).contains("2 of 2 candidates; that part is left out") && none.asked.is_empty());
    let some = play(r#"{"rated": false}"#, &all(&[Some(10.0), None, Some(30.0)]), &good, None);
    assert_eq!(values(&some), [(0, 15.0 * 40.0 / 50.0), (1, 40.0), (2, (3500.0 + 600.0) / 50.0)]);
    assert!(remark(&some).contains("1 of 3 candidates; they are scored without it"));
    for equal in [vec![Some(10.0)], vec![Some(10.0), Some(10.0)]] {
        let played = play(r#"{"rated": false, "consistency": 0}"#, &all(&equal), &good, None);
        assert!(played.scores.iter().all(|score| score.value == 50.0), "equal similarities tell nothing");
    }
}

#[test]
fn parts_without_weight_are_not_asked_for() {
    for settings in [r#"{"rated": false, "semantic": 1}"#, r#"{"vlm": 0, "semantic": 1}"#, r#"{"rating": 0}"#] {
        assert!(play(settings, &all(&[Some(1.0), Some(2.0)]), &good, None).asked.is_empty(), "{settings}");
    }
    let measured = r#"{"rated": false, "predicted_iou": 1, "geometry": 1, "clip": 0, "consistency": 0}"#;
    assert_eq!(values(&play(measured, &all(&[None]), &good, None)), [(0, 65.0)], "the mean of 50 and 80");
}

#[test]
fn weights_that_are_all_zero_are_refused() {
    let fault = start(r#"{"vlm": 0, "clip": 0, "consistency": 0}"#).unwrap_err();
    assert!(fault.blame == Blame::Settings && fault.message.contains("raise one of them"));
}

#[test]
fn the_manifest_names_its_kind_and_needs() {
    let offer = &describe().offers[0];
    assert_eq!((offer.kind.as_str(), offer.needs.as_slice()), ("scorer", ["chat".to_owned()].as_slice()));
}
