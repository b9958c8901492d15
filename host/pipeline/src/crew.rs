//! The plugins of a run, checked against each other and against what the host has before anything runs.

use rescue_plugin::{Kind, Plugin, PluginError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::services::Services;

/// A plugin at its post, with its settings resolved.
#[derive(Clone, Debug)]
pub struct Member {
    pub(crate) plugin: Plugin,
    pub(crate) settings: String,
}

/// The plugins of a run. A scorer may be left out.
#[derive(Clone, Debug)]
pub struct Crew {
    pub(crate) planner: Member,
    pub(crate) scorer: Option<Member>,
    pub(crate) verifier: Member,
    pub(crate) tournament: Member,
}

/// What this host can do for plugins, besides what every host can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// A model answers planners in words.
    pub planner: bool,
    /// A model answers scorers and verifiers in words.
    pub verifier: bool,
    /// That model's server gives probabilities of tokens.
    pub weights: bool,
    /// An image-text model says how well a cut-out fits the query.
    pub similarity: bool,
}

impl Abilities {
    /// What these services make possible.
    pub fn of(services: &Services) -> Self {
        Self {
            planner: services.planner.is_some(),
            verifier: services.verifier.is_some(),
            weights: services.verifier.as_ref().is_some_and(|chat| chat.sampling.logprobs),
            similarity: services.clip.is_some(),
        }
    }

    /// What a plugin of this kind may name in `offer.needs`.
    fn has(self, kind: Kind) -> Vec<&'static str> {
        let mut has = vec!["detect", "pixels", "feedback"];
        let chat = if kind == Kind::Planner { self.planner } else { self.verifier };
        has.extend(chat.then_some("chat"));
        has.extend((self.weights && kind != Kind::Planner).then_some("weights"));
        has.extend(self.similarity.then_some("similarity"));
        has
    }
}

/// What a plugin needs and this host does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugin {plugin}, {kind}, needs {need:?}; this host has {}{}", has.join(", "), way_out(*kind, need))]
pub struct NeedError {
    /// The plugin.
    pub plugin: String,
    /// The kind that needs it.
    pub kind: Kind,
    /// What it needs.
    pub need: String,
    /// What there is.
    pub has: Vec<&'static str>,
}

fn way_out(kind: Kind, need: &str) -> String {
    let (service, port) = if kind == Kind::Planner { ("planner", 8002) } else { ("verifier", 8000) };
    match need {
        "chat" => format!(
            ": name a server with a model for the {service}, as in --with {service}.url=http://localhost:{port}/v1, or choose \
             another plugin"
        ),
        "weights" => ": set verifier.logprobs, or choose another plugin".into(),
        "similarity" => ": name a server for it, as in --with clip.url=http://localhost:8003/verify".into(),
        _ => String::new(),
    }
}

/// A plugin as it stands in a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRecord {
    /// What it did.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its file.
    pub digest: rescue_core::Digest,
    /// Its settings, defaults filled in.
    pub settings: Value,
}

/// A crew that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum CrewError {
    /// A plugin is of the wrong kind, or its settings do not fit.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A plugin needs what there is not.
    #[error(transparent)]
    Need(#[from] NeedError),
}

impl Member {
    /// Puts a plugin at a post. Fails where it is of another kind, needs what this host does not have, or its settings do not
    /// fit its schema.
    pub fn new(
        plugin: Plugin,
        kind: Kind,
        settings: &Map<String, Value>,
        abilities: Abilities,
    ) -> Result<Self, CrewError> {
        let offer = plugin.offer(kind)?;
        let has = abilities.has(kind);
        if let Some(need) = offer.needs.iter().find(|need| !has.contains(&need.as_str())) {
            return Err(NeedError { plugin: plugin.name().into(), kind, need: need.clone(), has }.into());
        }
        let settings = plugin.settings(kind, settings)?;
        Ok(Self { plugin, settings })
    }

    fn record(&self, kind: Kind) -> MemberRecord {
        MemberRecord {
            kind,
            name: self.plugin.name().into(),
            version: self.plugin.version().into(),
            digest: self.plugin.digest(),
            settings: serde_json::from_str(&self.settings).unwrap_or(Value::Null),
        }
    }

    pub(crate) fn needs(&self, kind: Kind, need: &str) -> bool {
        self.plugin.offer(kind).is_ok_and(|offer| offer.needs.iter().any(|needed| needed == need))
    }
}

impl Crew {
    /// Each at the post for which it was made.
    pub fn new(planner: Member, scorer: Option<Member>, verifier: Member, tournament: Member) -> Self {
        Self { planner, scorer, verifier, tournament }
    }

    /// Fewest and most contestants that the verifier takes.
    pub(crate) fn contestants(&self) -> Result<(u32, u32), PluginError> {
        Ok(self.verifier.plugin.offer(Kind::Verifier)?.contestants)
    }

    /// Each plugin at its post, in the order in which they work.
    pub fn records(&self) -> Vec<MemberRecord> {
        let posts = [
            (Kind::Planner, Some(&self.planner)),
            (Kind::Scorer, self.scorer.as_ref()),
            (Kind::Verifier, Some(&self.verifier)),
            (Kind::Tournament, Some(&self.tournament)),
        ];
        posts.into_iter().filter_map(|(kind, member)| member.map(|member| member.record(kind))).collect()
    }
}
