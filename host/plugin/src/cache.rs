//! Compiled components, kept between runs in a folder of the user's own.
//!
//! A file holds the SHA-256 of what follows, and wasmtime's serialised component. It is named by the component's digest and by
//! everything that the compiled code depends on, is written to a temporary name and renamed, and is never overwritten. What does
//! not check out is compiled anew; a cache that cannot be used costs time and nothing else.

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
    engine: u64,
}

impl Cache {
    /// Uses this folder, which is made the user's own; none where that cannot be done.
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

    /// The compiled component, where the folder has it whole.
    pub(crate) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let bytes = fs::read(self.file(digest)).ok()?;
        let (sum, compiled) = bytes.split_at_checked(32)?;
        if Digest::of(compiled).bytes() != sum {
            return None;
        }
        // SAFETY: the folder belongs to this user and to nobody else, only `store` below writes files of this name, and the
        // bytes are the ones that it wrote.
        #[allow(unsafe_code)]
        unsafe { Component::deserialize(engine, compiled) }.ok()
    }

    /// Keeps a compiled component.
    pub(crate) fn store(&self, digest: Digest, component: &Component) -> Option<()> {
        let compiled = component.serialize().ok()?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).ok()?;
        file.write_all(Digest::of(&compiled).bytes()).ok()?;
        file.write_all(&compiled).ok()?;
        file.persist(self.file(digest)).ok()?;
        Some(())
    }
}

/// Takes the folder for this user alone. Fails where it belongs to another.
#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// A user's cache folder is the user's own here.
#[cfg(not(unix))]
fn make_private(_: &Path) -> std::io::Result<()> {
    Ok(())
}
