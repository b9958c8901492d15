//! A cache of compiled components, in a private folder of the user.
//!
//! A file holds wasmtime's serialised component, after its SHA-256. Its name has the component's digest and a hash of everything
//! else that the compiled code depends on. It is written under a temporary name and renamed. A file that is damaged is compiled
//! again. If the cache cannot be used at all, plugins only take longer to load.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use rescue_core::Digest;
use wasmtime::Engine;
use wasmtime::component::Component;

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
        self.folder.join(format!("{digest}-{:016x}.compiled", self.engine))
    }

    /// Loads a compiled component; `None` if the folder does not have it, or not undamaged.
    pub(crate) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let bytes = fs::read(self.file(digest)).ok()?;
        let (sum, compiled) = bytes.split_at_checked(32)?;
        if Digest::of(compiled).bytes() != sum {
            return None;
        }
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
        file.persist(self.file(digest)).ok()?;
        Some(())
    }
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
