//! The plugins of a run: those given, and the standard ones for the kinds that are left.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use rescue_pipeline::{Crew, Member, locate};
use rescue_plugin::{Kind, Plugin, Runtime};
use serde_json::{Map, Value};

/// The standard plugin of each kind.
const STANDARD: [(Kind, &str); 4] = [
    (Kind::Planner, "grounder"),
    (Kind::Scorer, "geometry"),
    (Kind::Verifier, "attributes"),
    (Kind::Tournament, "pyramid"),
];

/// Two plugins for one kind.
#[derive(Debug)]
pub struct TwoForOne(Kind, String, String);

impl fmt::Display for TwoForOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {} are both given as the {}: give one", self.1, self.2, self.0)
    }
}

impl std::error::Error for TwoForOne {}

/// Loads the plugins and puts each at its post.
pub fn crew(runtime: &Runtime, given: &[String], settings: &[(Kind, String, Value)]) -> Result<Crew> {
    let mut posts: BTreeMap<Kind, Plugin> = BTreeMap::new();
    for name in given {
        let plugin = runtime.load(&locate::plugin(name)?)?;
        for kind in plugin.kinds() {
            if let Some(other) = posts.insert(kind, plugin.clone()) {
                return Err(TwoForOne(kind, other.name().into(), plugin.name().into()).into());
            }
        }
    }
    let mut member = |kind: Kind| -> Result<Member> {
        let plugin = match posts.remove(&kind) {
            Some(plugin) => plugin,
            None => standard(runtime, kind)?,
        };
        let own = settings.iter().filter(|(of, _, _)| *of == kind);
        let own: Map<String, Value> = own.map(|(_, key, value)| (key.clone(), value.clone())).collect();
        Ok(Member::new(plugin, kind, &own)?)
    };
    let (planner, scorer) = (member(Kind::Planner)?, member(Kind::Scorer)?);
    Ok(Crew::new(planner, Some(scorer), member(Kind::Verifier)?, member(Kind::Tournament)?))
}

fn standard(runtime: &Runtime, kind: Kind) -> Result<Plugin> {
    let name = STANDARD.into_iter().find(|(of, _)| *of == kind).map_or("", |(_, name)| name);
    let file = locate::plugin(name).with_context(|| format!("no {kind} was given, and the standard one is missing"))?;
    Ok(runtime.load(&file)?)
}
