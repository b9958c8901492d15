//! A fleet, its scenes as files, and the host as a command or in this process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rescue_config::{Config, Overlay, resolve};
use rescue_fleet::{Chat, Fleet, FleetConfig, PHOTO, Role, Scene, ServerConfig, draw_scenes};
use rescue_mask::{Mask, png};
use rescue_tests::{Ran, Run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where masks of drawn things have to be to be right.
pub const RIGHT: f64 = 0.9;

pub struct Party {
    pub fleet: Fleet,
    pub folder: TempDir,
}

/// A model that sees everything and is never wrong.
pub fn perfect() -> ServerConfig {
    let chat = Chat { beta: f64::INFINITY, ..Chat::default() };
    ServerConfig { chat, ..ServerConfig::default() }
}

impl Party {
    /// With so many scenes, after `change`.
    pub fn start(scenes: usize, change: impl FnOnce(&mut FleetConfig)) -> Self {
        let scenes = draw_scenes(11, scenes, &[PHOTO]).unwrap();
        let mut config =
            FleetConfig { scenes, verifier: perfect(), planner: perfect(), seed: 3, ..FleetConfig::default() };
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

    /// The services, as values of the configuration.
    pub fn services(&self) -> Vec<(&'static str, String)> {
        let urls = self.fleet.urls();
        vec![
            ("planner.url", urls.planner),
            ("verifier.url", urls.verifier),
            ("executor.url", urls.executor),
            ("clip.url", urls.clip),
        ]
    }

    /// The words of a run on a scene.
    pub fn words(&self, scene: usize) -> Vec<String> {
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
    pub fn run(&self, scene: usize, more: &[&str]) -> Ran {
        Run::new(self.words(scene)).more(more).go()
    }

    /// The configuration of a run, with these values too.
    pub fn config(&self, more: &[(&str, Value)]) -> Config {
        let own = self.services().into_iter().map(|(path, url)| (path, json!(url)));
        let overlays: Vec<Overlay> = own
            .chain(more.iter().cloned())
            .map(|(path, value)| Overlay { flag: "--with".into(), path: path.to_owned(), value })
            .collect();
        resolve(None, |_| None, &overlays).unwrap().config
    }

    /// IoU with the thing that a scene's query names.
    pub fn iou(&self, scene: usize, mask: &Mask) -> f64 {
        mask.iou(&self.scene(scene).target().mask).unwrap()
    }

    /// Fails unless a run found what its scene's query names.
    #[track_caller]
    pub fn found(&self, scene: usize, ran: &Ran) {
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let mask = png::read_mask(&ran.read("mask.png"), 1 << 30).unwrap();
        let iou = self.iou(scene, &mask);
        assert!(iou >= RIGHT, "{iou} for {:?}: {}", self.scene(scene).query, ran.stdout);
    }

    /// Requests that all servers took, besides those for their health.
    pub fn asked(&self) -> u64 {
        let posts = |role| {
            let endpoints = self.fleet.stats(role).endpoints;
            endpoints.iter().filter(|(name, _)| name.starts_with("POST")).map(|(_, count)| count).sum::<u64>()
        };
        Role::ALL.into_iter().map(posts).sum()
    }
}

/// What `timings.json` says of all services together: (known or under way, new, without an answer).
pub fn accounts(folder: &Path) -> (u64, u64, u64) {
    let timings: Value = serde_json::from_slice(&std::fs::read(folder.join("timings.json")).unwrap()).unwrap();
    let sum = |name: &str| {
        timings["accounts"].as_object().unwrap().values().map(|account| account[name].as_u64().unwrap()).sum::<u64>()
    };
    (sum("hit") + sum("joined"), sum("new"), sum("absent"))
}

/// How many of something that takes long: a few, or as many as this variable says.
pub fn many(variable: &str, few: usize) -> usize {
    std::env::var(variable).ok().map_or(few, |text| text.parse().unwrap())
}

pub fn fixed(milliseconds: u64) -> rescue_fleet::Latency {
    rescue_fleet::Latency::Fixed(Duration::from_millis(milliseconds))
}
