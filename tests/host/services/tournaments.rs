//! What every tournament that comes with the program is worth: on photos of PASCAL VOC with the embedded networks, and on scenes of the fleet with
//! three judges. The table is written to `target/tournaments.md`.

use std::fmt::Write as _;
use std::fs;

use rescue_core::Size;
use rescue_fleet::{Chat, ServerConfig};
use rescue_mask::png;
use rescue_pipeline::photo;
use rescue_tests::{Run, root, truth};
use serde_json::{Value, json};

use super::evaluation::{list_of, words_of};
use super::setup::{Setup, repetitions};

const TOURNAMENTS: &str = "pyramid,pyramid:seeding=seed,pyramid:seeding=blocks,by-score";

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// Adds rows to the table. Returns the first strategy's gIoU, and the random choice's.
fn add(table: &mut String, what: &str, words: Vec<String>) -> (f64, f64) {
    let n = "16";
    let ran = Run::new(words).more(["--n", n, "--no-ask", "--tournament", TOURNAMENTS]).go();
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let summary: Value = serde_json::from_slice(&ran.read("summary.json")).unwrap();
    let (common, samples) = (&summary["n"][n], &summary["samples"]);
    let mut first = f64::NAN;
    for (place, of) in summary["strategies"].as_array().unwrap().iter().enumerate() {
        let row = &of["n"][n];
        let (giou, cost) = (&row["rerun"]["giou"], &row["cost"]);
        if place == 0 {
            first = number(&giou["mean"]);
        }
        writeln!(
            table,
            "| {what} ({samples}) | {} | {:.3} ({:.3} – {:.3}) | {:.3} | {:.3} | {:.2} | {:.1} | {:.1} |",
            of["name"].as_str().unwrap(),
            number(&giou["mean"]),
            number(&giou["low"]),
            number(&giou["high"]),
            number(&common["oracle"]),
            number(&common["random"]),
            number(&row["rerun"]["efficiency"]),
            number(&cost["questions"]),
            number(&cost["matches"]),
        )
        .unwrap();
    }
    (first, number(&common["random"]))
}

/// `RESCUE_SCENES=100` takes as many scenes for each judge, `RESCUE_EXPRESSIONS=28` all expressions.
#[test]
fn every_tournament_is_measured() {
    let mut table =
        "| data (entries) | tournament | gIoU (95 %) | oracle | random | efficiency | questions | matches |\n"
            .to_owned();
    table += "|---|---|---|---|---|---|---|---|\n";
    let folder = tempfile::tempdir().unwrap();
    let expressions = fs::read(root().join("tests/data/voc_expressions.json")).unwrap();
    let expressions: Vec<Value> = serde_json::from_slice(&expressions).unwrap();
    let photos = truth::photos();
    let lines = expressions.iter().enumerate().map(|(entry, expression)| {
        let (name, query) = (expression["photo"].as_str().unwrap(), &expression["query"]);
        let image = photos.join(format!("{name}.jpg"));
        let size: Size = photo::read(&image).unwrap().size();
        let mask = truth::known(&photos.join(format!("{name}.json")), expression, size);
        let file = format!("{entry}.png");
        fs::write(folder.path().join(&file), png::write_mask(&mask).unwrap()).unwrap();
        json!({"image": image, "query": query, "mask": file, "id": format!("e{entry}")}).to_string()
    });
    let lines: Vec<String> = lines.collect();
    let list = folder.path().join("voc.jsonl");
    fs::write(&list, lines.join("\n")).unwrap();
    let few = repetitions("RESCUE_EXPRESSIONS", 2).to_string();
    let words = ["eval", &format!("own:{}", list.display()), "--limit", &few].map(str::to_owned).to_vec();
    let (embedded, random) = add(&mut table, "VOC, embedded", words);
    assert!(embedded > random, "{table}");

    let scenes = repetitions("RESCUE_SCENES", 4);
    let judges = [
        ("plain", Chat { beta: 6.0, ..Chat::default() }),
        ("biased", Chat { beta: 6.0, bias: 0.8, ..Chat::default() }),
    ];
    for (name, chat) in judges.iter().chain([&("repeatable", judges[0].1.clone())]) {
        let chat = chat.clone();
        let setup = Setup::start(scenes, |config| {
            config.verifier = ServerConfig { chat, ..ServerConfig::default() };
            // Masks of every quality, which it takes a judge to tell apart.
            config.planner =
                ServerConfig { chat: Chat { right: 0.3, jitter: 0.4, ..Chat::default() }, ..ServerConfig::default() };
        });
        let mut words = words_of(&setup, &list_of(&setup, scenes, "right", 0));
        // At temperature 0, the same question has the same answer, whenever it is asked.
        let temperature = if *name == "repeatable" { 0.0 } else { 0.7 };
        words.extend(["--set".to_owned(), format!("verifier.temperature={temperature}")]);
        add(&mut table, &format!("fleet, {name} judge"), words);
    }
    println!("{table}");
    fs::write(root().join("target/tournaments.md"), &table).unwrap();
}
