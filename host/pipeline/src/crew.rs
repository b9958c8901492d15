//! The plugins of a run, checked against each other and against what the host has before anything runs.

use rescue_plugin::{Kind, Plugin, PluginError};
use serde::Serialize;
use serde_json::{Map, Value};

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

/// What a plugin needs and this host does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugin {plugin}, {kind}, needs {need:?}; this host has {}", HAS.join(", "))]
pub struct NeedError {
    /// The plugin.
    pub plugin: String,
    /// The kind that needs it.
    pub kind: Kind,
    /// What it needs.
    pub need: String,
}

/// What `offer.needs` may name.
const HAS: [&str; 3] = ["detect", "pixels", "feedback"];

/// A plugin as it stands in a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub fn new(plugin: Plugin, kind: Kind, settings: &Map<String, Value>) -> Result<Self, CrewError> {
        let offer = plugin.offer(kind)?;
        if let Some(need) = offer.needs.iter().find(|need| !HAS.contains(&need.as_str())) {
            return Err(NeedError { plugin: plugin.name().into(), kind, need: need.clone() }.into());
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

    pub(crate) fn records(&self) -> Vec<MemberRecord> {
        let posts = [
            (Kind::Planner, Some(&self.planner)),
            (Kind::Scorer, self.scorer.as_ref()),
            (Kind::Verifier, Some(&self.verifier)),
            (Kind::Tournament, Some(&self.tournament)),
        ];
        posts.into_iter().filter_map(|(kind, member)| member.map(|member| member.record(kind))).collect()
    }
}
