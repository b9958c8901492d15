//! Tests of latencies and priorities that depend on the request, and of writing scenes.

use std::time::Duration;

use rescue_fleet::{Fleet, FleetConfig, Latency, PHOTO, Role, Scene, ServerConfig, draw_scenes};
use serde_json::{Value, json};

use crate::drawing::{chat, text};
use crate::http::{post, receive, send};

#[test]
fn latencies_depend_on_the_request_and_not_on_the_order() {
    let latency = Latency::LogNormal { median: Duration::from_millis(4), sigma: 0.6 };
    let nominal = |order: &[u32]| {
        let clip = ServerConfig { latency, ..ServerConfig::default() };
        let scenes = draw_scenes(71, 1, &[PHOTO]).unwrap();
        let fleet = Fleet::start(FleetConfig { scenes, clip, seed: 9, ..FleetConfig::default() }).unwrap();
        for index in order {
            let body = json!({ "crops": [], "query": index.to_string() });
            assert_eq!(post(&fleet.base(Role::Clip), "/verify", &body).unwrap().status, 200);
        }
        fleet.stats(Role::Clip).nominal_seconds
    };
    let (one, other) = (nominal(&[1, 2, 3, 4]), nominal(&[3, 1, 4, 2]));
    assert!((one - other).abs() < 1e-9 && one > 0.0, "{one} {other}");
}

#[test]
fn low_priority_numbers_go_first() {
    let verifier =
        ServerConfig { slots: 1, latency: Latency::Fixed(Duration::from_millis(80)), ..ServerConfig::default() };
    let fleet = Fleet::start(FleetConfig { verifier, ..FleetConfig::default() }).unwrap();
    let body = |priority: i64| chat(&[text("hello")], json!({ "priority": priority })).to_string();
    let base = fleet.base(Role::Verifier);
    let start = |priority, waiting| {
        let stream = send(&base, "POST", "/v1/chat/completions", body(priority).as_bytes()).unwrap();
        while fleet.stats(Role::Verifier).waiting != waiting || fleet.stats(Role::Verifier).running == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        stream
    };
    let first = start(0, 0);
    let late = start(5, 1);
    let early = start(-5, 2);
    receive(first).unwrap();
    receive(early).unwrap();
    assert!(fleet.stats(Role::Verifier).served[&200] < 3, "the other one is still there");
    receive(late).unwrap();
}

#[test]
fn scenes_are_written_to_files() {
    let scenes = draw_scenes(72, 3, &[PHOTO]).unwrap();
    let directory = std::env::temp_dir().join(format!("rescue-fleet-{}", std::process::id()));
    let paths = Scene::write_all(&scenes, &directory).unwrap();
    let lines = std::fs::read_to_string(directory.join("samples.jsonl")).unwrap();
    for ((line, scene), path) in lines.lines().zip(&scenes).zip(&paths) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["query"], scene.query);
        assert_eq!(directory.join(line["image"].as_str().unwrap()), *path);
        assert_eq!(std::fs::read(path).unwrap(), scene.photo);
        let mask = std::fs::read(directory.join(line["mask"].as_str().unwrap())).unwrap();
        assert_eq!(rescue_mask::png::read_mask(&mask, 1_000_000).unwrap(), scene.target().mask);
    }
    assert_eq!(lines.lines().count(), 3);
    std::fs::remove_dir_all(&directory).unwrap();
}
