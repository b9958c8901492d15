//! Prints the table.

use std::collections::BTreeMap;

use crate::ours::Ours;
use crate::peers::Peers;

/// The operations in order, each with its goal: the most milliseconds that it may take. `None` if there is no goal.
const ROWS: [(&str, Option<f64>); 15] = [
    ("IoU 64 × 64, blobs", Some(1.0)),
    ("IoU 8 × 8, noise", None),
    ("pack 64 masks to bits, from memory", Some(1.0)),
    ("pack one mask × 64, from cache", Some(1.0)),
    ("RLE encode × 64, blobs", Some(1.5)),
    ("RLE encode × 8, noise", None),
    ("RLE decode × 64, blobs", Some(0.6)),
    ("RLE decode × 8, noise", None),
    ("PNG mask decode × 64", Some(8.0)),
    ("overlay of one mask", Some(0.1)),
    ("JPEG encode, quality 85", Some(4.1)),
    ("JPEG decode", Some(1.8)),
    ("components × 64, blobs", None),
    ("components × 8, noise", None),
    ("grow by 5 pixels × 64", None),
];

/// The packages that have a column of their own. The others share one.
const COLUMNS: [&str; 3] = ["pycocotools", "faster-coco-eval", "hotcoco"];

pub fn print(peers: &Peers, ours: &BTreeMap<&str, Ours>) {
    let best = rescue_mask::simd::levels().last().map_or("", |level| level.name());
    println!("Masks of 1024 × 768, medians in milliseconds, one thread each; our best path is {best}.");
    if peers.times.is_empty() {
        println!("The others were not measured: what was missing is said above.");
    } else {
        println!(
            "Run lengths and ratios were the same with all of {}. Measured: {}.",
            COLUMNS.join(", "),
            peers.versions
        );
    }
    println!();
    println!(
        "| operation | {} | NumPy, Pillow or OpenCV | ours, scalar | ours | goal | of the best other | met |",
        COLUMNS.join(" | ")
    );
    println!("|---|{}", "---|".repeat(COLUMNS.len() + 6));
    let none = BTreeMap::new();
    for (name, goal) in ROWS {
        let Some(Ours { scalar, best }) = ours.get(name) else { continue };
        let times = peers.times.get(name).unwrap_or(&none);
        let cell = |time: Option<f64>| time.map_or("–".into(), |time| format!("{time:.2}"));
        let columns = COLUMNS.map(|who| cell(times.get(who).copied())).join(" | ");
        let others = times.iter().filter(|(who, _)| !COLUMNS.contains(&who.as_str()));
        let other =
            others.min_by(|a, b| a.1.total_cmp(b.1)).map_or("–".into(), |(who, time)| format!("{time:.2} ({who})"));
        let fastest = times.values().copied().min_by(f64::total_cmp);
        let share = fastest.map_or("–".into(), |fastest| format!("{:.2}", best / fastest));
        let goal_cell = goal.map_or("–".into(), |goal| format!("≤ {goal}"));
        let met = goal.map_or("–", |goal| if *best <= goal { "yes" } else { "no" });
        println!("| {name} | {columns} | {other} | {} | {best:.3} | {goal_cell} | {share} | {met} |", cell(*scalar));
    }
}
