//! Plugins in other languages give the same results as the standard ones in Rust.

use std::fs;

use rescue_fleet::{Chat, Fault, FaultPlan, ServerConfig};
use rescue_tests::{Run, python, root};
use serde_json::Value;

use super::setup::Setup;

/// The pyramid and the duel in Python, as one component: they ask the same questions, so that the ledger knows every answer, and the ranking
/// is the same.
#[test]
fn the_pyramid_and_the_duel_are_the_same_in_python() {
    // Often wrong, and sometimes it says nothing.
    let chat = Chat { beta: 6.0, ..Chat::default() };
    let faults = FaultPlan::none().with(Fault::Empty, 0.3);
    let setup = Setup::start(2, |config| config.verifier = ServerConfig { chat, faults, ..ServerConfig::default() });
    let sources = setup.folder.path().join("sources");
    fs::create_dir(&sources).unwrap();
    for name in ["pyramid.py", "duel.py"] {
        fs::copy(root().join("examples/plugins").join(name), sources.join(name)).unwrap();
    }
    fs::write(sources.join("both.py"), "from duel import duel\nfrom pyramid import pyramid\n").unwrap();
    let both = sources.join("both.py").display().to_string();
    for (scene, count) in [(0, "9"), (1, "16")] {
        let first = setup.run(scene, &["--n", count]);
        assert_eq!(first.code, Some(0), "{}", first.stderr);
        let (ledger, requests) = (first.path("ledger").display().to_string(), setup.requests());
        let second = Run::new(setup.arguments(scene)).more(["--n", count, "--ledger", &ledger, "--plugin", &both]);
        let second = second.env("VIRTUAL_ENV", python::environment()).go();
        assert_eq!(second.code, Some(0), "{}", second.stderr);
        let [first, second] =
            [first, second].map(|ran| serde_json::from_slice::<Value>(&ran.read("result.json")).unwrap());
        assert_eq!(second["plugins"][3]["name"], "both");
        assert_ne!(first["plugins"][3]["digest"], second["plugins"][3]["digest"]);
        assert_eq!(setup.requests(), requests, "no other question is asked");
        let ranking = |result: &Value| {
            let places = result["ranking"].as_array().unwrap().iter();
            places.map(|place| (place["id"].clone(), place["score"].clone())).collect::<Vec<_>>()
        };
        assert!(ranking(&first).len() > 3, "{first}");
        assert_eq!(ranking(&first), ranking(&second));
        assert_eq!(first["chosen"]["rle"], second["chosen"]["rle"]);
    }
}
