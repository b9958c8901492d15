//! Starts a fleet, says how to use it, and runs until it is told to stop.

mod args;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use rescue_fleet::{Fleet, FleetError, PHOTO, Role, Scene, draw_scenes};

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
    let photos = Scene::write_all(&scenes, &args.write)?;
    let fleet = Fleet::start(args.config(scenes))?;
    let told = photos.first().zip(fleet.scenes().first()).map(|(photo, scene)| how(&fleet, photo, &scene.query));
    // Whoever started it may have gone without reading; the fleet is there all the same.
    let _ = writeln!(std::io::stdout(), "{}", told.unwrap_or_default());
    wait(args.seconds);
    for role in Role::ALL {
        let stats = serde_json::to_string(&fleet.stats(role)).unwrap_or_default();
        let _ = writeln!(std::io::stdout(), "{role} {stats}");
    }
    fleet.stop();
    Ok(())
}

/// The variables and the command line by which a host finds the fleet.
fn how(fleet: &Fleet, photo: &Path, query: &str) -> String {
    let urls = fleet.urls();
    let model = "fleet-vlm";
    format!(
        "PLANNER_API_BASE={}\nVERIFIER_API_BASE={}\nEXECUTOR_URL={}\nCLIP_SERVER_URL={}\n\
         PLANNER_MODEL={model}\nVERIFIER_MODEL={model}\n\nTry, with these set:\n  \
         rescue-host --image {} --query \"{query}\"\n\nCtrl-C or the end of standard input stops the fleet.",
        urls.planner,
        urls.verifier,
        urls.executor,
        urls.clip,
        photo.display(),
    )
}

/// Until the time is over; without one, until standard input ends.
fn wait(seconds: Option<f64>) {
    if let Some(seconds) = seconds {
        std::thread::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default());
        return;
    }
    let mut buffer = [0; 256];
    while matches!(std::io::stdin().read(&mut buffer), Ok(read) if read > 0) {}
}
