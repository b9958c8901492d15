//! The package for Python, and the projects that `plugin new` makes.

use std::path::Path;
use std::process::Command;

use rescue_tests::{Run, host, python, root};

/// Runs pytest in a folder.
fn pytest(folder: &Path) {
    let mut command = Command::new(python::python());
    command
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_package_passes_its_tests() {
    pytest(&root().join("plugins/python"));
}

/// What `componentize-py` makes of `wit/0.1.0` stands in the package, so that plugins can be tested without WebAssembly.
#[test]
fn the_border_of_the_package_is_that_of_the_wit() {
    let made = tempfile::tempdir().unwrap();
    let mut command = Command::new(python::python());
    command.args([
        "-c",
        "import sys, componentize_py; sys.exit(componentize_py.script())",
        "-d",
        "wit/0.1.0",
        "-w",
        "all-kinds",
    ]);
    let output = command.arg("bindings").arg(made.path().join("made")).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let own = root().join("plugins/python/src/rescue_plugin/_border");
    for file in [
        "componentize_py_types.py",
        "wit_world/imports/types.py",
        "wit_world/imports/chat.py",
        "wit_world/imports/sample.py",
        "wit_world/imports/log.py",
        "wit_world/exports/manifest.py",
        "wit_world/exports/planner.py",
        "wit_world/exports/scorer.py",
        "wit_world/exports/verifier.py",
        "wit_world/exports/tournament.py",
    ] {
        let [new, old] =
            [made.path().join("made"), own.clone()].map(|folder| std::fs::read_to_string(folder.join(file)).unwrap());
        assert!(new == old, "{file} is not that of wit/0.1.0: plugins/python/README.md says how it is made");
    }
}

/// Projects of every kind pass their own tests as they are made, before anything is built.
#[test]
fn projects_of_every_kind_begin_green() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["planner", "scorer", "verifier", "tournament"] {
        let project = folder.path().join(format!("my-{kind}")).display().to_string();
        let made = Run::plain(["plugin", "new", &project, "--kind", kind]).go();
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        assert_eq!(made.stdout.lines().count(), 4, "{}", made.stdout);
        let mut test = Command::new(host());
        let output =
            test.args(["plugin", "test", &project]).env("VIRTUAL_ENV", python::environment()).output().unwrap();
        assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stdout));
        Run::plain(["plugin", "new", &project, "--kind", kind]).go().refused(5, &["something already"]);
        std::fs::write(Path::new(&project).join("test_more.py"), "def test_it():\n    assert 1 == 2\n").unwrap();
        assert_eq!(test.output().unwrap().status.code(), Some(5), "{kind}: a test that fails is told");
    }
}

/// What is wrong with sources is said in a moment, with the author's own lines and without a component.
#[test]
fn what_is_wrong_with_sources_is_said_before_they_are_built() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.py");
    let said = |source: &str| {
        std::fs::write(&file, source).unwrap();
        let mut build = Command::new(host());
        let output =
            build.args(["plugin", "build"]).arg(&file).env("VIRTUAL_ENV", python::environment()).output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{source}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let head = "from rescue_plugin import tournament\n\n@tournament\n";
    for (source, words) in [
        (
            "import nothing_of_this_name\n".to_owned(),
            &["mine.py\", line 1", "No module named 'nothing_of_this_name'"][..],
        ),
        (
            format!("{head}def mine(fields, play): ...\n"),
            &["mine asks for 'fields', which a tournament is not given", "field, play"],
        ),
        (format!("{head}def mine(field, settings): ...\n"), &["annotate them"]),
        ("def mine(field): ...\n".to_owned(), &["no function that is marked"]),
        ("def mine(field) ...\n".to_owned(), &["mine.py\", line 1", "SyntaxError"]),
    ] {
        let told = said(&source);
        assert!(words.iter().all(|word| told.contains(word)), "{source}\n{told}");
    }
    assert!(!folder.path().join("mine.wasm").exists());
    let empty = tempfile::tempdir().unwrap();
    let place = empty.path().display().to_string();
    Run::plain(["plugin", "build", &place]).go().refused(5, &["neither a Cargo.toml nor a module", "plugin new"]);
    let taken = empty.path().join("verifier.py");
    std::fs::write(&taken, "").unwrap();
    Run::plain(["plugin", "build", &taken.display().to_string()]).go().refused(5, &["is a name of the border"]);
    std::fs::rename(&taken, empty.path().join("a.py")).unwrap();
    std::fs::write(empty.path().join("b.py"), "").unwrap();
    Run::plain(["plugin", "build", &place]).go().refused(5, &["a.py, b.py", "name the plugin's file"]);
}
