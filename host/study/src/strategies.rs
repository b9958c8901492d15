//! The strategies that an evaluation is asked to compare: every combination of the scorers, verifiers and tournaments that are named.

use std::str::FromStr;

use rescue_pipeline::{NamedPlugin, StrategySpec};
use rescue_plugin::Kind;
use serde_json::{Map, Value};

/// The tournament that ranks by scores alone: the baseline that every table has.
const BY_SCORE: &str = "by-score";

/// A plugin as the command line names it: `NAME`, or `NAME:KEY=VALUE:KEY=VALUE`. A value that is not JSON is a string.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginWord {
    /// The text as given.
    pub text: String,
    /// The plugin.
    pub plugin: NamedPlugin,
}

impl FromStr for PluginWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default().to_owned();
        let mut settings = Map::new();
        for part in parts {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?} in {text:?} is no setting KEY=VALUE, as in pyramid:seeding=blocks"))?;
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
            settings.insert(key.to_owned(), value);
        }
        if name.is_empty() {
            return Err(format!("{text:?} names no plugin"));
        }
        Ok(Self { text: text.to_owned(), plugin: NamedPlugin { name, settings } })
    }
}

/// Strategies: the run's own, and the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strategies {
    /// The plugins of the run itself, where they were named.
    pub own: Vec<(Kind, NamedPlugin)>,
    /// What the run's own strategy is called. `None`: as its tournament.
    pub own_name: Option<String>,
    /// The others, and whether each is there because every table has it.
    pub others: Vec<(StrategySpec, bool)>,
}

impl Strategies {
    /// All combinations of these plugins; a kind of which none is named has the run's own. The first of each make the run's own strategy.
    /// One more ranks by the scores alone, unless there is one that is called so. The error names what was given twice.
    ///
    /// # Errors
    ///
    /// Returns an error if a plugin is given twice with the same settings.
    pub fn of(scorers: &[PluginWord], verifiers: &[PluginWord], tournaments: &[PluginWord]) -> Result<Self, String> {
        for words in [scorers, verifiers, tournaments] {
            let mut texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            texts.sort_unstable();
            if let Some([twice, _]) = texts.windows(2).find(|pair| matches!(pair, [a, b] if a == b)) {
                return Err(format!("{twice} is given twice: strategies are told apart by their names and settings"));
            }
        }
        let kinds = [(Kind::Scorer, scorers), (Kind::Verifier, verifiers), (Kind::Tournament, tournaments)];
        let mut all: Vec<Combination> = vec![Vec::new()];
        for (kind, words) in kinds.into_iter().filter(|(_, words)| !words.is_empty()) {
            all = all.into_iter().flat_map(|one| with_each(&one, kind, words)).collect();
        }
        // Kinds of which one plugin is named do not tell strategies apart.
        let tells = |kind: Kind| kinds.iter().any(|(of, words)| *of == kind && words.len() > 1);
        let name = |one: &[(Kind, &PluginWord)]| -> Option<String> {
            let telling: Vec<&str> =
                one.iter().filter(|(kind, _)| tells(*kind)).map(|(_, word)| word.text.as_str()).collect();
            let tournament = one.iter().find(|(kind, _)| *kind == Kind::Tournament).map(|(_, word)| word.text.clone());
            if telling.is_empty() { tournament } else { Some(telling.join("+")) }
        };
        let mut all = all.into_iter();
        let own = all.next().unwrap_or_default();
        let spec =
            |one: Combination| StrategySpec { name: name(&one).unwrap_or_default(), plugins: plugins(&one).collect() };
        let mut others: Vec<(StrategySpec, bool)> = all.map(|one| (spec(one), false)).collect();
        let own_name = name(&own);
        if own_name.as_deref() != Some(BY_SCORE) && !others.iter().any(|(other, _)| other.name == BY_SCORE) {
            let by_score = NamedPlugin { name: BY_SCORE.to_owned(), settings: Map::new() };
            let spec = StrategySpec { name: BY_SCORE.to_owned(), plugins: [(Kind::Tournament, by_score)].into() };
            others.push((spec, true));
        }
        Ok(Self { own: plugins(&own).collect(), own_name, others })
    }
}

/// Plugins that are used together.
type Combination<'a> = Vec<(Kind, &'a PluginWord)>;

/// A combination together with each of these plugins.
fn with_each<'a>(one: &Combination<'a>, kind: Kind, words: &'a [PluginWord]) -> Vec<Combination<'a>> {
    words.iter().map(|word| one.iter().copied().chain([(kind, word)]).collect()).collect()
}

fn plugins(one: &Combination) -> impl Iterator<Item = (Kind, NamedPlugin)> {
    one.iter().map(|(kind, word)| (*kind, word.plugin.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<PluginWord> {
        text.split(',').filter(|word| !word.is_empty()).map(|word| word.parse().unwrap()).collect()
    }

    fn names(scorers: &str, verifiers: &str, tournaments: &str) -> (Option<String>, Vec<String>) {
        let all = Strategies::of(&words(scorers), &words(verifiers), &words(tournaments)).unwrap();
        (all.own_name, all.others.into_iter().map(|(other, _)| other.name).collect())
    }

    #[test]
    fn combinations_are_named_by_what_tells_them_apart() {
        let own = |name: &str, others: &[&str]| (Some(name.to_owned()), others.iter().map(|&s| s.to_owned()).collect());
        assert_eq!(names("", "", ""), (None, vec!["by-score".to_owned()]));
        assert_eq!(names("", "", "pyramid,mine.wasm"), own("pyramid", &["mine.wasm", "by-score"]));
        assert_eq!(names("", "", "pyramid,by-score"), own("pyramid", &["by-score"]));
        assert_eq!(names("geometry", "", "pyramid"), own("pyramid", &["by-score"]));
        assert_eq!(names("a,b", "", "c,d"), own("a+c", &["a+d", "b+c", "b+d", "by-score"]));
        assert_eq!(names("", "a,b", "c"), own("a", &["b", "by-score"]));
        assert_eq!(names("a,b", "", "").0, Some("a".to_owned()));
        let twice = Strategies::of(&[], &[], &words("pyramid,x,pyramid")).unwrap_err();
        assert!(twice.starts_with("pyramid is given twice"), "{twice}");
    }

    #[test]
    fn settings_stand_behind_the_name() {
        let word: PluginWord = "pyramid:seeding=blocks:rematches=2".parse().unwrap();
        assert_eq!(word.plugin.name, "pyramid");
        assert_eq!(Value::Object(word.plugin.settings), serde_json::json!({"seeding": "blocks", "rematches": 2}));
        assert!("pyramid:blocks".parse::<PluginWord>().unwrap_err().contains("as in pyramid:seeding=blocks"));
        assert!(":a=b".parse::<PluginWord>().is_err());
    }
}
