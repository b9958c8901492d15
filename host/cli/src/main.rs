//! The command line of rescue-host.

// `cargo xtask lint` sees the program with the feature; this is what the program without it alone would warn of.
#![cfg_attr(not(feature = "otlp"), deny(unused))]

mod args;
mod cache;
mod check;
mod compare;
mod compiling;
mod config;
mod dataset;
mod eval;
mod exit;
mod inspect;
mod ledger;
mod list;
#[cfg(feature = "otlp")]
mod otlp;
mod print;
mod progress;
mod project;
mod replay;
mod resume;
mod retrace;
mod run;
mod services;
mod several;
mod timeline;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, ConfigCommand, PluginCommand, ServicesCommand};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => run::run(&cli.run),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Replay(args)) => replay::replay(&args),
        Some(Command::Resume(args)) => resume::resume(&args),
        Some(Command::Config(ConfigCommand::Show { config, json })) => config::show(&config, json),
        Some(Command::Config(ConfigCommand::Schema)) => config::schema(),
        Some(Command::Services(ServicesCommand::Check { config, models_dir, json })) => {
            services::check(&config, models_dir.as_deref(), json)
        }
        Some(Command::Ledger(command)) => ledger::ledger(&command),
        Some(Command::Compare(args)) => compare::compare(&args),
        Some(Command::Eval(args)) => eval::eval(&args),
        Some(Command::Dataset(command)) => dataset::dataset(&command),
        Some(Command::Plugin(PluginCommand::List { json })) => list::list(json),
        Some(Command::Plugin(PluginCommand::Retrace(args))) => retrace::retrace(&args),
        Some(Command::Plugin(PluginCommand::New { folder, kind })) => project::make(&folder, kind),
        Some(Command::Plugin(PluginCommand::Build { path })) => project::build(&path),
        Some(Command::Plugin(PluginCommand::Cache { clear, json })) => cache::cache(clear, json),
        Some(Command::Plugin(PluginCommand::Test { path })) => project::test(&path),
        Some(Command::Plugin(PluginCommand::Inspect { plugin, json })) => inspect::inspect(&plugin, json),
        Some(Command::Plugin(PluginCommand::Check { plugin, settings, json })) => {
            check::check(&plugin, &settings, json)
        }
    };
    match done {
        Ok(_) if print::is_lost() => {
            print::note("error: standard output cannot be written: something that was to be printed is lost");
            ExitCode::from(exit::OUTPUT)
        }
        Ok(code) => code,
        Err(error) => {
            print::error(&error);
            exit::code(&error)
        }
    }
}
