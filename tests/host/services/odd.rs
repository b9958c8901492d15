//! Servers that behave oddly: refused parts of requests, other models, long waits, replicas that are down, rooms that are too small. The
//! other servers are the fleet's.

use std::time::Instant;

use rescue_tests::odd_server::{OddServer, first_option, refuses, reply, says};
use rescue_tests::{Finished, Run};
use serde_json::{Value, json};

use super::setup::Setup;

/// Searches a scene with this verifier. No model but that of the duels is asked in words.
fn judged_by(url: &str, more: &[&str]) -> Finished {
    judged_in(&Setup::start(1, |_| {}), url, more)
}

fn judged_in(setup: &Setup, url: &str, more: &[&str]) -> Finished {
    let verifier = format!("verifier.url={url}");
    setup.run(0, &[&["--n", "8", "--plugin", "geometry", "--with", &verifier], more].concat())
}

/// Whether a server refuses a request.
type Refused = fn(&Value) -> bool;

fn has_system_message(request: &Value) -> bool {
    request["messages"].as_array().unwrap().iter().any(|message| message["role"] == "system")
}

/// What is refused is left out for the run, told, and part of what the run is: it replays and resumes.
#[test]
fn a_part_of_a_request_that_is_refused_is_left_out() {
    let template = "Conversation roles must alternate user/assistant/user/assistant/...";
    let cases: [(&str, u16, &str, Refused); 4] = [
        ("system-message", 400, template, has_system_message),
        ("logprobs", 500, "Out of range float values are not JSON compliant", |request| request["logprobs"] == true),
        ("seed", 422, "some words that name nothing", |request| request.get("seed").is_some()),
        ("structured-output", 400, "guided decoding is off", |request| request.get("structured_outputs").is_some()),
    ];
    let setup = Setup::start(1, |_| {});
    for (key, status, words, is_refused) in cases {
        let server = OddServer::start(move |request| match is_refused(request) {
            true => refuses(status, words),
            false if request.get("structured_outputs").is_none() => says(request, "A"),
            false => says(request, &first_option(request)),
        });
        let ran = judged_in(&setup, &server.url, &[]);
        let result = ran.answered(0);
        assert_eq!(result["state"], "complete", "{key}");
        assert!(ran.stderr.contains(&format!("as with verifier.{key}=false")), "{key}: {}", ran.stderr);
        let run: Value = serde_json::from_slice(&ran.read("run.json")).unwrap();
        assert_eq!(run["config"]["verifier"][key], false, "{key}");
        // Each question was asked without it once; the part was tried a few times at most.
        let requests = server.requests.lock().unwrap();
        let refused = requests.iter().filter(|request| is_refused(request)).count();
        assert!((1..=8).contains(&refused), "{key}: {refused} of {}", requests.len());
        let folder = ran.path("").display().to_string();
        assert_eq!(Run::plain(["replay", &folder]).go().code, Some(0), "{key}");
    }
}

#[test]
fn several_parts_that_are_refused_are_left_out() {
    let server = OddServer::start(|request| match request {
        _ if has_system_message(request) => refuses(400, "System role not supported"),
        _ if request["logprobs"] == true => refuses(403, "You are not allowed to request logprobs from this model"),
        _ if request.get("seed").is_some() => refuses(400, "Unsupported parameter: 'seed'"),
        _ => says(request, &first_option(request)),
    });
    let ran = judged_by(&server.url, &[]);
    assert_eq!(ran.answered(0)["state"], "complete");
    for key in ["system-message", "logprobs", "seed"] {
        assert!(ran.stderr.contains(&format!("as with verifier.{key}=false")), "{key}: {}", ran.stderr);
    }
}

#[test]
fn another_model_is_an_error_unless_it_is_allowed() {
    let server = OddServer::start(|request| {
        let (status, headers, mut body) = says(request, &first_option(request));
        body["model"] = json!("something-else");
        (status, headers, body)
    });
    let ran = judged_by(&server.url, &[]);
    ran.refused(6, &["asked for the model \"odd\", and \"something-else\" answers", "other-model"]);
    assert_eq!(judged_by(&server.url, &["--with", "verifier.other-model=true"]).code, Some(0));
}

#[test]
fn other_software_is_an_error_unless_it_is_allowed() {
    let server = OddServer::start(|request| {
        let (status, headers, mut body) = says(request, &first_option(request));
        body["system_fingerprint"] = json!(format!("fp-{}", request["seed"]));
        (status, headers, body)
    });
    judged_by(&server.url, &[]).refused(6, &["verifier: ", "system_fingerprint", "verifier.revision"]);
    assert_eq!(judged_by(&server.url, &["--with", "verifier.other-model=true"]).code, Some(0));
}

#[test]
fn a_wait_of_a_day_is_not_waited_for() {
    let server = OddServer::start(|_| (429, "Retry-After: 86400\r\n", json!({"error": {"message": "slow down"}})));
    let start = Instant::now();
    let ran = judged_by(&server.url, &[]);
    ran.refused(6, &["429", "It asks to wait 86400 s, longer than verifier.timeout (120 s)", "verifier.slots"]);
    assert!(start.elapsed().as_secs() < 100);
}

#[test]
fn a_question_without_room_names_the_way_out() {
    let words = "The decoder prompt (length 5321) is longer than the maximum model length of 4096.";
    let server = OddServer::start(move |_| refuses(400, words));
    judged_by(&server.url, &[]).refused(6, &["maximum model length", "verifier.max-side (now 1024)"]);
    // It is known to be no optional part: nothing is left out on trial.
    let requests = server.requests.lock().unwrap();
    assert!(requests.iter().all(|request| request["logprobs"] == true && has_system_message(request)));
}

#[test]
fn a_replica_that_is_down_at_the_start_is_left_out() {
    let server = OddServer::start(|request| says(request, &first_option(request)));
    let both = format!("[\"{}\", \"http://127.0.0.1:9/v1\"]", server.url);
    let ran = judged_by(&both, &[]);
    assert_eq!(ran.answered(0)["state"], "complete");
    assert!(ran.stderr.contains("http://127.0.0.1:9/v1 is left out, and tried again later"), "{}", ran.stderr);
    judged_by("[\"http://127.0.0.1:9/v1\", \"http://127.0.0.1:11/v1\"]", &[]).refused(6, &["cannot be reached"]);
}

/// The whole answer stands where the thinking should be, or in tags: it is read. Only thinking is not.
#[test]
fn answers_in_odd_places_are_read() {
    for (message, verdicts) in [
        (json!({"content": null, "reasoning_content": "A"}), 1.0),
        (json!({"content": "So it is <|begin_of_box|>A<|end_of_box|><|user|>"}), 1.0),
        (json!({"content": "\\boxed{A}"}), 1.0),
        (json!({"content": null, "reasoning_content": "A looks good, but"}), 0.0),
        (
            json!({"content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "A", "arguments": "{}"}}]}),
            0.0,
        ),
    ] {
        let answer = message.clone();
        let server = OddServer::start(move |request| reply(request, &answer));
        let ran = judged_by(&server.url, &[]);
        let result = ran.answered(0);
        let decided = result["counts"]["matches"].as_u64() > result["counts"]["abstained"].as_u64();
        assert_eq!(decided, verdicts > 0.5, "{message}: {}", result["counts"]);
        assert_eq!(result["state"], if decided { "complete" } else { "unreadable" }, "{message}");
    }
}

/// What the planner's model says decides between "not there" and "not read".
#[test]
fn a_box_that_never_ends_is_not_a_thing_that_is_not_there() {
    for (text, code) in [
        ("Reasoning: there is none.\nTarget Concept: umbrella\nBox: none", 3),
        ("[]", 3),
        ("<|ref|>umbrella<|/ref|><|det|>[[120, 340, 410, 99999999999999999999999999", 6),
        ("I would rather talk about something else.", 6),
    ] {
        let server = OddServer::start(move |request| says(request, text));
        let planner = format!("planner.url={}", server.url);
        let ran = Run::new(["--query", "the umbrella", "--n", "2", "--with", &planner]).go();
        assert_eq!(ran.code, Some(code), "{text}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn boxes_with_y_first_are_read_as_configured_or_doubted() {
    // The horse on the right, of 1000, y before x.
    let text = "[{\"box_2d\": [351, 571, 836, 885], \"label\": \"horse\"}]";
    let server = OddServer::start(move |request| says(request, text));
    let planner = format!("planner.url={}", server.url);
    let run =
        |more: &[&str]| Run::new(["--query", "the horse on the right", "--n", "1", "--with", &planner]).more(more).go();
    let ran = run(&["--with", "planner.coordinates=thousand-y-first"]);
    let bounds = &ran.answered(0)["chosen"]["bounds"];
    assert!((560..=600).contains(&bounds["x_min"].as_u64().unwrap()), "{bounds}");
    let ran = run(&[]);
    assert!(ran.stderr.contains("y, x, y, x") && ran.stderr.contains("thousand-y-first"), "{}", ran.stderr);
}
