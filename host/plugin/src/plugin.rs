//! A loaded plugin and its manifest.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_core::Digest;
use wasmtime::component::InstancePre;

use crate::border::exports::rescue::plugin::manifest;
use crate::error::{Cause, PluginError, printable};
use crate::instance::Instance;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::loaded::{Exports, Loaded};
use crate::settings::Schema;
use crate::state::State;

/// What a component without a kind lacks.
pub(crate) const ANY_KIND: &str =
    "any of the interfaces rescue:plugin/planner, scorer, verifier, tournament at version 0.1.0";
/// What a component without a manifest lacks.
pub(crate) const MANIFEST: &str = "the interface rescue:plugin/manifest at version 0.1.0";

/// A plugin that is ready to run.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) loaded: Arc<Loaded>,
    about: Arc<About>,
}

/// A plugin's manifest, checked against its exports.
struct About {
    name: String,
    version: String,
    summary: String,
    bytes: u64,
    offers: BTreeMap<Kind, Offer>,
}

/// What a plugin's manifest says about one of its kinds.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The settings that it has.
    pub settings: Schema,
    /// What it needs of the host: "chat", "detect", "pixels", "feedback", …
    pub needs: Vec<String>,
    /// What it promises, by name, such as "contestants" or "delivery".
    pub traits: BTreeMap<String, String>,
    /// The fewest and the most contestants of a match that a verifier takes; (0, 0) for other kinds.
    pub contestants: (u32, u32),
}

impl Plugin {
    /// The plugin's name, from its manifest.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// The plugin's version, MAJOR.MINOR.PATCH.
    pub fn version(&self) -> &str {
        &self.about.version
    }

    /// What it does, in one sentence.
    pub fn summary(&self) -> &str {
        &self.about.summary
    }

    /// The digest of the plugin's file.
    pub fn digest(&self) -> Digest {
        self.loaded.digest
    }

    /// The size of the plugin's file, in bytes.
    pub fn bytes(&self) -> u64 {
        self.about.bytes
    }

    /// The kinds that it offers, in the order of [`Kind::ALL`].
    pub fn kinds(&self) -> Vec<Kind> {
        self.about.offers.keys().copied().collect()
    }

    /// What its manifest says about one of its kinds. Fails if it does not offer that kind.
    pub fn offer(&self, kind: Kind) -> Result<&Offer, PluginError> {
        self.about.offers.get(&kind).ok_or_else(|| {
            PluginError::load(self.name(), Some(self.digest()), Cause::WrongKind { wanted: kind, has: self.kinds() })
        })
    }

    /// All settings for a kind as JSON: the given ones, checked against the plugin's schema, and the defaults of the others. Fails
    /// if a given setting does not fit, or if the plugin does not offer that kind.
    pub fn settings(
        &self,
        kind: Kind,
        given: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<String, PluginError> {
        self.offer(kind)?.settings.resolve(given).map_err(|problem| {
            PluginError::load(self.name(), Some(self.digest()), Cause::Settings(problem)).of_kind(Some(kind))
        })
    }

    /// The names of the interfaces that it imports, sorted.
    pub fn imports(&self) -> Vec<String> {
        let component = self.loaded.pre.component();
        let mut names: Vec<_> =
            component.component_type().imports(component.engine()).map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plugin({} {} {})", self.name(), self.version(), self.digest().short())
    }
}

/// Asks a component for its manifest, checks it, and returns the plugin. `name` stands for the plugin in errors; `bytes` is the size
/// of its file.
pub(crate) fn describe(
    name: &str,
    bytes: u64,
    digest: Digest,
    pre: InstancePre<State>,
    limits: Arc<Limits>,
) -> Result<Plugin, PluginError> {
    let exports = Exports::of(&pre);
    let kinds = exports.kinds();
    let mut loaded = Loaded { name: name.into(), digest, limits, pre, exports };
    let fail = |loaded: &Loaded, cause| Err(PluginError::load(&loaded.name, Some(digest), cause));
    if kinds.is_empty() {
        return fail(&loaded, Cause::Missing(ANY_KIND.into()));
    }
    let Ok(indices) = manifest::GuestIndices::new(&loaded.pre) else {
        return fail(&loaded, Cause::Missing(MANIFEST.into()));
    };
    let shared = Arc::new(loaded);
    let mut instance = Instance::new(&shared, None, None)?;
    let component = instance.component;
    let (said, _) = instance.metered("manifest.describe", |store| {
        let guest = indices.load(&mut *store, &component)?;
        guest.call_describe(store)
    });
    let said = said?;
    for kind in &kinds {
        if let Err(problem) = load(*kind, &shared.exports, &mut instance) {
            let problem = format!("its {kind} is not the border's: {problem:#}");
            return Err(PluginError::load(name, Some(digest), Cause::Invalid(problem)));
        }
    }
    drop(instance);
    // The instance is dropped, so this is the only owner.
    loaded = match Arc::try_unwrap(shared) {
        Ok(loaded) => loaded,
        Err(_) => {
            return Err(PluginError::load(name, Some(digest), Cause::Host("the instance outlived its use".into())));
        }
    };
    match check(said, bytes, &kinds, &loaded.limits) {
        Ok(about) => {
            loaded.name = format!("{} {}", about.name, about.version);
            Ok(Plugin { loaded: Arc::new(loaded), about: Arc::new(about) })
        }
        Err(problem) => fail(&loaded, Cause::Manifest(problem)),
    }
}

/// Loads the functions of a kind, if it is exported. That is when wasmtime checks their types.
fn load(kind: Kind, exports: &Exports, instance: &mut Instance) -> wasmtime::Result<()> {
    fn loaded<T, G>(has: Option<&T>, load: impl FnOnce(&T) -> wasmtime::Result<G>) -> wasmtime::Result<()> {
        has.map_or(Ok(()), |indices| load(indices).map(drop))
    }
    let (store, component) = (&mut instance.store, &instance.component);
    match kind {
        Kind::Planner => loaded(exports.planner.as_ref(), |indices| indices.load(store, component)),
        Kind::Scorer => loaded(exports.scorer.as_ref(), |indices| indices.load(store, component)),
        Kind::Verifier => loaded(exports.verifier.as_ref(), |indices| indices.load(store, component)),
        Kind::Tournament => loaded(exports.tournament.as_ref(), |indices| indices.load(store, component)),
    }
}

/// Checks a manifest against the kinds that are exported. The error says what is wrong with it.
fn check(said: manifest::About, bytes: u64, kinds: &[Kind], limits: &Limits) -> Result<About, String> {
    let named = |name: &str| {
        !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !named(&said.name) {
        return Err(format!("the name {:?} is not 1 to 64 of a–z, 0–9 and hyphens", printable(&said.name)));
    }
    let parts: Vec<_> = said.version.split('.').collect();
    if parts.len() != 3 || parts.iter().any(|part| part.parse::<u32>().is_err()) {
        return Err(format!("the version {:?} is not MAJOR.MINOR.PATCH", printable(&said.version)));
    }
    short("the summary", &said.summary, limits)?;
    let mut offers = BTreeMap::new();
    for offer in said.offers {
        let kind: Kind = printable(&offer.kind).parse()?;
        if !kinds.contains(&kind) {
            return Err(format!("it offers a {kind} and does not export one"));
        }
        short("a schema of settings", &offer.settings, limits)?;
        let settings = Schema::parse(&offer.settings).map_err(|e| format!("the settings of its {kind}: {e}"))?;
        let traits: BTreeMap<_, _> = offer.traits.into_iter().collect();
        let contestants = match kind {
            Kind::Verifier => contestants(traits.get("contestants"))?,
            _ => (0, 0),
        };
        if offers.insert(kind, Offer { settings, needs: offer.needs, traits, contestants }).is_some() {
            return Err(format!("it offers a {kind} twice"));
        }
    }
    if let Some(kind) = kinds.iter().find(|kind| !offers.contains_key(kind)) {
        return Err(format!("it exports a {kind} and does not offer one"));
    }
    Ok(About { name: said.name, version: said.version, summary: printable(&said.summary), bytes, offers })
}

/// Checks the length of a text of the manifest.
fn short(what: &str, text: &str, limits: &Limits) -> Result<(), String> {
    let (bytes, limit) = (text.len(), limits.string_bytes);
    if bytes > limit { Err(format!("{what} has {bytes} bytes; at most {limit} are taken")) } else { Ok(()) }
}

/// Reads the range of contestants, such as "2..4".
fn contestants(said: Option<&String>) -> Result<(u32, u32), String> {
    let wrong = || {
        let says = said.map_or("says nothing".to_owned(), |said| format!("says {:?}", printable(said)));
        format!("a verifier says how many contestants it takes, as in contestants = \"2..4\"; this one {says}")
    };
    let (smallest, largest) = said.and_then(|range| range.split_once("..")).ok_or_else(wrong)?;
    match (smallest.parse(), largest.parse()) {
        (Ok(smallest), Ok(largest)) if 1 <= smallest && smallest <= largest => Ok((smallest, largest)),
        _ => Err(wrong()),
    }
}
