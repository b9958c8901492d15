//! `rescue-host plugin cache`.

use std::process::ExitCode;

use anyhow::Result;
use rescue_pipeline::{WriteError, plugins};
use rescue_plugin::{MAX_CACHE_BYTES, clear_compiled, compiled};
use serde_json::json;

use crate::print;

/// Prints what the compiled plugins take on the disk, and removes them if that is wished.
pub fn cache(clear: bool, as_json: bool) -> Result<ExitCode> {
    let Some(folder) = plugins::compiled_folder() else {
        print::note("plugins are not kept compiled: neither XDG_CACHE_HOME nor HOME says where");
        return Ok(ExitCode::SUCCESS);
    };
    let fail = |cause| WriteError { file: folder.clone(), cause };
    if clear {
        clear_compiled(&folder).map_err(fail)?;
    }
    let (count, bytes) = compiled(&folder).map_err(fail)?;
    if as_json {
        print::value(&json!({"folder": folder, "count": count, "bytes": bytes, "most_bytes": MAX_CACHE_BYTES}))?;
    } else {
        let (megabytes, most) = (bytes / 1_000_000, MAX_CACHE_BYTES / 1_000_000);
        print::line(&format!("{}: {count} compiled plugins, {megabytes} MB of at most {most} MB", folder.display()));
    }
    Ok(ExitCode::SUCCESS)
}
