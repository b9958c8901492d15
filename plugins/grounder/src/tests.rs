//! Tests of the grounder with a simulated detector.

use super::*;
use rescue_plugin_sdk::chat::{Answer, Body, Failure, Found, Reply, Request, Trouble};
use rescue_plugin_sdk::planner::Proposal;
use rescue_plugin_sdk::{Brief, Hypothesis, Look, Raster, Rect, Region, Size};

const IMAGE: Size = Size { width: 400, height: 300 };

/// An object in the simulated photo: its name, box and colour.
type Seen = (&'static str, Rect, [u8; 3]);

const RED: [u8; 3] = [220, 20, 20];
const BLUE: [u8; 3] = [20, 40, 220];

const fn at(x: f64, y: f64, w: f64, h: f64) -> Rect {
    Rect { x_min: x, y_min: y, x_max: x + w, y_max: y + h }
}

/// A photo in which each box is filled with its colour.
#[derive(Debug)]
struct Photo(Vec<Seen>);

impl Look for Photo {
    fn pixels(&self, area: Rect, _: u32) -> Result<Raster, String> {
        let (.., colour) = self.0.iter().find(|(_, rect, _)| *rect == area).ok_or("nothing there")?;
        Ok(Raster { size: Size { width: 8, height: 8 }, data: colour.repeat(64) })
    }

    fn mask(&self, _: u32, _: Rect, _: u32) -> Result<Raster, String> {
        Err("planners have no masks".to_owned())
    }

    fn iou(&self, _: u32, _: u32) -> Result<f64, String> {
        Err("planners have no masks".to_owned())
    }

    fn reasoning(&self, _: u32) -> Result<String, String> {
        Err("not needed".to_owned())
    }
}

/// Three cars, red, blue, red from left to right; a bus right of the first; a dog and two people.
fn street() -> Vec<Seen> {
    vec![
        ("car", at(300.0, 200.0, 80.0, 50.0), RED),
        ("car", at(20.0, 210.0, 60.0, 40.0), RED),
        ("car", at(160.0, 190.0, 100.0, 60.0), BLUE),
        ("bus", at(90.0, 100.0, 60.0, 140.0), [240, 220, 30]),
        ("person", at(10.0, 60.0, 20.0, 80.0), BLUE),
        ("person", at(200.0, 60.0, 20.0, 80.0), RED),
        ("dog", at(222.0, 110.0, 30.0, 25.0), [110, 70, 35]),
    ]
}

fn reply(boxes: Vec<Found>) -> Reply {
    Reply {
        text: String::new(),
        reasoning: String::new(),
        complete: true,
        choice: None,
        weights: vec![],
        boxes,
        notes: vec![],
    }
}

fn answer(request: &Request, seen: &[Seen]) -> Answer {
    let Body::Detect(noun) = &request.body else { panic!("not a detection") };
    let known = rescue_phrase::coco(noun) == Some(noun.as_str());
    let is_in = |name: &str| match noun.as_str() {
        "vehicle" => ["car", "bus"].contains(&name),
        "animal" => name == "dog",
        "object" => true,
        noun => name == noun,
    };
    let outcome = if known {
        let named = seen.iter().filter(|(name, ..)| is_in(name));
        Ok(reply(
            named.map(|(name, rect, _)| Found { rect: *rect, label: (*name).to_owned(), score: Some(0.9) }).collect(),
        ))
    } else {
        let message = format!("'{noun}' is not one of the 80 names that I know");
        Err(Failure { trouble: Trouble::Unsupported, message, raw: String::new() })
    };
    Answer { id: request.id, repeat: 0, outcome }
}

fn brief(query: &str, count: u32) -> Brief {
    Brief { query: query.to_owned(), image: IMAGE, count, room: 64, settings: String::new(), seed: 9, context: vec![] }
}

fn run(query: &str, count: u32, seen: &[Seen], backwards: bool) -> Vec<Proposal> {
    let mut grounder = Grounder::new(brief(query, count), Settings::default(), Photo(seen.to_vec()));
    let first = grounder.step();
    if first.done {
        return first.propose;
    }
    assert!(first.propose.is_empty() && !first.ask.is_empty());
    let mut asked = first.ask;
    if backwards {
        asked.reverse();
    }
    for request in &asked {
        assert_eq!(grounder.step(), Step::default(), "it waits");
        grounder.answered(answer(request, seen));
    }
    let last = grounder.step();
    assert!(last.done && last.ask.is_empty());
    last.propose
}

fn hypotheses(query: &str, count: u32) -> Vec<Hypothesis> {
    run(query, count, &street(), false)
        .into_iter()
        .map(|proposal| match proposal {
            Proposal::Hypothesis(hypothesis) => hypothesis,
            other => panic!("{query}: {other:?}"),
        })
        .collect()
}

fn boxes(hypothesis: &Hypothesis) -> Vec<Rect> {
    let rect = |region: &Region| match region {
        Region::Prompt(prompt) => prompt.rect.unwrap(),
        other => panic!("{other:?}"),
    };
    hypothesis.regions.iter().map(rect).collect()
}

#[test]
fn the_best_hypothesis_is_the_object_that_is_meant() {
    let seen = street();
    for (query, wanted) in [
        ("the bus", 3),
        ("the blue car", 2),
        ("leftmost car", 1),
        ("the car on the right", 0),
        ("middle car", 2),
        ("second car", 2),
        ("second red car", 0),
        ("second car from the right", 2),
        ("third car from left", 0),
        ("biggest car", 2),
        ("smallest car", 1),
        ("the car left of the bus", 1),
        ("the red car right of the bus", 0),
        ("the red car that is not on the left", 0),
        ("person with a dog", 5),
        ("the man next to the dog", 5),
        ("woman in a red coat", 5),
        ("woman wearing blue", 4),
        ("person without a dog", 4),
        ("the car between the bus and the red car", 2),
        ("puppy", 6),
        ("the animal", 6),
        ("the yellow vehicle", 3),
        ("second vehicle from the left", 3),
        ("rightmost object", 0),
        ("the car the bus is pulling", 1),
        ("woman red coat", 5),
        ("the woman's dog", 6),
        ("dog lying down", 6),
        ("first car on the right", 0),
    ] {
        let proposed = hypotheses(query, 8);
        assert_eq!(boxes(&proposed[0]), [seen[wanted].1], "{query}: {}", proposed[0].reasoning);
        assert_eq!(proposed.len(), 8);
        assert!(proposed.iter().zip(0..).all(|(one, id)| one.id == id));
    }
}

#[test]
fn several_objects_are_taken_together() {
    assert_eq!(boxes(&hypotheses("the cars", 4)[0]).len(), 3);
    assert_eq!(boxes(&hypotheses("two people", 4)[0]).len(), 2);
    let red = hypotheses("the red cars", 4);
    assert_eq!(boxes(&red[0]).len(), 2, "{}", red[0].reasoning);
    for (query, wanted) in [("the two leftmost cars", [1, 2]), ("two biggest cars", [2, 0]), ("first two cars", [1, 2])]
    {
        let together = boxes(&hypotheses(query, 4)[0]);
        let seen = street();
        assert!(together.len() == 2 && wanted.iter().all(|car: &usize| together.contains(&seen[*car].1)), "{query}");
    }
    let both = hypotheses("the bus and the dog", 4);
    assert_eq!((boxes(&both[0]).len(), both[0].label.as_str()), (2, "bus and dog"));
}

#[test]
fn the_next_best_objects_come_before_variants() {
    let proposed = hypotheses("leftmost car", 12);
    let origins: Vec<&str> = proposed.iter().map(|one| one.origin.as_str()).collect();
    assert_eq!(origins[..4], ["box", "box", "box", "box+point"]);
    assert!(origins.contains(&"jitter") && origins.contains(&"points"));
    let beliefs: Vec<f64> = proposed.iter().map(|one| one.confidence.unwrap()).collect();
    assert!(beliefs[0] > beliefs[1] && beliefs[1] >= beliefs[2] && beliefs[3..].is_sorted_by(|a, b| a >= b));
    for (name, value) in [("detection", "0.900"), ("box", "20.0,210.0,80.0,250.0")] {
        assert!(proposed[0].notes.contains(&(name.to_owned(), value.to_owned())));
    }
}

#[test]
fn many_hypotheses_all_differ() {
    let proposed = hypotheses("the dog", 64);
    assert_eq!(proposed.len(), 64);
    for (index, one) in proposed.iter().enumerate() {
        assert!(proposed[..index].iter().all(|other| other.regions != one.regions));
    }
}

#[test]
fn words_that_are_not_understood_are_named_and_lower_the_confidence() {
    let plain = hypotheses("the dog", 1).remove(0);
    let odd = hypotheses("the melancholic dog", 1).remove(0);
    assert!(odd.reasoning.contains("not understood: 'melancholic'"), "{}", odd.reasoning);
    assert!(odd.confidence.unwrap() < plain.confidence.unwrap());
    let open = hypotheses("the dog near the fountain", 1).remove(0);
    assert!(open.reasoning.contains("not understood: 'fountain'"), "{}", open.reasoning);
    let woman = hypotheses("the woman", 1).remove(0);
    assert!(woman.reasoning.contains("'woman' is not told from any other person"), "{}", woman.reasoning);
}

#[test]
fn it_never_guesses_another_object() {
    let seen = street();
    for (query, part) in [
        ("", "no words"),
        ("the red one", "no thing is named"),
        ("the zebra", "no 'zebra' was found"),
        ("the unicorn", "is not one of the 80 names"),
        ("the dgo", "is not one of the 80 names"),
        ("dog house", "'dog house' is not known: "),
        ("the wheel of the bus", "'wheel' is not known: "),
        ("the one next to the bus", "no thing is named"),
        ("the object that people eat", "no thing is named"),
        ("the bus and the zebra", "no 'zebra' was found"),
        ("the dog near the zebra", "no 'zebra' was found, which the query relates 'dog' to"),
        ("zebra, giraffe", "no 'zebra' was found; no 'giraffe' was found"),
        ("the fourth car from the left", "only 3 'car' found, and number 4 is asked for"),
        ("the leftmost of the four cars", "only 3 'car' found, and the query says that there are 4"),
        ("two of the four cars", "only 3 'car' found, and the query says that there are 4"),
        ("the five cars", "only 3 'car' found, and 5 are asked for"),
        ("the car between the two dogs", "only 1 'dog' found, and 2 are asked for"),
        ("the car between the three cars", "only 3 'car' found, and the query speaks of 4"),
        ("the bus next to the bus", "only 1 'bus' found, and the query speaks of 2"),
        ("all buses but the leftmost", "no 'buses' is left without"),
        ("all cars except the purplish", "not understood"),
        ("everything apart from the purplish car", "not understood: \"the purplish car\""),
        ("the car left of the leftmost car", "no 'car' can be left of the 'car' that is the furthest"),
        ("the cars right of the last car", "no 'cars' can be right of the 'car' that is the furthest"),
        ("the car above the dog", "no 'car' is above the 'dog'"),
        ("the animal left of the dog", "no 'animal' is left of the 'dog'"),
        ("the bus right of the dog", "no 'bus' is right of the 'dog'"),
        ("the only car", "3 'car' found, and the query says that there is only one"),
        ("the dog near the only person", "2 'person' found, and the query says that there is only one"),
    ] {
        match run(query, 8, &seen, false).as_slice() {
            [Proposal::NoTarget(blank)] => assert!(blank.id == 0 && blank.why.contains(part), "{query}: {}", blank.why),
            other => panic!("{query}: {other:?}"),
        }
    }
}

/// The detector does not know fountains: whether one is there is not known.
#[test]
fn a_relation_to_a_thing_that_the_detector_does_not_know_is_ignored() {
    let seen = street();
    assert!(matches!(
        run("the dog near the fountain", 2, &seen, false).as_slice(),
        [Proposal::Hypothesis(_), Proposal::Hypothesis(_)]
    ));
}

/// The boxes of the best hypothesis, and those that are cut out of it.
fn best(query: &str) -> (Vec<Rect>, usize) {
    let best = hypotheses(query, 8).remove(0);
    (boxes(&best), best.without.len())
}

#[test]
fn what_is_excluded_is_left_out() {
    let seen = street();
    let (red, left, blue) = (seen[0].1, seen[1].1, seen[2].1);
    for (query, wanted) in [
        ("all cars but the leftmost", [red, blue]),
        ("every car except the one on the left", [red, blue]),
        ("the cars other than the blue one", [red, left]),
        ("all but the rightmost car", [left, blue]),
        ("all cars, not the blue one", [red, left]),
        ("all cars save the leftmost", [red, blue]),
    ] {
        let (mut found, without) = best(query);
        found.sort_by(|a, b| b.x_min.total_cmp(&a.x_min));
        let mut wanted = wanted.to_vec();
        wanted.sort_by(|a, b| b.x_min.total_cmp(&a.x_min));
        assert_eq!((found, without), (wanted, 1), "{query}");
    }
    assert_eq!(best("all but the first two cars"), (vec![red], 2));
    let (everything, without) = best("everything but the leftmost car");
    assert!(everything.len() == 6 && !everything.contains(&left) && without == 1);
    let (vehicles, _) = best("all vehicles but the bus");
    assert!(vehicles.len() == 3 && !vehicles.contains(&seen[3].1));
}

#[test]
fn of_a_list_everything_that_is_there_is_taken() {
    let all: Vec<Vec<Rect>> = ["bus, dog, zebra", "zebra / dog / bus", "dog. zebra. bus."]
        .iter()
        .map(|query| {
            let mut found = best(query).0;
            found.sort_by(|a, b| a.x_min.total_cmp(&b.x_min));
            found
        })
        .collect();
    assert_eq!(all[0], [street()[3].1, street()[6].1]);
    assert!(all.iter().all(|found| *found == all[0]));
    assert!(hypotheses("bus, zebra", 1)[0].reasoning.contains("no 'zebra' was found"));
}

#[test]
fn things_that_share_a_noun_are_each_taken() {
    let seen = street();
    for (query, wanted) in [
        ("the leftmost and the rightmost car", vec![1, 0]),
        ("the first and third cars from the right", vec![0, 1]),
        ("the bus and the first and second car", vec![3, 1, 2]),
        ("the red and the blue person", vec![5, 4]),
    ] {
        assert_eq!(best(query).0, wanted.into_iter().map(|index: usize| seen[index].1).collect::<Vec<_>>(), "{query}");
    }
}

#[test]
fn of_nouns_without_articles_those_that_are_there_are_taken() {
    for query in ["bus and zebra", "zebra & bus"] {
        let first = hypotheses(query, 1).remove(0);
        assert_eq!(boxes(&first), [street()[3].1], "{query}");
        assert!(first.reasoning.contains("no 'zebra' was found"), "{query}: {}", first.reasoning);
    }
    assert!(matches!(run("the bus and the zebra", 1, &street(), false).as_slice(), [Proposal::NoTarget(_)]));
}

#[test]
fn a_relation_that_one_object_may_have_is_ranked() {
    let seen = street();
    for (query, wanted) in [
        ("the car left of the rightmost car", 2),
        ("the car left of the leftmost blue car", 1),
        ("the man left of the leftmost woman", 4),
        ("the car left of the dog", 2),
        ("the only car left of the bus", 1),
    ] {
        assert_eq!(best(query).0, [seen[wanted].1], "{query}");
    }
}

#[test]
fn what_a_thing_is_said_to_lack_is_not_used_if_it_cannot_be_seen() {
    for (query, words) in [
        ("the person without a hat", vec!["'not'", "'hat'"]),
        ("a person with no collar", vec!["'not'", "'collar'"]),
        ("half of the people", vec!["'half'"]),
        ("most people", vec!["'most'"]),
        ("some of the people", vec!["'some'"]),
    ] {
        let all = hypotheses(query, 2);
        assert!(words.iter().all(|word| all[0].reasoning.contains(&format!("not understood: {word}"))), "{query}");
        let plain = hypotheses(if query.contains("people") { "the people" } else { "the person" }, 2);
        assert_eq!([boxes(&all[0]), boxes(&all[1])], [boxes(&plain[0]), boxes(&plain[1])], "{query}");
        assert!(all[0].confidence.unwrap() < plain[0].confidence.unwrap(), "{query}");
    }
}

#[test]
fn a_place_is_worth_more_than_the_unsure_colour_of_a_part() {
    // No car shows white; saying more must not turn the right answer wrong.
    assert_eq!(best("the car with a blue door on the right").0, [street()[0].1]);
}

#[test]
fn if_the_detector_is_down_the_hypothesis_is_skipped() {
    let mut grounder = Grounder::new(brief("dog", 4), Settings::default(), Photo(vec![]));
    let id = grounder.step().ask[0].id;
    let failure = Failure { trouble: Trouble::Unavailable, message: "gone".to_owned(), raw: String::new() };
    grounder.answered(Answer { id, repeat: 0, outcome: Err(failure) });
    let step = grounder.step();
    assert!(step.done && matches!(step.propose.as_slice(), [Proposal::Skipped(blank)] if blank.why.contains("gone")));
    assert!(Grounder::new(brief("dog", 0), Settings::default(), Photo(vec![])).step().done);
}

#[test]
fn the_order_of_answers_does_not_matter() {
    for query in ["the car left of the bus", "person with a dog", "the bus and the dog"] {
        assert_eq!(run(query, 16, &street(), false), run(query, 16, &street(), true));
    }
}

#[test]
fn each_noun_is_asked_for_once() {
    let mut grounder = Grounder::new(brief("man between the woman and the bus", 4), Settings::default(), Photo(vec![]));
    let asked: Vec<Body> = grounder.step().ask.into_iter().map(|request| request.body).collect();
    assert_eq!(asked, [Body::Detect("person".to_owned()), Body::Detect("bus".to_owned())]);
}

#[test]
fn the_manifest_names_its_needs() {
    assert_eq!(describe().offers[0].needs, ["detect", "pixels"]);
}
