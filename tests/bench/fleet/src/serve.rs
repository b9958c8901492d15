//! The fleet of a measurement, in a process of its own: `rescue-bench-fleet serve MEDIAN SIGMA SAMPLES WIDTH HEIGHT FOLDER`.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use rescue_fleet::{Fleet, FleetConfig, Latency, Role, ServerConfig, draw_scenes};
use rescue_mask::Size;
use serde_json::{Map, Value, json};

use crate::Failure;

/// What a fleet serves.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// The median time of a request, in milliseconds.
    pub median: u64,
    /// The sigma of the times, which are log-normal; 0 is a constant time.
    pub sigma: f64,
    /// The number of samples.
    pub samples: usize,
    /// The size of their photos.
    pub photo: Size,
}

impl Served {
    /// The arguments of `serve` but the folder.
    pub fn words(&self) -> [String; 5] {
        let Self { median, sigma, samples, photo } = self;
        [median.to_string(), sigma.to_string(), samples.to_string(), photo.width.to_string(), photo.height.to_string()]
    }

    /// Reads those arguments.
    pub fn read(words: [&str; 5]) -> Result<Self, Failure> {
        let [median, sigma, samples, width, height] = words;
        let photo = Size::new(width.parse()?, height.parse()?);
        Ok(Self { median: median.parse()?, sigma: sigma.parse()?, samples: samples.parse()?, photo })
    }
}

/// Starts a fleet. Writes the photos and `samples.jsonl` into the folder, prints the servers' URLs, waits for the end of standard input, and
/// prints what the servers did.
pub fn serve(served: Served, folder: &Path) -> Result<(), Failure> {
    let Served { median, sigma, samples, photo } = served;
    let median = Duration::from_millis(median);
    let latency = if sigma == 0.0 { Latency::Fixed(median) } else { Latency::LogNormal { median, sigma } };
    let server = || ServerConfig { latency, ..ServerConfig::default() };
    let scenes = draw_scenes(1, samples, &[photo])?;
    let mut config = FleetConfig { scenes, blind: true, ..FleetConfig::default() };
    for role in Role::ALL {
        *config.server_mut(role) = server();
    }
    let fleet = Fleet::start(config)?;
    let mut list = String::new();
    for (number, scene) in fleet.scenes().iter().enumerate() {
        let name = format!("{number}.jpg");
        std::fs::write(folder.join(&name), &scene.photo)?;
        list.push_str(&format!("{}\n", json!({"image": name, "query": scene.query})));
    }
    std::fs::write(folder.join("samples.jsonl"), list)?;
    let urls = fleet.urls();
    let urls =
        json!({"planner": urls.planner, "verifier": urls.verifier, "executor": urls.executor, "clip": urls.clip});
    println!("{urls}");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let stats: Map<String, Value> = Role::ALL
        .iter()
        .map(|role| Ok((role.name().to_owned(), serde_json::to_value(fleet.stats(*role))?)))
        .collect::<Result<_, Failure>>()?;
    // Whoever started it may not want to know.
    let _ = writeln!(std::io::stdout(), "{}", Value::Object(stats));
    Ok(())
}
