//! Exit codes, by class of error.

use std::process::ExitCode;

use rescue_config::ConfigError;
use rescue_dataset::DatasetError;
use rescue_ledger::LedgerError;
use rescue_pipeline::photo::PhotoError;
use rescue_pipeline::plugins::{NotFound, PluginSetError};
use rescue_pipeline::run::folder::RunFileError;
use rescue_pipeline::{
    EarlierSampleError, ExchangeError, InputError, Record, RunError, SampleListError, State, Tally, WriteError,
};
use rescue_plugin::PluginError;
use rescue_project::ProjectError;
use rescue_service::ServiceError;
use rescue_study::earlier::EvaluationFolderError;
use rescue_study::evaluation::EvaluationError;
use rescue_study::score::ScoreError;

/// What is searched for is not there.
pub const NOT_FOUND: u8 = 3;
/// An image, a data set, a query or a number cannot be used.
pub const INPUT: u8 = 4;
/// A plugin is at fault.
pub const PLUGIN: u8 = 5;
/// A model or service is at fault.
pub const SERVICE: u8 = 6;
/// The output, or the ledger, cannot be read or written.
pub const OUTPUT: u8 = 7;
/// A replay gave another result, or a ledger is damaged.
pub const DIFFERENT: u8 = 8;
const HOST: u8 = 1;
/// Some of several samples have no result.
pub const SAMPLES: u8 = 9;
/// A metric of an evaluation did not reach its bound.
pub const BOUND: u8 = 10;
/// The run was stopped before all samples had a result, as shells say it of Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// The exit code of a result. A result that is not complete lacks answers of a service: if nothing was found, that does not mean that it
/// is not there. With `strict`, such a result is never a success.
pub fn of_result(record: &Record, strict: bool) -> ExitCode {
    let complete = record.state == State::Complete;
    match (record.found, complete) {
        (true, true) => ExitCode::SUCCESS,
        (true, false) if !strict => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(NOT_FOUND),
        (_, false) => ExitCode::from(SERVICE),
    }
}

/// The exit code of a run over several samples. That something was not found is a result.
pub fn of_tally(tally: Tally, strict: bool) -> ExitCode {
    match tally {
        Tally { left: 1.., .. } => ExitCode::from(INTERRUPTED),
        Tally { failed: 1.., .. } => ExitCode::from(SAMPLES),
        Tally { unanswered: 1.., .. } => ExitCode::from(SERVICE),
        Tally { incomplete: 1.., .. } if strict => ExitCode::from(SERVICE),
        _ => ExitCode::SUCCESS,
    }
}

/// The exit code of the first error in the chain that has one.
pub fn code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(error.chain().find_map(class).unwrap_or(HOST))
}

fn class(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(error) = error.downcast_ref::<RunError>() {
        return Some(match error {
            RunError::Input(_) | RunError::Photo(_) | RunError::OtherPhoto(_) => INPUT,
            RunError::Plugins(_) | RunError::Plugin(_) => PLUGIN,
            RunError::Exchange(error) => return exchange(error),
            RunError::Write(_) | RunError::SecondSample(_) | RunError::OtherRun { .. } => OUTPUT,
            RunError::Mask(_) | RunError::Runtime(_) => HOST,
        });
    }
    let classes = [
        (error.is::<PhotoError>() || error.is::<InputError>() || error.is::<SampleListError>(), INPUT),
        (error.is::<PluginError>() || error.is::<PluginSetError>() || error.is::<NotFound>(), PLUGIN),
        (error.is::<ProjectError>(), PLUGIN),
        (error.is::<ServiceError>(), SERVICE),
        (error.is::<DatasetError>() || error.is::<EvaluationFolderError>(), INPUT),
        (matches!(error.downcast_ref(), Some(ScoreError::Read(_))), INPUT),
        (matches!(error.downcast_ref(), Some(EvaluationError::Nothing(_))), SAMPLES),
        (error.is::<ConfigError>() || error.is::<RunFileError>() || error.is::<EarlierSampleError>(), INPUT),
        (error.is::<WriteError>() || error.is::<LedgerError>(), OUTPUT),
    ];
    if let Some(error) = error.downcast_ref::<ExchangeError>() {
        return exchange(error);
    }
    classes.into_iter().find_map(|(is, code)| is.then_some(code))
}

fn exchange(error: &ExchangeError) -> Option<u8> {
    Some(match error {
        ExchangeError::Service(_)
        | ExchangeError::Silent(_)
        | ExchangeError::Missing { .. }
        | ExchangeError::Feature { .. } => SERVICE,
        ExchangeError::Ledger(_) | ExchangeError::Entry { .. } => OUTPUT,
    })
}
