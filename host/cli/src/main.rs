//! The command line of rescue-host.

mod args;
mod check;
mod crew;
mod exit;
mod inspect;
mod list;
mod print;
mod progress;
mod retrace;
mod run;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, PluginCommand};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => run::run(&cli.run),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Plugin(PluginCommand::List { json })) => list::list(json),
        Some(Command::Plugin(PluginCommand::Retrace(args))) => retrace::retrace(&args),
        Some(Command::Plugin(PluginCommand::Inspect { plugin, json })) => inspect::inspect(&plugin, json),
        Some(Command::Plugin(PluginCommand::Check { plugin, settings, json })) => {
            check::check(&plugin, &settings, json)
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            print::error(&error);
            exit::code(&error)
        }
    }
}
