//! `rescue-host plugin check`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::plugins::{self, Capabilities, ConfiguredPlugin, PluginSetError};
use rescue_plugin::check::{Grade, KindReport, MANY, Report, check as tried};
use rescue_plugin::rehearsal::{Rehearsal, Usage};
use rescue_plugin::{Kind, Limits, Plugin};
use serde_json::{Map, Value, json};

use crate::{compiling, exit, print, project};

/// A value is marked from this share of its limit on.
const NEAR: f64 = 0.5;

/// Tries a plugin and prints what was found.
pub fn check(name: &str, given: &[(Kind, String, Value)], as_json: bool) -> Result<ExitCode> {
    let source = plugins::find(&project::component(name)?)?;
    let runtime = compiling::runtime(as_json)?;
    let plugin = source.load(&runtime)?;
    let mut settings: BTreeMap<Kind, Map<String, Value>> = BTreeMap::new();
    for (kind, key, value) in given {
        settings.entry(*kind).or_default().insert(key.clone(), value.clone());
    }
    let report = tried(&plugin, &settings)?;
    let unmet = unmet(&plugin, &settings);
    if as_json {
        print::value(&described(&plugin, &report, &unmet, runtime.limits()))?;
    } else {
        print::line(&format!("{} {}: {}", plugin.name(), plugin.version(), plugin.summary()));
        for kind in &report.kinds {
            show(kind, unmet.get(&kind.kind).map(String::as_str), runtime.limits());
        }
    }
    Ok(if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(exit::PLUGIN) })
}

/// The capabilities that a plugin needs and this host does not have, by kind. A run would refuse the plugin.
fn unmet(plugin: &Plugin, settings: &BTreeMap<Kind, Map<String, Value>>) -> BTreeMap<Kind, String> {
    let none = Map::new();
    let refused = plugin.kinds().into_iter().filter_map(|kind| {
        match ConfiguredPlugin::new(plugin.clone(), kind, settings.get(&kind).unwrap_or(&none), Capabilities::default())
        {
            Err(PluginSetError::Need(need)) => Some((kind, need.to_string())),
            _ => None,
        }
    });
    refused.collect()
}

fn show(report: &KindReport, unmet: Option<&str>, limits: &Limits) {
    print::line(&format!("  {}", report.kind));
    if let Some(usage) = &report.usage {
        let few = format!("{} candidates", Rehearsal::default().count);
        print::line(&format!("    {:<38}{few:>16}{:>18}{:>18}", "", format!("{MANY} candidates"), "limit of a call"));
        for (name, value, limit) in rows(limits) {
            let many = report.usage_many.as_ref().map_or_else(|| "-".to_owned(), |many| marked(value(many), limit));
            let bound = limit.map(grouped).unwrap_or_default();
            print::line(format!("    {name:<38}{:>16}{many:>18}{bound:>18}", marked(value(usage), limit)).trim_end());
        }
    }
    for finding in &report.findings {
        let text = finding.text.replace('\n', "\n                      ");
        print::line(&format!("    {:<8} {:<8} {text}", grade(finding.grade), finding.about));
    }
    if let Some(need) = unmet {
        print::line(&format!("    {:<8} {:<8} a run with it is refused: {need}", grade(Grade::Note), "needs"));
    }
}

type Row = (&'static str, fn(&Usage) -> u64, Option<u64>);

/// What is shown of a rehearsal, and the limit of one call; `None` if there is none.
fn rows(limits: &Limits) -> [Row; 7] {
    [
        ("turns", |usage| usage.turns.into(), None),
        ("fuel, most in a turn", |usage| usage.most_fuel, Some(limits.fuel_per_call)),
        ("fuel, in all", |usage| usage.fuel, None),
        ("told, most bytes of JSON in a turn", |usage| usage.most_told, None),
        ("told, in all", |usage| usage.told, None),
        ("planned, most bytes of JSON in a turn", |usage| usage.most_planned, Some(limits.answer_bytes as u64)),
        ("planned, in all", |usage| usage.planned, None),
    ]
}

/// A number, with a mark if it is near its limit or over it.
fn marked(value: u64, limit: Option<u64>) -> String {
    let mark = match limit {
        Some(limit) if value > limit => "over! ",
        Some(limit) if value as f64 >= NEAR * limit as f64 => "near! ",
        _ => "",
    };
    format!("{mark}{}", grouped(value))
}

/// 1234567 → "1,234,567".
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Ok => "ok",
        Grade::Note => "note",
        Grade::Problem => "problem",
    }
}

fn described(plugin: &Plugin, report: &Report, unmet: &BTreeMap<Kind, String>, limits: &Limits) -> Value {
    json!({
        "name": plugin.name(), "version": plugin.version(), "sha256": plugin.digest(), "ok": report.is_ok(),
        "limits": {"fuel_per_call": limits.fuel_per_call, "answer_bytes": limits.answer_bytes},
        "kinds": report.kinds, "unmet_needs": unmet,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_marked() {
        let shown = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([49, 50, 101].map(|value| marked(value, Some(100))), ["49", "near! 50", "over! 101"]);
    }
}
