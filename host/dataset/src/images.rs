//! Where the photos of a data set are: their names stand in its files, and their folder differs from copy to copy.

use std::path::{Path, PathBuf};

use crate::dataset::Source;
use crate::item::ImageSource;

/// Folders below that of the data set, and below those above it, in which photos are looked for: as the reference code of RefCOCO, RefCLEF,
/// LISA and PixelLM has them.
const USUAL: [&str; 11] = [
    "",
    "images",
    "train2014",
    "train2017",
    "val2017",
    "images/train2014",
    "images/mscoco/images/train2014",
    "images/mscoco/images/train2017",
    "images/mscoco/images/val2017",
    "images/saiapr_tc-12",
    "refer_seg/images/mscoco/images/train2014",
];

/// The folders that may have photos.
pub(crate) struct Images {
    folders: Vec<PathBuf>,
}

impl Images {
    /// The folder that was named, or else the usual ones that exist.
    pub(crate) fn of(source: &Source) -> Self {
        let folders = match &source.images {
            Some(folder) => vec![folder.clone()],
            None => {
                let own = if source.path.is_dir() { source.path.as_path() } else { parent(&source.path) };
                let above = [own, parent(own), parent(parent(own))];
                let all = above.iter().flat_map(|folder| USUAL.iter().map(move |usual| folder.join(usual)));
                all.filter(|folder| folder.is_dir()).collect()
            }
        };
        Self { folders }
    }

    /// The photo of this name in the first folder that has it. If none has, it is where it was looked for first, and missing there.
    pub(crate) fn find(&self, name: &str) -> ImageSource {
        let mut places = self.folders.iter().map(|folder| folder.join(name));
        let found = places.clone().find(|file| file.is_file()).or_else(|| places.next());
        ImageSource::File(found.unwrap_or_else(|| PathBuf::from(name)))
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
