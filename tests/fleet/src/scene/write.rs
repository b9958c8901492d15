//! Writes scenes to files, so that people can try them.

use std::io;
use std::path::{Path, PathBuf};

use rescue_mask::png;
use serde::Serialize;

use super::Scene;
use crate::error::FleetError;

/// One line of `samples.jsonl`. Paths are relative to its folder.
#[derive(Serialize)]
struct Line<'a> {
    image: String,
    query: &'a str,
    mask: String,
}

impl Scene {
    /// Writes scenes to a directory, which is created: `NNNN.jpg`, `NNNN.png` (the ground-truth mask, 255 inside) and
    /// `samples.jsonl`, with a line `{"image", "query", "mask"}` for each scene, whose paths are relative to the
    /// directory. Returns the photos' paths.
    ///
    /// # Errors
    ///
    /// Returns [`FleetError::Io`] if something cannot be written.
    pub fn write_all(scenes: &[Self], directory: &Path) -> Result<Vec<PathBuf>, FleetError> {
        let failed = |path: &Path, cause| FleetError::Io { what: format!("cannot write {}", path.display()), cause };
        let write = |name: &str, bytes: &[u8]| {
            let path = directory.join(name);
            std::fs::write(&path, bytes).map_err(|cause| failed(&path, cause))?;
            Ok(path)
        };
        std::fs::create_dir_all(directory).map_err(|cause| failed(directory, cause))?;
        let (mut paths, mut lines) = (Vec::new(), Vec::new());
        for (index, scene) in scenes.iter().enumerate() {
            let line = Line { image: format!("{index:04}.jpg"), query: &scene.query, mask: format!("{index:04}.png") };
            let mask =
                png::write_mask(&scene.target().mask).map_err(|error| failed(directory, io::Error::other(error)))?;
            paths.push(write(&line.image, &scene.photo)?);
            write(&line.mask, &mask)?;
            serde_json::to_writer(&mut lines, &line).map_err(|error| failed(directory, io::Error::other(error)))?;
            lines.push(b'\n');
        }
        write("samples.jsonl", &lines)?;
        Ok(paths)
    }
}
