//! Whether a component is that of the sources as they are now. Times of files say nothing after a checkout or a copy, so the sources are
//! hashed.

use std::path::{Path, PathBuf};

use include_dir::Dir;
use rescue_core::Digest;

use crate::error::ProjectError;
use crate::files;

/// How deep packages may lie in each other.
const DEEPEST: usize = 16;

/// A digest over the modules beside a plugin's and the packages there, over the tool that builds them, and over what the program brings
/// along.
pub(crate) fn digest(folder: &Path, tool: &str) -> Result<String, ProjectError> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found);
    found.sort();
    let mut text = tool.to_owned();
    for dir in [&files::PYTHON, &files::BORDER] {
        text += &brought(dir);
    }
    for file in found {
        let bytes = std::fs::read(&file).map_err(ProjectError::file(&file))?;
        let name = file.strip_prefix(folder).unwrap_or(&file);
        text += &format!("{}\n{}\n", name.display(), Digest::of(&bytes));
    }
    Ok(Digest::of(text.as_bytes()).to_string())
}

/// The digests of what the program brings along.
fn brought(dir: &Dir) -> String {
    let files = files::sources(dir).map(|file| Digest::of(file.contents()).to_string());
    files.chain(dir.dirs().map(brought)).collect()
}

/// The modules in a folder and in the packages below it. What cannot be read cannot be imported either.
fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() && path.join("__init__.py").is_file() && depth < DEEPEST {
            collect(&path, depth + 1, found);
        } else if path.extension().is_some_and(|ending| ending == "py") && path.is_file() {
            found.push(path);
        }
    }
}

/// The file beside a component that says of which sources it is.
fn file(component: &Path) -> PathBuf {
    component.with_extension("wasm.sources")
}

pub(crate) fn mark(component: &Path, sources: &str) -> Result<(), ProjectError> {
    let bytes = std::fs::read(component).map_err(ProjectError::file(component))?;
    files::put(&file(component), format!("{sources} {}\n", Digest::of(&bytes)).as_bytes())
}

pub(crate) fn is_current(component: &Path, sources: &str) -> bool {
    let marked = std::fs::read_to_string(file(component)).unwrap_or_default();
    let built = std::fs::read(component).map(|bytes| Digest::of(&bytes).to_string());
    built.is_ok_and(|built| marked.split_whitespace().eq([sources, built.as_str()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_and_packages_count_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let put = |name: &str, text: &str| {
            std::fs::create_dir_all(place.join(name).parent().unwrap()).unwrap();
            std::fs::write(place.join(name), text).unwrap();
        };
        put("king.py", "1");
        put("parts/__init__.py", "");
        let of = || digest(place, "tool").unwrap();
        let first = of();
        for other in ["out/result.json", "notes.txt", "data/big.py", "king.wasm"] {
            put(other, "x");
            assert_eq!(of(), first, "{other}");
        }
        for (source, text) in
            [("king.py", "2"), ("other.py", "1"), ("parts/more.py", "1"), ("parts/deep/__init__.py", "")]
        {
            let before = of();
            put(source, text);
            assert_ne!(of(), before, "{source}");
        }
        assert_ne!(digest(place, "another tool").unwrap(), of());
        put("king.wasm", "component");
        mark(&place.join("king.wasm"), "sources").unwrap();
        assert!(is_current(&place.join("king.wasm"), "sources") && !is_current(&place.join("king.wasm"), "others"));
        put("king.wasm", "another one");
        assert!(!is_current(&place.join("king.wasm"), "sources"));
    }
}
