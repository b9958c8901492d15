//! Runs the host as a command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::place;

/// A command to run: `rescue-host` in the root of the checkout, with an output folder of its own.
pub struct Run {
    command: Command,
    folder: TempDir,
}

/// A command that has ended.
pub struct Finished {
    /// The exit code. `None` if a signal ended the process.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    folder: TempDir,
}

/// The files that a run creates before it does anything else.
pub const BEGUN: [&str; 2] = ["ledger", "run.json"];

impl Run {
    /// `rescue-host --out FOLDER ARGUMENTS` with a new temporary folder.
    pub fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), arguments)
    }

    /// As `new`, with this folder.
    pub fn in_folder<A: AsRef<OsStr>>(folder: TempDir, arguments: impl IntoIterator<Item = A>) -> Self {
        let out = folder.path().to_owned();
        Self::make(Command::new(place::host()), folder, &out, arguments)
    }

    /// As `in_folder`, with this path below the folder as output folder.
    pub fn below<A: AsRef<OsStr>>(folder: TempDir, place: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let out = folder.path().join(place);
        Self::make(Command::new(place::host()), folder, &out, arguments)
    }

    /// As `in_folder`, started by a shell that runs the command `first` before it becomes the host.
    pub fn after<A: AsRef<OsStr>>(first: &str, folder: TempDir, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{first} && exec \"$0\" \"$@\"")).arg(place::host());
        let out = folder.path().to_owned();
        Self::make(command, folder, &out, arguments)
    }

    /// `rescue-host ARGUMENTS`, without `--out`.
    pub fn plain<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(place::host());
        without_proxies(&mut command).args(arguments);
        Self { command, folder: tempfile::tempdir().unwrap() }
    }

    fn make<A: AsRef<OsStr>>(
        mut command: Command,
        folder: TempDir,
        out: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        without_proxies(&mut command).args(arguments).arg("--out").arg(out);
        Self { command, folder }
    }

    /// Adds these arguments.
    #[must_use]
    pub fn more<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets this environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the command and waits for its end.
    pub fn go(mut self) -> Finished {
        let Output { status, stdout, stderr } = self.command.current_dir(place::root()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Finished { code: status.code(), stdout: text(stdout), stderr: text(stderr), folder: self.folder }
    }
}

/// Removes the variables that name proxies, so that no test depends on those of its machine.
pub fn without_proxies(command: &mut Command) -> &mut Command {
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
}

impl Finished {
    /// Fails unless the command ended with this code, all of these words are on standard error, and the output folder
    /// has no files but those of [`BEGUN`].
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        println!("{}", self.stderr.trim_end());
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not on standard error: {}", self.stderr);
        }
        assert!(!self.stderr.contains("thread '"), "the host panicked: {}", self.stderr);
        let left: Vec<String> = self.files().into_iter().filter(|name| !BEGUN.contains(&name.as_str())).collect();
        assert_eq!(left, Vec::<String>::new(), "files are left behind");
    }

    /// Fails unless the command ended with this code. Returns `result.json`.
    #[track_caller]
    pub fn answered(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        serde_json::from_slice(&self.read("result.json")).unwrap()
    }

    /// The bytes of a file in the output folder.
    #[track_caller]
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The path of a file in the output folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of all files in the output folder, sorted.
    pub fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The output folder, for another run.
    pub fn into_folder(self) -> TempDir {
        self.folder
    }
}
