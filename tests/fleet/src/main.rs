//! The program `rescue-fleet`: starts a fleet, prints how to use it, and runs until it is stopped.

mod args;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use rescue_fleet::{Fleet, FleetError, PHOTO, Role, Scene, Stats, draw_scenes};

use crate::args::Args;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rescue-fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), FleetError> {
    if args.scenes == 0 {
        return Err(FleetError::Setting("--scenes is 0; 1 is the least".to_owned()));
    }
    let scenes = draw_scenes(args.seed, args.scenes, &[PHOTO])?;
    // The fleet starts before anything is written, because this checks the settings and takes the ports.
    let fleet = Fleet::start(args.config(scenes))?;
    let photos = Scene::write_all(fleet.scenes(), &args.write)?;
    let usage = photos.first().zip(fleet.scenes().first()).map(|(photo, scene)| usage(&fleet, photo, &scene.query));
    // Standard output may be closed already; the fleet runs all the same.
    let _ = writeln!(std::io::stdout(), "{}", usage.unwrap_or_default());
    wait(args.seconds);
    for role in Role::ALL {
        let _ = writeln!(std::io::stdout(), "{}", summary(role, &fleet.stats(role)));
    }
    fleet.stop();
    Ok(())
}

/// The environment variables and the command line with which a host uses the fleet.
fn usage(fleet: &Fleet, photo: &Path, query: &str) -> String {
    let urls = fleet.urls();
    let model = "fleet-vlm";
    format!(
        "export PLANNER_API_BASE={}\nexport VERIFIER_API_BASE={}\nexport EXECUTOR_URL={}\nexport CLIP_SERVER_URL={}\n\
         export PLANNER_MODEL={model}\nexport VERIFIER_MODEL={model}\n\nTry, with these set:\n  \
         rescue-host --image {} --query \"{query}\"\n\nCtrl-C or the end of standard input stops the fleet.",
        urls.planner,
        urls.verifier,
        urls.executor,
        urls.clip,
        photo.display(),
    )
}

/// One line that says what a server did.
fn summary(role: Role, stats: &Stats) -> String {
    let served: Vec<_> = stats.served.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    let served = if served.is_empty() { "no answer".to_owned() } else { served.join(", ") };
    let faults: u64 = stats.faults.values().sum();
    format!(
        "{role:<8}  {} requests: {served}; {} cut off, {faults} faults made, {} pictures not recognised",
        stats.requests, stats.aborted, stats.unrecognised
    )
}

/// Waits for this time, or until standard input ends if there is no time.
fn wait(time: Option<Duration>) {
    if let Some(time) = time {
        std::thread::sleep(time);
        return;
    }
    let mut buffer = [0; 256];
    while matches!(std::io::stdin().read(&mut buffer), Ok(read) if read > 0) {}
}
