//! Exit codes, by class of error.

use std::process::ExitCode;

use rescue_pipeline::locate::NotFound;
use rescue_pipeline::out::WriteError;
use rescue_pipeline::photo::PhotoError;
use rescue_pipeline::{CrewError, InputError, RunError};
use rescue_plugin::PluginError;
use rescue_service::ServiceError;

use crate::crew::TwoForOne;

/// Nothing was found.
pub const NOT_FOUND: u8 = 3;
const INPUT: u8 = 4;
/// A plugin is at fault.
pub const PLUGIN: u8 = 5;
const SERVICE: u8 = 6;
const OUTPUT: u8 = 7;
const HOST: u8 = 1;

/// The code of the first error in the chain that has one.
pub fn code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(error.chain().find_map(class).unwrap_or(HOST))
}

fn class(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(error) = error.downcast_ref::<RunError>() {
        return Some(match error {
            RunError::Photo(_) | RunError::Input(_) => INPUT,
            RunError::Crew(_) | RunError::Plugin(_) => PLUGIN,
            RunError::Service(_) => SERVICE,
            RunError::Mask(_) => HOST,
        });
    }
    let classes = [
        (error.is::<PhotoError>() || error.is::<InputError>(), INPUT),
        (
            error.is::<PluginError>() || error.is::<CrewError>() || error.is::<NotFound>() || error.is::<TwoForOne>(),
            PLUGIN,
        ),
        (error.is::<ServiceError>(), SERVICE),
        (error.is::<WriteError>(), OUTPUT),
    ];
    classes.into_iter().find_map(|(is, code)| is.then_some(code))
}
