//! Reads files that a data set names: they may be anything.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::error::DatasetError;

/// The longest photo or mask, in bytes.
pub(crate) const PICTURE: u64 = 256 << 20;
/// The longest list, in bytes. RefCOCO's `instances.json` has 110 MB.
pub(crate) const LIST: u64 = 2 << 30;

/// The bytes of a file, at most `most`. Pipes and devices are none: they may never end.
pub(crate) fn read(file: &Path, most: u64) -> Result<Vec<u8>, DatasetError> {
    let failed = |error| DatasetError::io(file, &error);
    if !std::fs::metadata(file).map_err(failed)?.is_file() {
        return Err(DatasetError::new(file, "", "it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(file).map_err(failed)?.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(DatasetError::new(file, "", format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}
