//! The plugins of a run: those given, and the standard ones for the kinds that are left.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use rescue_config::{Config, Mode};
use rescue_core::Digest;
use rescue_pipeline::run_folder::PluginFile;
use rescue_pipeline::{Abilities, Crew, Member, MemberRecord, locate};
use rescue_plugin::{Kind, Plugin, Runtime};
use serde_json::Map;

/// The standard plugin of each kind: with a model behind it, without one, and in the original's heuristic mode.
struct Standard {
    kind: Kind,
    with_model: &'static str,
    without: &'static str,
    heuristic: Option<&'static str>,
}

const STANDARD: [Standard; 4] = [
    Standard { kind: Kind::Planner, with_model: "perspectives", without: "grounder", heuristic: None },
    Standard { kind: Kind::Scorer, with_model: "hybrid", without: "geometry", heuristic: Some("geometry") },
    Standard { kind: Kind::Verifier, with_model: "duel", without: "attributes", heuristic: Some("attributes") },
    Standard { kind: Kind::Tournament, with_model: "pyramid", without: "pyramid", heuristic: Some("by-score") },
];

impl Standard {
    fn name(&self, mode: Mode, abilities: Abilities) -> &'static str {
        let model = if self.kind == Kind::Planner { abilities.planner } else { abilities.verifier };
        match (mode, self.heuristic) {
            (Mode::Comparative, _) => self.with_model,
            (Mode::Heuristic, Some(name)) => name,
            _ if model => self.with_model,
            _ => self.without,
        }
    }
}

/// Two plugins for one kind.
#[derive(Debug)]
pub struct TwoForOne(Kind, String, String);

impl fmt::Display for TwoForOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {} are both given as the {}: give one", self.1, self.2, self.0)
    }
}

impl std::error::Error for TwoForOne {}

/// The plugins of a run, and the file of each.
pub struct Posts {
    /// Each at its post.
    pub crew: Crew,
    /// Their files, with what they are.
    pub files: Vec<PluginFile>,
}

/// Loads the plugins and puts each at its post: those given on the command line, then those configured, then the standard ones.
pub fn crew(runtime: &Runtime, given: &[String], config: &Config, abilities: Abilities) -> Result<Posts> {
    let mut posts: BTreeMap<Kind, (PathBuf, Plugin)> = BTreeMap::new();
    for name in given {
        let file = locate::plugin(name)?;
        let plugin = runtime.load(&file)?;
        for kind in plugin.kinds() {
            if let Some((_, other)) = posts.insert(kind, (file.clone(), plugin.clone())) {
                return Err(TwoForOne(kind, other.name().into(), plugin.name().into()).into());
            }
        }
    }
    let mut put = |kind: Kind, name: &str| -> Result<()> {
        if let Entry::Vacant(post) = posts.entry(kind) {
            let file = locate::plugin(name)?;
            post.insert((file.clone(), runtime.load(&file)?));
        }
        Ok(())
    };
    for (kind, name) in configured(config).into_iter().filter(|(_, name)| !name.is_empty()) {
        put(kind, name)?;
    }
    for standard in &STANDARD {
        put(standard.kind, standard.name(config.run.mode, abilities))
            .with_context(|| format!("no {} was given, and the standard one is missing", standard.kind))?;
    }
    man(posts, config, abilities)
}

/// The same plugins as in an earlier run, by their digests.
pub fn same(runtime: &Runtime, files: &[PluginFile], config: &Config, abilities: Abilities) -> Result<Posts> {
    let mut posts = BTreeMap::new();
    for PluginFile { file, member } in files {
        let plugin = runtime.load(file)?;
        if plugin.digest() != member.digest {
            bail!(OtherPlugin { file: file.clone(), name: member.name.clone(), digest: member.digest });
        }
        posts.insert(member.kind, (file.clone(), plugin));
    }
    man(posts, config, abilities)
}

/// A plugin's file is not what it was.
#[derive(Debug, thiserror::Error)]
#[error("{} is not the {name} of that run, which had the digest {digest}: put that file there", file.display())]
pub struct OtherPlugin {
    file: PathBuf,
    name: String,
    digest: Digest,
}

fn man(mut posts: BTreeMap<Kind, (PathBuf, Plugin)>, config: &Config, abilities: Abilities) -> Result<Posts> {
    let none = Map::new();
    let mut files = BTreeMap::new();
    let mut member = |kind: Kind| -> Result<Member> {
        let (file, plugin) = posts.remove(&kind).with_context(|| format!("there is no {kind}"))?;
        let settings = config.settings.get(kind.name()).unwrap_or(&none);
        files.insert(kind, std::path::absolute(&file).unwrap_or(file));
        Ok(Member::new(plugin, kind, settings, abilities)?)
    };
    let (planner, scorer) = (member(Kind::Planner)?, member(Kind::Scorer)?);
    let crew = Crew::new(planner, Some(scorer), member(Kind::Verifier)?, member(Kind::Tournament)?);
    let file = |member: MemberRecord| Some(PluginFile { file: files.remove(&member.kind)?, member });
    let files = crew.records().into_iter().filter_map(file).collect();
    Ok(Posts { crew, files })
}

fn configured(config: &Config) -> [(Kind, &str); 4] {
    let plugins = &config.plugins;
    [
        (Kind::Planner, &plugins.planner),
        (Kind::Scorer, &plugins.scorer),
        (Kind::Verifier, &plugins.verifier),
        (Kind::Tournament, &plugins.tournament),
    ]
}
