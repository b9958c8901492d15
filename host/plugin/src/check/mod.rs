//! Tries a plugin in a [rehearsal](crate::rehearsal) and reports what its author should know.
//!
//! Each kind that a plugin offers is played twice in the canonical order, then in other orders of arrival, then with as many
//! candidates as a run can have. The result is a list of graded [`Finding`]s.

mod findings;
mod play;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::PluginError;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::plugin::{Offer, Plugin};
use crate::rehearsal::{Arrival, Rehearsal, Usage};
use crate::retrace::retrace;
use crate::trace::Traces;
use play::{Play, play};

/// The most candidates that a run can have.
pub const MANY: u32 = 1024;
/// The number of other orders of arrival that are played.
const ORDERS: u64 = 3;

/// What was found about a plugin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// One report for each kind that the plugin offers, in the order of [`Kind::ALL`].
    pub kinds: Vec<KindReport>,
}

/// What was found about one kind of a plugin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindReport {
    /// The kind.
    pub kind: Kind,
    /// What the canonical play used, with the default [`Rehearsal`]; `None` if it failed.
    pub usage: Option<Usage>,
    /// The same with [`MANY`] hypotheses.
    pub usage_many: Option<Usage>,
    /// What was found, in the order in which it was checked.
    pub findings: Vec<Finding>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How severe it is.
    pub grade: Grade,
    /// What was checked: "runs", "repeats", "retraces", "arrival", "limits", "log".
    pub about: &'static str,
    /// What was found, and what the author can do about it.
    pub text: String,
}

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// It works, but the author may want to know.
    Note,
    /// The author must fix it.
    Problem,
}

impl Report {
    /// Whether there are no problems.
    pub fn is_ok(&self) -> bool {
        self.kinds.iter().flat_map(|kind| &kind.findings).all(|finding| finding.grade < Grade::Problem)
    }
}

impl Finding {
    fn new(grade: Grade, about: &'static str, text: impl Into<String>) -> Self {
        Self { grade, about, text: text.into() }
    }
}

/// Tries every kind that a plugin offers, with these settings. What goes wrong in a play is a finding and no error.
///
/// # Errors
///
/// Fails if the settings do not fit the plugin's schema, or are for a kind that it does not offer.
pub fn check(plugin: &Plugin, settings: &BTreeMap<Kind, Map<String, Value>>) -> Result<Report, PluginError> {
    for (kind, settings) in settings {
        plugin.settings(*kind, settings)?;
    }
    let none = Map::new();
    let kinds = plugin.kinds().into_iter().map(|kind| {
        let trial = Trial { plugin, kind, offer: plugin.offer(kind)?, settings: settings.get(&kind).unwrap_or(&none) };
        Ok(trial.report())
    });
    Ok(Report { kinds: kinds.collect::<Result<_, _>>()? })
}

/// One kind of a plugin, to be tried.
struct Trial<'a> {
    plugin: &'a Plugin,
    kind: Kind,
    offer: &'a Offer,
    settings: &'a Map<String, Value>,
}

impl Trial<'_> {
    fn report(&self) -> KindReport {
        let mut report = KindReport { kind: self.kind, usage: None, usage_many: None, findings: Vec::new() };
        let canonical = match self.play(&Rehearsal::default()) {
            Ok(canonical) => canonical,
            Err(error) => {
                report.findings.push(Finding::new(Grade::Problem, "runs", error.to_string()));
                return report;
            }
        };
        report.findings.push(findings::runs(&canonical));
        let traces = Traces::default();
        let again = self.play(&Rehearsal { traces: Some(traces.clone()), ..Rehearsal::default() });
        report.findings.push(findings::repeats(&canonical, &again));
        report.findings.extend(traces.take().iter().map(|trace| findings::retraces(retrace(self.plugin, trace))));
        let others = (0..ORDERS).map(Arrival::Shuffled);
        let others: Vec<_> = others.map(|arrival| self.play(&Rehearsal { arrival, ..Rehearsal::default() })).collect();
        let promised = self.offer.traits.get("delivery").is_some_and(|delivery| delivery == "any");
        report.findings.extend(findings::arrival(&canonical, &others, promised));
        let many = self.play(&Rehearsal { count: MANY, ..Rehearsal::default() });
        report.findings.extend(findings::limits(&canonical, &many, self.limits()));
        report.findings.extend(findings::log(&canonical));
        report.usage = Some(canonical.usage);
        report.usage_many = many.ok().map(|many| many.usage);
        report
    }

    fn play(&self, rehearsal: &Rehearsal) -> Result<Play, PluginError> {
        play(rehearsal, self.plugin, self.kind, self.settings)
    }

    fn limits(&self) -> &Limits {
        &self.plugin.loaded.limits
    }
}
