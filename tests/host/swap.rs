//! Swapping a plugin without rebuilding the host.

use rescue_tests::{Run, fixture};
use serde_json::Value;

/// The other tournament ranks the same candidates in another order.
#[test]
fn another_tournament_ranks_differently() {
    let upset = fixture("upset").display().to_string();
    let standard = Run::new(["--n", "12"]).go().answered(0);
    let swapped = Run::new(["--n", "12", "--plugin", &upset]).go().answered(0);
    let ids = |result: &Value| -> Vec<u64> {
        result["ranking"].as_array().unwrap().iter().map(|place| place["id"].as_u64().unwrap()).collect()
    };
    let sorted = |mut ids: Vec<u64>| {
        ids.sort_unstable();
        ids
    };
    println!("{:?} and {:?}", ids(&standard), ids(&swapped));
    assert_ne!(ids(&standard), ids(&swapped));
    assert_eq!(sorted(ids(&standard)), sorted(ids(&swapped)));
    let tournament = |result: &Value| result["plugins"][3]["name"].clone();
    assert_eq!((tournament(&standard), tournament(&swapped)), ("pyramid".into(), "upset".into()));
    assert_eq!(standard["plugins"][0], swapped["plugins"][0]);
}

#[test]
fn a_setting_reaches_the_plugin() {
    let result = Run::new(["--n", "4", "--set", "tournament.seeding=seed"]).go().answered(0);
    assert_eq!(result["plugins"][3]["settings"]["seeding"], "seed");
}
