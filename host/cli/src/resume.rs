//! `rescue-host resume`: goes on with a run. There is no checkpoint: what was answered is in the ledger, and the rest is computed.

use std::process::ExitCode;

use anyhow::Result;
use rescue_config::LedgerMode;
use rescue_pipeline::Journal;
use rescue_pipeline::run_folder::{JOURNAL, RunFile};

use crate::args::ResumeArgs;
use crate::run::finish;
use crate::work::{Plugins, Work};
use crate::{config, print};

/// Goes on with a run.
pub fn resume(args: &ResumeArgs) -> Result<ExitCode> {
    let run = RunFile::read(&args.run)?;
    let mut set = config::with_keys(run.config.clone());
    // The models of that run and no others: a server may have another one by now.
    let chats = [("planner", &mut set.planner), ("verifier", &mut set.verifier)];
    for (name, chat) in chats {
        if let (Some(chat), Some(model)) = (chat, run.models.get(name)) {
            chat.service.model.clone_from(&model.name);
        }
    }
    set.run.ledger = args.run.join(&run.ledger);
    set.run.ledger_mode = if args.fill { LedgerMode::Fill } else { LedgerMode::Record };
    if args.fill {
        // What was cut for want of time is given what it takes.
        set.run.deadline = 0.0;
    }
    let journal = if args.fill { Journal::default() } else { Journal::read(&args.run.join(JOURNAL))? };
    if !journal.is_empty() {
        print::note(&format!("{} questions stay without an answer, as before; --fill asks them again", journal.len()));
    }
    let work = Work {
        image: args.image.clone().or_else(|| run.image.clone()),
        query: run.query.clone(),
        config: set,
        plugins: Plugins::Same(&run.plugins),
        models: run.models.clone(),
        id: run.id.clone(),
        photo: Some(run.sha256),
        journal,
        out: Some(&args.run),
        models_dir: args.models_dir.as_deref(),
        trace: None,
        quiet: args.json,
    };
    let done = work.run()?;
    finish(&done, &args.run, args.json)
}
