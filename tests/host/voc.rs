//! Measures how good the answers are, on referring expressions for photos of PASCAL VOC with ground truth.

use std::fmt::Write;

use rescue_core::{Photo, Prompt};
use rescue_mask::Mask;
use rescue_pipeline::{PluginChoice, Run, RunSpec, Sample, Services};
use rescue_service::Models;
use rescue_tests::{plugin, root, truth};
use serde_json::Value;

/// The least mean IoU of the answers over the expressions that were known when the plugins were made.
const SEEN: f64 = 0.6;
/// The least mean IoU of the answers over all expressions, of which those that were held out measure generalisation.
const ALL: f64 = 0.5;

/// The IoU with the ground truth of four ways to choose.
#[derive(Clone, Copy, Default)]
struct Ious {
    /// The host's answer; 0 if it found nothing.
    chosen: f64,
    /// The best candidate, which a perfect verifier would choose.
    oracle: f64,
    /// A random candidate: the mean over all candidates, merged ones included.
    random: f64,
    /// The largest object of the expression's class. See `largest`.
    largest: f64,
}

impl Ious {
    fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut sum, mut count) = (Self::default(), 0.0);
        for one in all {
            sum.chosen += one.chosen;
            sum.oracle += one.oracle;
            sum.random += one.random;
            sum.largest += one.largest;
            count += 1.0;
        }
        let mean = |sum: f64| sum / f64::max(count, 1.0);
        Self {
            chosen: mean(sum.chosen),
            oracle: mean(sum.oracle),
            random: mean(sum.random),
            largest: mean(sum.largest),
        }
    }

    fn cells(&self) -> String {
        format!("{:.3} | {:.3} | {:.3} | {:.3}", self.chosen, self.oracle, self.random, self.largest)
    }
}

#[test]
fn voc() {
    let photos = truth::photos();
    let expressions = std::fs::read(root().join("tests/data/voc_expressions.json")).unwrap();
    let expressions: Vec<Value> = serde_json::from_slice(&expressions).unwrap();
    let models = Models::locate(None, &mut |message| println!("{message}")).unwrap();
    let mut config = rescue_config::resolve(None, |_| None, &[]).unwrap().config;
    // With a ledger, a prompt that several expressions of a photo share is segmented once.
    let ledger = tempfile::tempdir().unwrap();
    (config.run.n, config.run.ledger) = (16, ledger.path().join("ledger"));
    let names = ["grounder", "geometry", "attributes", "pyramid"];
    let spec = RunSpec {
        plugins: PluginChoice::Named(names.map(|name| plugin(name).display().to_string()).to_vec()),
        models_dir: Some(models.dir().to_owned()),
        ..RunSpec::new(config)
    };
    let run = Run::open(spec, &mut |note| println!("{note}")).unwrap();

    let mut table = "| photo | expression | held out | chosen | oracle@16 | random | largest |\n".to_owned();
    table += "|---|---|---|---|---|---|---|\n";
    let mut rows: Vec<(bool, Ious)> = Vec::new();
    for expression in &expressions {
        let text = |key: &str| expression[key].as_str().unwrap();
        let (name, query) = (text("photo"), text("query"));
        let sample = Sample::read(photos.join(format!("{name}.jpg")), query).unwrap();
        let outcome = run.search(&sample, &mut |_| {}).unwrap();
        let photo = &sample.photo;
        let largest = largest(run.services(), photo, text("label"));
        // The ground truth is read only after everything was chosen.
        let truth = truth::known(&photos.join(format!("{name}.json")), expression, photo.size());
        let iou = |mask: &Mask| mask.iou(&truth).unwrap();
        let candidates: Vec<f64> = outcome.candidates.iter().map(|made| iou(&made.mask.to_mask())).collect();
        let ious = Ious {
            chosen: outcome.mask.as_ref().map_or(0.0, iou),
            oracle: candidates.iter().copied().fold(0.0, f64::max),
            random: candidates.iter().fold(0.0, |sum, iou| sum + iou) / candidates.len().max(1) as f64,
            largest: largest.as_ref().map_or(0.0, iou),
        };
        let held_out = expression["held_out"] == true;
        let mark = if held_out { "yes" } else { "" };
        let found = if outcome.record.found { "" } else { " (not found)" };
        writeln!(table, "| {name} | {query}{found} | {mark} | {} |", ious.cells()).unwrap();
        rows.push((held_out, ious));
    }
    let all = Ious::mean(rows.iter().map(|(_, ious)| ious));
    let mean = |held_out: bool| {
        let some: Vec<_> = rows.iter().filter(|(held, _)| *held == held_out).map(|(_, ious)| ious).collect();
        (some.len(), Ious::mean(some))
    };
    let (seen, held_out) = (mean(false), mean(true));
    for (name, (count, mean)) in [("seen", seen), ("held out", held_out)] {
        writeln!(table, "| | **mean of {count}, {name}** | | {} |", mean.cells()).unwrap();
    }
    writeln!(table, "| | **mean of {}** | | {} |", rows.len(), all.cells()).unwrap();
    println!("{table}");
    std::fs::create_dir_all(root().join("target")).unwrap();
    std::fs::write(root().join("target/voc.md"), &table).unwrap();

    for (name, (count, mean), least) in [("seen", seen, SEEN), ("all", (rows.len(), all), ALL)] {
        assert!(count >= 12);
        assert!(mean.chosen >= least, "{name}: the answers' mean IoU is {:.3}", mean.chosen);
        assert!(mean.chosen > mean.random && mean.chosen > mean.largest, "{name}: no better than chance or size");
    }
}

/// A baseline that uses the noun alone. Takes the detector's boxes with a score of at least .3, of these the boxes of
/// the expression's class (or all boxes if there are none), and returns the executor's mask of the largest. `None` if
/// there is none.
fn largest(services: &Services, photo: &Photo, label: &str) -> Option<Mask> {
    let coco = if label == "sofa" { "couch" } else { label };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let detector = services.detector.replicas[0].clone();
    let mut found = runtime.block_on(detector.detect(photo, "")).unwrap().0.unwrap();
    found.retain(|found| found.score >= 0.3);
    if found.iter().any(|found| found.label == coco) {
        found.retain(|found| found.label == coco);
    }
    let largest = found.into_iter().max_by(|a, b| a.rect.area().total_cmp(&b.rect.area()))?;
    let prompt = Prompt { concept: String::new(), rect: Some(largest.rect), points: Vec::new() };
    let executor = services.executor.replicas[0].clone();
    let (mut cuts, _) = runtime.block_on(executor.segment(photo, &[prompt])).unwrap();
    cuts.remove(0).unwrap().ok().map(|cut| cut.mask)
}
