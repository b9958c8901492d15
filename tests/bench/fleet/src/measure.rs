//! One measurement: a client against a fleet of its own, each on a core of its own where the system can pin them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::Failure;
use crate::serve::Served;

/// The environment variable with the cores of the client, as `taskset` takes them, and those that it has without.
const CLIENT: (&str, &str) = ("CLIENT_CORES", "0");
/// The same of the fleet.
const FLEET: (&str, &str) = ("FLEET_CORES", "1");

/// What a client cost.
pub struct Cost {
    /// From its start to its end, in seconds; of the original's design without the start of Python.
    pub wall: f64,
    /// Processor time of the client, in seconds.
    pub cpu: f64,
    /// Bytes of all requests.
    pub bytes: f64,
    /// Its peak memory, in bytes.
    pub peak: f64,
    /// The share of questions that the live pass had not asked. `None` if there was none.
    pub missed: Option<f64>,
    /// What the servers did, by role.
    pub servers: Value,
}

/// A running fleet.
pub struct Fleet {
    child: Child,
    told: BufReader<ChildStdout>,
    pub urls: Value,
    pub folder: tempfile::TempDir,
}

impl Fleet {
    pub fn start(served: Served) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut command = pinned(FLEET, &std::env::current_exe()?);
        command.arg("serve").args(served.words()).arg(folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut told = BufReader::new(child.stdout.take().ok_or("the fleet says nothing")?);
        let mut line = String::new();
        told.read_line(&mut line)?;
        Ok(Self { child, told, urls: serde_json::from_str(&line)?, folder })
    }

    fn list(&self) -> PathBuf {
        self.folder.path().join("samples.jsonl")
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Stops the fleet. Returns what its servers did.
    fn stop(mut self) -> Result<Value, Failure> {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.told.read_to_string(&mut text)?;
        self.child.wait()?;
        Ok(serde_json::from_str(&text)?)
    }
}

/// `rescue-host` over all samples of the fleet; a single one as a run over one. `more` are further arguments.
pub fn host(fleet: Fleet, n: u32, samples: usize, more: &[&str]) -> Result<Cost, Failure> {
    let out = fleet.folder.path().join("out");
    let mut command = pinned_host()?;
    if samples == 1 {
        let line: Value = serde_json::from_str(&std::fs::read_to_string(fleet.list())?)?;
        let query = line.get("query").and_then(Value::as_str).unwrap_or_default();
        command.arg("--image").arg(fleet.folder.path().join("0.jpg")).args(["--query", query]);
        arguments(&mut command, &fleet, n, &out);
    } else {
        list_arguments(&mut command, &fleet, n, &out);
    }
    command.args(more);
    let (wall, cpu) = time(&mut command)?;
    let (peak, missed) = told(&out, samples)?;
    Ok(Cost { wall, cpu, bytes: 0.0, peak, missed, servers: fleet.stop()? }.with_bytes())
}

/// `rescue-host` on the client's core.
pub fn pinned_host() -> Result<Command, Failure> {
    Ok(pinned(CLIENT, &binary("rescue-host")?))
}

/// The arguments of a run over all samples of a fleet.
pub fn list_arguments(command: &mut Command, fleet: &Fleet, n: u32, out: &Path) {
    command.arg("--samples").arg(fleet.list());
    arguments(command, fleet, n, out);
}

fn arguments(command: &mut Command, fleet: &Fleet, n: u32, out: &Path) {
    command.args(["--n", &n.to_string(), "--out"]).arg(out);
    for (service, url) in fleet.urls.as_object().into_iter().flatten() {
        command.args(["--with", &format!("{service}.url={url}"), "--with", &format!("{service}.slots=64")]);
    }
}

/// The client of the original's design on one sample: `client.py` in this Python.
pub fn original(fleet: Fleet, n: u32, python: &Path) -> Result<Cost, Failure> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("client.py");
    let line: Value = serde_json::from_str(&std::fs::read_to_string(fleet.folder.path().join("samples.jsonl"))?)?;
    let query = line.get("query").and_then(Value::as_str).unwrap_or_default();
    let mut command = pinned(CLIENT, python);
    command
        .arg(script)
        .arg(fleet.urls.to_string())
        .arg(fleet.folder.path().join("0.jpg"))
        .args([query, &n.to_string()]);
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("client.py failed ({})", output.status).into());
    }
    let own: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| own.get(name).and_then(Value::as_f64).ok_or("client.py prints other numbers");
    let (wall, cpu, peak) = (number("wall")?, number("cpu")?, number("peak")?);
    Ok(Cost { wall, cpu, bytes: 0.0, peak, missed: None, servers: fleet.stop()? }.with_bytes())
}

impl Cost {
    fn with_bytes(mut self) -> Self {
        self.bytes = self.sum("bytes_in");
        self
    }

    /// A number of all servers together.
    pub fn sum(&self, name: &str) -> f64 {
        let servers = self.servers.as_object().into_iter().flatten();
        servers.filter_map(|(_, stats)| stats.get(name)?.as_f64()).sum()
    }

    /// A number of one server. `None` if it did nothing.
    pub fn of(&self, role: &str, name: &str) -> Option<f64> {
        self.servers.get(role)?.get(name)?.as_f64()
    }
}

/// A command on one core, where `taskset` can pin it.
fn pinned((name, otherwise): (&str, &str), program: &Path) -> Command {
    let cores = std::env::var(name).unwrap_or_else(|_| otherwise.into());
    let can = Command::new("taskset").args(["-c", &cores, "true"]).status().is_ok_and(|status| status.success());
    if !can {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", &cores]).arg(program);
    command
}

/// A program that was built beside this one.
fn binary(name: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs a command. Returns its seconds on the clock and on the processor.
fn time(command: &mut Command) -> Result<(f64, f64), Failure> {
    let (before, start) = (children_seconds()?, Instant::now());
    let output = command.output()?;
    let wall = start.elapsed().as_secs_f64();
    // That nothing is found is a result.
    if !matches!(output.status.code(), Some(0 | 3)) {
        return Err(
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).into()
        );
    }
    Ok((wall, children_seconds()? - before))
}

/// The processor time of all children that have ended, in seconds.
fn children_seconds() -> Result<f64, Failure> {
    /// Of a second, on every Linux.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The fields after the name, which may hold spaces: the 16th and 17th of all are the times of children.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).ok_or("no times of children");
    Ok((ticks(13)? + ticks(14)?) / TICKS)
}

/// The peak memory that a run has noted, in bytes, and the share of questions that its live passes had not asked.
fn told(out: &Path, samples: usize) -> Result<(f64, Option<f64>), Failure> {
    let files: Vec<PathBuf> = match samples {
        1 => vec![out.join("timings.json")],
        _ => (1..=samples).map(|line| out.join(format!("samples/{line}/timings.json"))).collect(),
    };
    let (mut most, mut asked, mut missed): (f64, f64, f64) = (0.0, 0.0, 0.0);
    for file in files {
        let timings: Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let number = |pointer: &str| timings.pointer(pointer).and_then(Value::as_f64).unwrap_or_default();
        most = most.max(number("/peak_memory_bytes"));
        asked += number("/live/asked");
        missed += number("/live/missed");
    }
    Ok((most, (asked > 0.0).then(|| missed / (asked + missed))))
}
