//! The setup of these tests: a fleet, its scenes as files, and ways to run the host with them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rescue_config::{Config, Overlay, resolve};
use rescue_fleet::{Chat, Fleet, FleetConfig, PHOTO, Role, Scene, ServerConfig, draw_scenes};
use rescue_mask::{Mask, png};
use rescue_tests::{Finished, Run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The least IoU at which the mask of a drawn object is right.
pub const RIGHT: f64 = 0.9;

/// A running fleet, and a folder with the photos of its scenes.
pub struct Setup {
    pub fleet: Fleet,
    pub folder: TempDir,
}

/// A server whose model is never wrong about differences of IoU.
pub fn perfect() -> ServerConfig {
    let chat = Chat { beta: f64::INFINITY, ..Chat::default() };
    ServerConfig { chat, ..ServerConfig::default() }
}

/// The seed of what is random in a test: `usual`, or `RESCUE_SEED` if that is set, as `cargo xtask soak` does.
pub fn seed(usual: u64) -> u64 {
    let set = std::env::var("RESCUE_SEED").ok().map(|text| text.parse().unwrap());
    if let Some(seed) = set {
        println!("seed {seed}");
    }
    set.unwrap_or(usual)
}

impl Setup {
    /// Starts a fleet with this number of scenes. `change` may change its configuration before.
    pub fn start(scenes: usize, change: impl FnOnce(&mut FleetConfig)) -> Self {
        let scenes = draw_scenes(seed(11), scenes, &[PHOTO]).unwrap();
        let mut config =
            FleetConfig { scenes, verifier: perfect(), planner: perfect(), seed: seed(3), ..FleetConfig::default() };
        change(&mut config);
        let fleet = Fleet::start(config).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (number, scene) in fleet.scenes().iter().enumerate() {
            std::fs::write(folder.path().join(format!("{number}.jpg")), &scene.photo).unwrap();
        }
        Self { fleet, folder }
    }

    pub fn scene(&self, number: usize) -> &Scene {
        &self.fleet.scenes()[number]
    }

    pub fn image(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("{number}.jpg"))
    }

    /// The configuration values that name the services' URLs.
    pub fn services(&self) -> Vec<(&'static str, String)> {
        let urls = self.fleet.urls();
        vec![
            ("planner.url", urls.planner),
            ("verifier.url", urls.verifier),
            ("executor.url", urls.executor),
            ("clip.url", urls.clip),
        ]
    }

    /// The arguments of a run on a scene.
    pub fn arguments(&self, scene: usize) -> Vec<String> {
        let mut words = vec![
            "--image".to_owned(),
            self.image(scene).display().to_string(),
            "--query".to_owned(),
            self.scene(scene).query.clone(),
        ];
        for (key, value) in self.services() {
            words.extend(["--with".to_owned(), format!("{key}={value}")]);
        }
        words
    }

    /// Runs the host on a scene.
    pub fn run(&self, scene: usize, more: &[&str]) -> Finished {
        Run::new(self.arguments(scene)).more(more).go()
    }

    /// The configuration of a run, with these additional values.
    pub fn config(&self, more: &[(&str, Value)]) -> Config {
        let own = self.services().into_iter().map(|(path, url)| (path, json!(url)));
        let overlays: Vec<Overlay> = own
            .chain(more.iter().cloned())
            .map(|(path, value)| Overlay { flag: "--with".into(), path: path.to_owned(), value })
            .collect();
        resolve(None, |_| None, &overlays).unwrap().config
    }

    /// The IoU of a mask with the object that a scene's query names.
    pub fn iou(&self, scene: usize, mask: &Mask) -> f64 {
        mask.iou(&self.scene(scene).target().mask).unwrap()
    }

    /// Fails unless a run found what its scene's query names.
    #[track_caller]
    pub fn assert_found(&self, scene: usize, ran: &Finished) {
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let mask = png::read_mask(&ran.read("mask.png"), 1 << 30).unwrap();
        let iou = self.iou(scene, &mask);
        assert!(iou >= RIGHT, "{iou} for {:?}: {}", self.scene(scene).query, ran.stdout);
    }

    /// The number of POST requests that all servers received.
    pub fn requests(&self) -> u64 {
        Role::ALL.into_iter().map(|role| self.requests_to(role)).sum()
    }

    /// The number of POST requests that a server received.
    pub fn requests_to(&self, role: Role) -> u64 {
        let endpoints = self.fleet.stats(role).endpoints;
        endpoints.iter().filter(|(name, _)| name.starts_with("POST")).map(|(_, count)| count).sum()
    }
}

/// The accounts in `timings.json`, summed over services: questions that were known or under way, that were new, and
/// that got no answer.
pub fn accounts(folder: &Path) -> (u64, u64, u64) {
    let timings: Value = serde_json::from_slice(&std::fs::read(folder.join("timings.json")).unwrap()).unwrap();
    let sum = |name: &str| {
        timings["accounts"].as_object().unwrap().values().map(|account| account[name].as_u64().unwrap()).sum::<u64>()
    };
    (sum("hit") + sum("joined"), sum("new"), sum("absent"))
}

/// The number of repetitions of a slow test: the value of this environment variable, or `few` if it is not set.
pub fn repetitions(variable: &str, few: usize) -> usize {
    std::env::var(variable).ok().map_or(few, |text| text.parse().unwrap())
}

/// A constant latency.
pub fn fixed(milliseconds: u64) -> rescue_fleet::Latency {
    rescue_fleet::Latency::Fixed(Duration::from_millis(milliseconds))
}
