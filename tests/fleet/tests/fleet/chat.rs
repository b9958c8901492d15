//! Tests of planner and verifier.

use std::collections::BTreeSet;

use rescue_fleet::{Chat, Coordinates, Fleet, FleetConfig, PHOTO, Role, ServerConfig, Thinking, draw_scenes};
use rescue_mask::{Rect, Size, jpeg};
use serde_json::{Value, json};

use crate::drawing::{chat, file, image_part, overlay, photo, text, text_of};
use crate::http::{Reply, get, post};

fn fleet(chat: Chat) -> Fleet {
    let scenes = draw_scenes(21, 4, &[PHOTO]).unwrap();
    let both = ServerConfig { chat, ..ServerConfig::default() };
    Fleet::start(FleetConfig { scenes, planner: both.clone(), verifier: both, seed: 3, ..FleetConfig::default() })
        .unwrap()
}

fn ask(fleet: &Fleet, body: &Value) -> Reply {
    post(&fleet.base(Role::Planner), "/v1/chat/completions", body).unwrap()
}

fn always_right() -> Chat {
    Chat { right: 1.0, jitter: 0.0, beta: f64::INFINITY, ..Chat::default() }
}

/// The numbers in the last pair of brackets.
fn numbers(text: &str) -> Vec<f64> {
    let (_, rest) = text.rsplit_once('[').unwrap();
    rest.split(']').next().unwrap().split(',').map(|number| number.trim().parse().unwrap()).collect()
}

#[test]
fn vllm_describes_itself() {
    let fleet = fleet(Chat::default());
    let base = fleet.base(Role::Verifier);
    assert_eq!(get(&base, "/health").status, 200);
    assert_eq!(get(&base, "/version").json()["version"], "0.33.0");
    assert_eq!(get(&base, "/v1/models").json()["data"][0]["id"], "fleet-vlm");
    assert_eq!(get(&base, "/load").json()["server_load"], 0);
    assert_eq!(get(&base, "/nothing").status, 404);
    let body = chat(&[text("hello")], json!({ "model": "other" }));
    let reply = ask(&fleet, &body);
    assert_eq!((reply.status, &reply.json()["error"]["type"]), (404, &json!("NotFoundError")));
    let stats = fleet.stats(Role::Verifier);
    assert_eq!((stats.requests, stats.endpoints["GET /health"], stats.endpoints["other"]), (5, 1, 1));
    assert_eq!(stats.served, [(200, 4), (404, 1)].into());
}

#[test]
fn the_planner_points_at_the_target_in_three_units_of_coordinates() {
    for coordinates in [Coordinates::Thousand, Coordinates::Shown, Coordinates::Resized28] {
        let fleet = fleet(Chat { coordinates, ..always_right() });
        for scene in fleet.scenes() {
            let count = match coordinates {
                Coordinates::Thousand => Size::new(1000, 1000),
                Coordinates::Shown => PHOTO,
                Coordinates::Resized28 => Size::new(644, 476),
            };
            let (across, down) = (f64::from(count.width) / 640.0, f64::from(count.height) / 480.0);
            let bounds = scene.target().bounds;
            let expected = [bounds.x_min * across, bounds.y_min * down, bounds.x_max * across, bounds.y_max * down];
            let near =
                |found: &[f64]| found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= 0.5);
            let lines = text_of(&ask(&fleet, &chat(&[text(&scene.query), image_part(&scene.photo)], json!({}))).json());
            assert!(lines.starts_with("Reasoning: "), "{lines}");
            assert!(lines.contains(&format!("\nTarget Concept: {}\nBox: [", scene.target().name)), "{lines}");
            assert!(near(&numbers(&lines)), "{lines} {expected:?}");
            let prompt = text("Answer with bbox_2d.");
            let found = text_of(&ask(&fleet, &chat(&[prompt, image_part(&scene.photo)], json!({}))).json());
            let json = found.trim_start_matches("```json\n").trim_end_matches("\n```");
            let found: Value = serde_json::from_str(json).unwrap();
            assert_eq!(found[0]["label"], scene.target().name);
            let found: Vec<_> = found[0]["bbox_2d"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
            assert!(near(&found), "{json} {expected:?}");
        }
        // A probe of another size.
        let size = Size::new(500, 300);
        let pixels = (0..300).flat_map(|y| (0..500).map(move |x| (100..200).contains(&x) && (60..180).contains(&y)));
        let rgb: Vec<u8> = pixels.flat_map(|red| if red { [255, 0, 0] } else { [128; 3] }).collect();
        let probe = jpeg::encode_rgb(size, &rgb, 90).unwrap();
        let found = numbers(&text_of(
            &ask(&fleet, &chat(&[text("Where is the red one?"), image_part(&probe)], json!({}))).json(),
        ));
        let expected = match coordinates {
            Coordinates::Thousand => [200.0, 200.0, 400.0, 600.0],
            Coordinates::Shown => [100.0, 60.0, 200.0, 180.0],
            Coordinates::Resized28 => [100.8, 61.6, 201.6, 184.8],
        };
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= 3.0), "{found:?}");
        assert_eq!(fleet.stats(Role::Planner).unrecognised, 0);
    }
}

#[test]
fn draws_are_repeatable_and_as_good_as_configured() {
    let fleet = fleet(Chat { right: 0.7, jitter: 0.1, ..Chat::default() });
    let scene = &fleet.scenes()[0];
    let parts = [text(&scene.query), image_part(&scene.photo)];
    let texts = |more: Value| {
        let reply = ask(&fleet, &chat(&parts, more)).json();
        let choices = reply["choices"].as_array().unwrap().clone();
        choices.iter().map(|choice| choice["message"]["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let many: Vec<_> = (0..4).flat_map(|round| texts(json!({ "n": 64, "seed": round * 64 }))).collect();
    // The choices of `n` are those of seed + index, and an answer does not depend on earlier requests.
    assert_eq!(texts(json!({ "n": 2, "seed": 7 })), many[7..9]);
    assert_eq!(
        texts(json!({ "n": 2, "temperature": 0.0 }))[0],
        texts(json!({ "n": 2, "temperature": 0.0, "seed": 5 }))[1]
    );
    let right = many.iter().filter(|text| text.contains(&format!("Concept: {}\n", scene.target().name))).count();
    assert!((154..206).contains(&right), "{right} of 256");
    let ious: Vec<f64> = many
        .iter()
        .filter(|text| text.contains(&format!("Concept: {}\n", scene.target().name)))
        .map(|text| {
            let n = numbers(text);
            let rect = Rect { x_min: n[0] * 0.64, y_min: n[1] * 0.48, x_max: n[2] * 0.64, y_max: n[3] * 0.48 };
            rect.iou(scene.target().bounds)
        })
        .collect();
    let mean = ious.iter().sum::<f64>() / ious.len() as f64;
    assert!((0.6..0.9).contains(&mean), "{mean}");
    assert!(many.iter().collect::<BTreeSet<_>>().len() > 200);
}

#[test]
fn pictures_are_found_by_their_uuid() {
    let fleet = fleet(Chat { uuid_cache: 2, ..always_right() });
    let photos: Vec<_> = fleet.scenes().iter().map(|scene| scene.photo.clone()).collect();
    let part = |index: usize, bytes: bool| {
        let mut part =
            if bytes { image_part(&photos[index]) } else { json!({ "type": "image_url", "image_url": null }) };
        part["uuid"] = json!(format!("u{index}"));
        part
    };
    let ask_for = |index, bytes| ask(&fleet, &chat(&[text("Where?"), part(index, bytes)], json!({})));
    let miss = ask_for(0, false);
    assert_eq!(miss.status, 400);
    let message = miss.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("Cache miss for image at index 0 but data is not provided"), "{message}");
    let full = text_of(&ask_for(0, true).json());
    assert_eq!(text_of(&ask_for(0, false).json()), full, "the answer does not depend on the way the picture came");
    ask_for(1, true);
    ask_for(2, true);
    assert_eq!(ask_for(0, false).status, 400, "a cache of two forgot the first of three");
    assert_eq!(ask_for(1, false).status, 200);
    // If a `uuid` comes again with other bytes, the answer is about the old ones.
    let mut swapped = image_part(&photos[3]);
    swapped["uuid"] = json!("u1");
    let answer = text_of(&ask(&fleet, &chat(&[text("Where?"), swapped], json!({}))).json());
    assert_eq!(answer, text_of(&ask_for(1, false).json()));
    let nothing = json!({ "type": "image_url", "image_url": null });
    assert_eq!(ask(&fleet, &chat(&[nothing], json!({}))).status, 400);
    let stats = fleet.stats(Role::Planner);
    assert_eq!((stats.images_by_bytes, stats.images_by_uuid), (4, 3));
    assert_eq!((stats.uuid_misses, stats.uuid_conflicts), (2, 1));
}

#[test]
fn metrics_count_shared_prefixes_and_pictures() {
    let fleet = fleet(always_right());
    let scene = &fleet.scenes()[0];
    let rule = "This is the same in each. ".repeat(20);
    for end in ["one", "two"] {
        ask(&fleet, &chat(&[text(&rule), image_part(&scene.photo), text(end)], json!({})));
    }
    let text = String::from_utf8(get(&fleet.base(Role::Planner), "/metrics").body).unwrap();
    let value = |name: &str| {
        let line =
            text.lines().find(|line| line.starts_with(&format!("vllm:{name}{{"))).unwrap_or_else(|| unreachable!());
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let (queries, hits) = (value("prefix_cache_queries_total"), value("prefix_cache_hits_total"));
    // Both prompts begin with 130 tokens of text and 392 of the picture, and end with one token each.
    assert_eq!((queries, hits), (1046.0, 522.0));
    assert_eq!((value("mm_cache_queries_total"), value("mm_cache_hits_total")), (2.0, 1.0));
    assert_eq!(value("request_queue_time_seconds_count"), 2.0);
    assert_eq!((value("num_requests_running"), value("num_requests_waiting")), (0.0, 0.0));
}

#[test]
fn answers_keep_to_the_requested_format() {
    let fleet = fleet(always_right());
    let scene = &fleet.scenes()[1];
    let photo = photo(scene, 1024);
    let good = image_part(&file(&overlay(&photo, &scene.target().mask)));
    let object = scene.objects.iter().find(|object| object.mask != scene.target().mask).unwrap();
    let bad = image_part(&file(&overlay(&photo, &object.mask)));
    let answer = |parts: &[Value], more: Value| text_of(&ask(&fleet, &chat(parts, more)).json());
    let choice = |options: Value| json!({ "structured_outputs": { "choice": options } });
    let schema = |schema: Value| json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "x", "schema": schema } } });
    let json_of = |parts: &[Value], more: Value| serde_json::from_str::<Value>(&answer(parts, more)).unwrap();

    assert_eq!(answer(&[bad.clone(), good.clone()], choice(json!(["A", "B"]))), "B");
    assert_eq!(answer(std::slice::from_ref(&good), choice(json!(["100", "75", "50", "25", "0"]))), "100");
    assert_eq!(answer(std::slice::from_ref(&bad), choice(json!(["100", "75", "50", "25", "0"]))), "0");
    assert_eq!(answer(std::slice::from_ref(&bad), choice(json!(["yes", "no"]))), "no");
    let end = text("End with ANSWER: LEFT or ANSWER: RIGHT.");
    assert!(answer(&[end, good.clone(), bad.clone()], json!({})).ends_with("\nANSWER: LEFT"));
    let winner = text("Say {\"winner\": \"A\"} or {\"winner\": \"B\"}.");
    assert_eq!(json_of(&[winner, bad.clone(), good.clone()], json!({})), json!({ "winner": "B" }));
    let winner =
        json!({ "type": "object", "properties": { "why": { "type": "string" }, "winner": { "enum": ["A", "B"] } } });
    assert_eq!(json_of(&[good.clone(), bad.clone()], schema(winner))["winner"], "A");

    let five = json!({ "type": "integer", "minimum": 0, "maximum": 5 });
    let scores = json!({ "type": "object", "properties": { "shape": five, "colour": { "$ref": "#/$defs/five" } },
        "$defs": { "five": five } });
    assert_eq!(json_of(std::slice::from_ref(&good), schema(scores.clone())), json!({ "shape": 5, "colour": 5 }));
    assert_eq!(json_of(std::slice::from_ref(&bad), schema(scores)), json!({ "shape": 0, "colour": 0 }));

    let texts = json!({ "type": "array", "items": { "type": "string" }, "minItems": 20, "maxItems": 20 });
    let variations = json!({ "type": "object", "properties": { "variations": texts } });
    let variations = json_of(&[text(&format!("Say it otherwise: {}", scene.query))], schema(variations));
    let variations: BTreeSet<_> =
        variations["variations"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    assert_eq!(variations.len(), 20);
    assert!(variations.iter().all(|text| text.contains(&scene.query)));
    let boxes = json!({ "type": "array", "items": { "type": "object", "properties": {
        "bbox_2d": { "type": "array", "items": { "type": "integer" } }, "label": { "type": "string" } } } });
    let found = json_of(&[image_part(&scene.photo)], schema(boxes));
    assert_eq!((found[0]["bbox_2d"].as_array().unwrap().len(), &found[0]["label"]), (4, &json!(scene.target().name)));
    // A schema that refers to itself does not loop.
    let endless = json!({ "$ref": "#" });
    assert_eq!(answer(&[text("x")], schema(endless)), "null");
    assert_eq!(fleet.stats(Role::Planner).unrecognised, 0);
    ask(&fleet, &chat(&[text("x")], json!({ "guided_json": {}, "guided_choice": ["A"] })));
    assert_eq!(
        fleet.stats(Role::Planner).unknown_fields,
        [("guided_choice".into(), 1), ("guided_json".into(), 1)].into()
    );
}

#[test]
fn reported_probabilities_are_those_of_the_draws() {
    let fleet = fleet(Chat { beta: 2.0, bias: 0.5, ..Chat::default() });
    let scene = &fleet.scenes()[2];
    let photo = photo(scene, 1024);
    let good = image_part(&file(&overlay(&photo, &scene.target().mask)));
    let object = scene.objects.iter().find(|object| object.mask != scene.target().mask).unwrap();
    let bad = image_part(&file(&overlay(&photo, &object.mask)));
    let more = json!({ "structured_outputs": { "choice": ["A", "B"] }, "logprobs": true, "top_logprobs": 5, "n": 64 });
    let (mut firsts, mut odds) = (0, BTreeSet::new());
    for seed in 0..16 {
        let mut more = more.clone();
        more["seed"] = json!(seed * 64);
        let reply = ask(&fleet, &chat(&[bad.clone(), good.clone()], more)).json();
        for choice in reply["choices"].as_array().unwrap() {
            let token = &choice["logprobs"]["content"][0];
            assert_eq!(token["token"], choice["message"]["content"]);
            let tops = token["top_logprobs"].as_array().unwrap();
            let of = |name: &str| tops.iter().find(|top| top["token"] == name).unwrap()["logprob"].as_f64().unwrap();
            assert_eq!(token["logprob"].as_f64().unwrap(), of(token["token"].as_str().unwrap()));
            assert!((of("A").exp() + of("B").exp() - 1.0).abs() < 1e-9);
            odds.insert(of("A").to_string());
            firsts += u32::from(token["token"] == "A");
        }
    }
    assert_eq!(odds.len(), 1);
    let first: f64 = odds.first().unwrap().parse::<f64>().unwrap().exp();
    // sigmoid(2 × (0 − nearly 1) + .5)
    assert!((0.175..0.2).contains(&first), "{first}");
    assert!((f64::from(firsts) / 1024.0 - first).abs() < 0.04, "{firsts} of 1024, {first}");
}

#[test]
fn thinking_goes_to_the_configured_field_and_counts_as_tokens() {
    for thinking in [Thinking::Reasoning, Thinking::ReasoningContent, Thinking::Inline] {
        let fleet = fleet(Chat { thinking, ..always_right() });
        let scene = &fleet.scenes()[0];
        let parts = [text(&scene.query), image_part(&scene.photo)];
        let free = ask(&fleet, &chat(&parts, json!({}))).json();
        let message = &free["choices"][0]["message"];
        let content = message["content"].as_str().unwrap();
        let thought = match thinking {
            Thinking::Reasoning => message["reasoning"].as_str().unwrap(),
            Thinking::ReasoningContent => message["reasoning_content"].as_str().unwrap(),
            _ => content.split_once("\n</think>\n\n").unwrap().0,
        };
        assert!(thought.starts_with("There are 1 pictures") && content.contains("Box: ["), "{message}");
        let cut = ask(&fleet, &chat(&parts, json!({ "max_tokens": 3 }))).json();
        assert_eq!(cut["choices"][0]["finish_reason"], "length");
        assert_eq!(cut["usage"]["completion_tokens"], 3);
        let choice = json!({ "structured_outputs": { "choice": ["yes", "no"] } });
        let formed = text_of(&ask(&fleet, &chat(&parts, choice)).json());
        assert_eq!(formed, "no", "a form suppresses inline thinking");
    }
}
