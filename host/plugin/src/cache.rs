//! A cache of compiled components, in a private folder of the user.
//!
//! A file holds wasmtime's serialised component, after its SHA-256. Its name has the component's digest and a hash of everything
//! else that the compiled code depends on. It is written under a temporary name and renamed. A file that is damaged is compiled
//! again. If the cache cannot be used at all, plugins only take longer to load. Beyond [`MAX_CACHE_BYTES`], what was not used for the longest
//! time is removed: a component of Python takes 40 MB, and each change of its sources makes another one.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rescue_core::Digest;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The most bytes that compiled components take in a folder.
pub const MAX_CACHE_BYTES: u64 = 1 << 30;

/// How the names of the files end.
const ENDING: &str = "compiled";

/// The compiled components in a folder: how many there are, and their bytes.
///
/// # Errors
///
/// Returns an error if the folder cannot be read. A folder that is not there holds none.
pub fn compiled(folder: &Path) -> std::io::Result<(usize, u64)> {
    let files = files(folder)?;
    Ok((files.len(), files.iter().map(|file| file.bytes).sum()))
}

/// Removes all compiled components from a folder. What runs keeps its own.
///
/// # Errors
///
/// Returns an error if a file cannot be removed.
pub fn clear(folder: &Path) -> std::io::Result<()> {
    files(folder)?.iter().try_for_each(|file| remove(&file.path))
}

/// A compiled component in a folder.
struct Compiled {
    /// When it was used last.
    used: SystemTime,
    path: PathBuf,
    bytes: u64,
}

/// Removes a file. Another program may have removed it meanwhile.
fn remove(file: &Path) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The compiled components in a folder, without those that another program removes meanwhile.
fn files(folder: &Path) -> std::io::Result<Vec<Compiled>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if let (true, Ok(about)) = (path.extension().is_some_and(|ending| ending == ENDING), fs::metadata(&path)) {
            files.push(Compiled { used: about.modified()?, path, bytes: about.len() });
        }
    }
    Ok(files)
}

/// A folder of compiled components.
pub(crate) struct Cache {
    folder: PathBuf,
    /// A hash of wasmtime's version, its configuration and the machine.
    engine: u64,
}

impl Cache {
    /// Uses this folder, and makes it private. Returns `None` if that fails.
    pub(crate) fn open(folder: &Path, engine: &Engine) -> Option<Self> {
        fs::create_dir_all(folder).ok()?;
        make_private(folder).ok()?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Some(Self { folder: folder.to_owned(), engine: hasher.finish() })
    }

    fn file(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{digest}-{:016x}.{ENDING}", self.engine))
    }

    /// Loads a compiled component; `None` if the folder does not have it, or not undamaged.
    pub(crate) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let file = self.file(digest);
        let bytes = fs::read(&file).ok()?;
        let (sum, compiled) = bytes.split_at_checked(32)?;
        if Digest::of(compiled).bytes() != sum {
            return None;
        }
        // That it was used only matters for what is removed first.
        drop(fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(SystemTime::now())));
        // SAFETY: only this user can write to the folder, only `store` below writes files of this name, and the checksum shows
        // that these are the bytes that it wrote.
        #[allow(unsafe_code)]
        unsafe { Component::deserialize(engine, compiled) }.ok()
    }

    /// Stores a compiled component. Returns `None` if that fails.
    pub(crate) fn store(&self, digest: Digest, component: &Component) -> Option<()> {
        let compiled = component.serialize().ok()?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).ok()?;
        file.write_all(Digest::of(&compiled).bytes()).ok()?;
        file.write_all(&compiled).ok()?;
        let kept = self.file(digest);
        file.persist(&kept).ok()?;
        keep_within(&self.folder, MAX_CACHE_BYTES, &kept).ok()
    }
}

/// Removes what was not used for the longest time until at most so many bytes are left. `kept` stays.
fn keep_within(folder: &Path, most: u64, kept: &Path) -> std::io::Result<()> {
    let mut files = files(folder)?;
    let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
    files.sort_by_key(|file| file.used);
    for file in files.iter().filter(|file| file.path != kept) {
        if bytes <= most {
            break;
        }
        remove(&file.path)?;
        bytes -= file.bytes;
    }
    Ok(())
}

/// Denies other users access to the folder. Fails if it belongs to another user.
#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Does nothing: on this system, a user's cache folder is already private.
#[cfg(not(unix))]
fn make_private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_not_used_for_long_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for (number, name) in ["a.compiled", "b.compiled", "c.compiled", "other"].iter().enumerate() {
            fs::write(file(name), [0; 100]).unwrap();
            let used = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 - number as u64);
            fs::File::options().append(true).open(file(name)).unwrap().set_modified(used).unwrap();
        }
        keep_within(folder.path(), 300, &file("c.compiled")).unwrap();
        assert_eq!(compiled(folder.path()).unwrap(), (3, 300));
        // c is the oldest, and was just made.
        keep_within(folder.path(), 250, &file("c.compiled")).unwrap();
        assert!(file("a.compiled").exists() && !file("b.compiled").exists() && file("c.compiled").exists());
        clear(folder.path()).unwrap();
        assert_eq!(compiled(folder.path()).unwrap(), (0, 0));
        assert!(file("other").exists());
        assert_eq!(compiled(&file("none")).unwrap(), (0, 0));
    }
}
