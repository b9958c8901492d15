//! Tests of matches with a simulated model.

use super::*;
use rescue_plugin_sdk::chat::{Answer, Failure, Format, Part, Question, Reply, Role, Target, Trouble, View};
use rescue_plugin_sdk::verifier::Judgement;
use rescue_plugin_sdk::{Blame, Candidate, Rect, Settings as _, Size, Verdict};

fn candidate(id: u32) -> Candidate {
    Candidate {
        id,
        label: String::new(),
        origin: String::new(),
        confidence: None,
        notes: vec![],
        bounds: Rect { x_min: 0.0, y_min: 0.0, x_max: 9.0, y_max: 9.0 },
        area: 81,
        coverage: 0.1,
        components: 1,
        predicted_iou: None,
        similarity: None,
        measures: vec![],
    }
}

fn start(ids: &[u32], settings: &str) -> Result<Duel, Fault> {
    let brief = Brief {
        query: "the red cup".to_owned(),
        image: Size { width: 40, height: 30 },
        count: 8,
        room: 8,
        settings: String::new(),
        seed: 1,
        context: vec![],
    };
    let contest = Contest { contestants: ids.iter().copied().map(candidate).collect(), repeat: 3 };
    Duel::start(brief, contest, Settings::read(settings).unwrap())
}

type Outcome = Result<Reply, Failure>;

fn letter(choice: u32) -> Outcome {
    weighed(choice, &[])
}

fn weighed(choice: u32, weights: &[f64]) -> Outcome {
    Ok(Reply {
        text: ["A", "B"].get(choice as usize).unwrap_or(&"C").to_string(),
        reasoning: "I looked.".to_owned(),
        complete: true,
        choice: Some(choice),
        weights: weights.to_vec(),
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

/// The ids of the candidates that a question shows, in order.
fn shown(question: &Question) -> Vec<u32> {
    let views = question.messages.iter().flat_map(|message| &message.parts).flat_map(|part| match part {
        Part::Image(view) => core::slice::from_ref(view),
        Part::Grid(views) => views,
        _ => &[],
    });
    let targets = views.flat_map(|view| &view.marks).map(|mark| &mark.target);
    targets.map(|target| if let Target::Candidate(id) = target { *id } else { panic!("a rect") }).collect()
}

/// Plays a match of candidates 7 and 4 with these outcomes for the first, second and third question. If `backwards`,
/// the answers of one step are told in reverse order.
fn play(settings: &str, outcomes: &[Outcome], backwards: bool) -> (Judgement, Vec<Request>) {
    let mut duel = start(&[7, 4], settings).unwrap();
    let mut left = outcomes.iter();
    let mut asked: Vec<Request> = vec![];
    for _ in 0..4 {
        let step = duel.next().unwrap();
        if let Some(judgement) = step.judgement {
            assert!(step.ask.is_empty());
            assert_eq!(left.next(), None, "it asked less than expected");
            return (judgement, asked);
        }
        let mut answers: Vec<Answer> = step
            .ask
            .iter()
            .map(|r| Answer { id: r.id, repeat: r.repeat, outcome: left.next().expect("it asked too much").clone() })
            .collect();
        asked.extend(step.ask);
        if backwards {
            answers.reverse();
        }
        duel.tell(Fact::Noted(("weather".to_owned(), "fine".to_owned()))).unwrap();
        for answer in answers {
            assert_eq!(duel.next().unwrap(), Step::default(), "it waits");
            duel.tell(Fact::Answered(answer)).unwrap();
        }
    }
    panic!("no end");
}

fn verdict(settings: &str, outcomes: &[Outcome]) -> Verdict {
    let forward = play(settings, outcomes, false).0;
    assert_eq!(forward, play(settings, outcomes, true).0, "the order of answers must not matter");
    match forward {
        Judgement::Verdict(verdict) => verdict,
        Judgement::Abstained(why) => panic!("abstained: {why}"),
    }
}

fn abstained(settings: &str, outcomes: &[Outcome]) -> String {
    match play(settings, outcomes, false).0 {
        Judgement::Abstained(why) => why,
        Judgement::Verdict(verdict) => panic!("{verdict:?}"),
    }
}

fn note<'a>(verdict: &'a Verdict, name: &str) -> Option<&'a str> {
    verdict.notes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const BOTH: &str = r#"{"orders": "both"}"#;

#[test]
fn the_chosen_letter_wins() {
    for (choice, shares) in [(0, [1.0, 0.0]), (1, [0.0, 1.0])] {
        let verdict = verdict("", &[letter(choice)]);
        assert_eq!((verdict.shares.as_slice(), verdict.order.len()), (shares.as_slice(), 0));
        assert_eq!((note(&verdict, "calls"), note(&verdict, "orders agree")), (Some("1"), None));
        assert!(verdict.why.starts_with("with the first as A: I looked."), "{}", verdict.why);
    }
}

#[test]
fn an_answer_that_cannot_be_used_does_not_count() {
    let cut = letter(0).map(|reply| Reply { complete: false, ..reply });
    let silent = letter(0).map(|reply| Reply { choice: None, ..reply });
    for (outcome, part) in [
        (failed(Trouble::Unreadable), "unreadable: because"),
        (failed(Trouble::Refused), "refused: because"),
        (failed(Trouble::Unsupported), "unsupported: because"),
        (failed(Trouble::Unavailable), "unavailable: because"),
        (cut, "cut off"),
        (silent, "unreadable: \"A\" is neither A nor B"),
        (letter(2), "unreadable: \"C\" is neither A nor B"),
    ] {
        let one = abstained("", core::slice::from_ref(&outcome));
        assert!(one.starts_with("no answer could be used: ") && one.contains(part), "{one}");
        assert_eq!(abstained(BOTH, &[outcome.clone(), outcome.clone()]), one, "the reason is given once");
        for (outcomes, shares) in
            [([letter(0), outcome.clone()], [1.0, 0.0]), ([outcome.clone(), letter(0)], [0.0, 1.0])]
        {
            let verdict = verdict(BOTH, &outcomes);
            assert_eq!(verdict.shares, shares, "the other answer counts");
            assert_eq!((note(&verdict, "calls"), note(&verdict, "orders agree")), (Some("2"), None));
        }
        let third = abstained(BOTH, &[letter(0), letter(0), outcome]);
        assert!(third.starts_with("position: the answer followed the place") && third.contains(part), "{third}");
    }
}

#[test]
fn both_orders_agree_or_a_third_answer_decides() {
    for (outcomes, shares, agree) in [
        (vec![letter(0), letter(1)], [1.0, 0.0], "yes"),
        (vec![letter(1), letter(0)], [0.0, 1.0], "yes"),
        (vec![letter(0), letter(0), letter(1)], [0.0, 1.0], "no"),
        (vec![letter(1), letter(1), letter(0)], [1.0, 0.0], "no"),
    ] {
        let verdict = verdict(BOTH, &outcomes);
        assert_eq!(verdict.shares, shares);
        let calls = outcomes.len().to_string();
        assert_eq!((note(&verdict, "calls"), note(&verdict, "orders agree")), (Some(calls.as_str()), Some(agree)));
    }
    let (_, asked) = play(BOTH, &[letter(0), letter(0), letter(1)], false);
    let orders: Vec<Vec<u32>> = asked.iter().map(|request| shown(question(request))).collect();
    assert_eq!(orders, [[7, 4], [4, 7], [7, 4]]);
    let repeats: Vec<(u32, u32)> = asked.iter().map(|request| (request.repeat, request.samples)).collect();
    assert_eq!(repeats, [(0, 1), (0, 1), (1, 1)], "the host adds the repeat of the match");
    let temperatures: Vec<f64> = asked.iter().map(|request| question(request).temperature).collect();
    assert_eq!(temperatures, [0.0, 0.0, 1.0]);
    let warm = play(r#"{"orders": "both", "temperature": 1.5}"#, &[letter(0), letter(0), letter(1)], false).1;
    assert!(warm.iter().all(|request| question(request).temperature == 1.5));
}

#[test]
fn preference_is_the_mean_of_the_logits_over_the_orders() {
    let one = r#"{"preference": true}"#;
    let both = r#"{"preference": true, "orders": "both"}"#;
    let close = |verdict: Verdict, first: f64| {
        assert!((verdict.shares[0] - first).abs() < 1e-9 && (verdict.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    };
    close(verdict(one, &[weighed(0, &[0.8, 0.2])]), 0.8);
    close(verdict(one, &[weighed(0, &[0.4, 0.1])]), 0.8);
    // 4 : 1 and, turned, 1 : 1 are 2 : 1 in the geometric mean.
    close(verdict(both, &[weighed(0, &[0.8, 0.2]), weighed(0, &[0.5, 0.5])]), 2.0 / 3.0);
    // The same liking for A in both orders cancels out.
    close(verdict(both, &[weighed(0, &[0.9, 0.1]), weighed(0, &[0.9, 0.1])]), 0.5);
    close(verdict(both, &[failed(Trouble::Refused), weighed(0, &[0.8, 0.2])]), 0.2);
    let sure = verdict(one, &[weighed(0, &[1.0, 0.0])]);
    assert!(sure.shares[0] > 0.999_998 && sure.shares[0] < 1.0);
}

#[test]
fn without_probabilities_the_letters_count() {
    let both = r#"{"preference": true, "orders": "both"}"#;
    assert_eq!(verdict(both, &[letter(0), weighed(1, &[0.3, 0.7])]).shares, [1.0, 0.0]);
    let third = [letter(0), weighed(0, &[0.7, 0.3]), weighed(1, &[0.3, 0.7])];
    assert_eq!(verdict(both, &third).shares, [0.0, 1.0]);
    for odd in [&[0.0, 0.0][..], &[0.5], &[f64::NAN, 0.5], &[-0.1, 0.5], &[0.2, 0.3, 0.5]] {
        assert_eq!(verdict(r#"{"preference": true}"#, &[weighed(1, odd)]).shares, [0.0, 1.0]);
    }
    let unasked = verdict("", &[weighed(1, &[0.3, 0.7])]);
    assert_eq!(unasked.shares, [0.0, 1.0], "weights count only where they are wanted");
}

#[test]
fn the_constant_parts_of_the_question_come_first() {
    let texts = |question: &Question| -> Vec<String> {
        let parts = question.messages.iter().flat_map(|message| &message.parts);
        parts.map(|part| if let Part::Text(text) = part { text.clone() } else { "…".to_owned() }).collect()
    };
    let ask = |ids: [u32; 2], settings: &str| start(&ids, settings).unwrap().next().unwrap().ask.remove(0);
    let asked = ask([7, 4], "");
    let plain = question(&asked);
    assert_eq!(plain.format, Format::Choice(vec!["A".to_owned(), "B".to_owned()]));
    assert_eq!((plain.max_tokens, plain.messages[0].role, plain.messages[1].role), (64, Role::System, Role::User));
    let text = texts(plain);
    assert_eq!(text[1..6], ["The photo:", "…", "Image A:", "…", "Image B:"]);
    assert!(text[7].contains("the red cup") && text.len() == 8);
    let other = ask([4, 9], "");
    assert_eq!(texts(question(&other)), text, "only pictures differ");
    assert_eq!(plain.messages[1].parts[5], Part::Image(View::candidate(4, "overlay")));
    assert_eq!(question(&other).messages[1].parts[3], plain.messages[1].parts[5], "the same picture in either place");
}

#[test]
fn the_settings_decide_what_is_shown() {
    let parts = |settings: &str| {
        let ask = start(&[7, 4], settings).unwrap().next().unwrap().ask;
        question(&ask[0]).messages[1].parts.clone()
    };
    let instructions = |settings: &str| prompt::instructions(&Settings::read(settings).unwrap());
    let side = parts(r#"{"view": "side-by-side", "photo": false}"#);
    let [Part::Text(_), Part::Grid(views), Part::Text(_)] = side.as_slice() else { panic!("{side:?}") };
    assert_eq!(*views, [View::candidate(7, "overlay").captioned("A"), View::candidate(4, "overlay").captioned("B")]);
    assert!(instructions(r#"{"view": "side-by-side", "photo": false}"#).contains("image A on the left"));
    assert!(!instructions(r#"{"photo": false}"#).contains("as it is, and then"));
    let reasoned = parts(r#"{"reasoning": true}"#);
    let at = |id| reasoned.iter().position(|part| *part == Part::Reasoning(id)).unwrap();
    assert!(at(7) < at(4) && at(4) == reasoned.len() - 2);
    for (style, mark) in [
        ("overlay", "tinted in red"),
        ("outline", "outlined in red"),
        ("cutout", "all else is black"),
        ("darkened", "all else is darkened"),
        ("box", "framed by a red box"),
    ] {
        let settings = format!("{{\"style\": \"{style}\"}}");
        assert!(parts(&settings).contains(&Part::Image(View::candidate(4, style))));
        assert!(instructions(&settings).contains(mark));
    }
}

#[test]
fn evidence_is_cut_to_a_bounded_length() {
    let long = letter(0).map(|reply| Reply { reasoning: "ä".repeat(1_000_000), ..reply });
    let verdict = verdict(BOTH, &[long.clone(), letter(1)]);
    assert!(verdict.why.chars().count() < 1200, "{}", verdict.why.len());
}

#[test]
fn it_takes_exactly_two_candidates() {
    for ids in [&[][..], &[1], &[1, 2, 3]] {
        let fault = start(ids, "").unwrap_err();
        assert!(fault.blame == Blame::Unsupported && fault.message.contains("takes 2"));
    }
}

#[test]
fn the_manifest_names_its_contestants_and_needs() {
    let offer = &describe().offers[0];
    assert_eq!(offer.traits[0], ("contestants".to_owned(), "2..2".to_owned()));
    assert_eq!(offer.needs, ["chat"]);
}
