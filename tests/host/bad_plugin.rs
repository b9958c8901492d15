//! Files that are not plugins, and plugins of the wrong kind. All are refused before any network is loaded.

use rescue_plugin::{Cause, Kind};
use rescue_tests::{Run, fixture, pictures, plugin};

#[track_caller]
fn refused(plugin: &str, words: &[&str]) {
    Run::new(["--plugin", plugin, "--n", "1"]).go().refused(5, words);
}

#[track_caller]
fn refused_bytes(bytes: &[u8], words: &[&str]) {
    let (_folder, file) = pictures::file("mine.wasm", bytes);
    let words: Vec<&str> = ["mine.wasm (sha256 "].iter().chain(words).copied().collect();
    refused(&file.display().to_string(), &words);
}

#[test]
fn missing() {
    refused("nope", &["there is no plugin \"nope\"", "plugins/dist/nope.wasm", "`cargo xtask plugins`", "plugin list"]);
    refused("nowhere/nope.wasm", &["there is no plugin \"nowhere/nope.wasm\""]);
}

#[test]
fn empty() {
    refused_bytes(b"", &["it is not a WebAssembly component: the file is empty"]);
}

#[test]
fn text() {
    refused_bytes(b"(component)", &["it is not a WebAssembly component: it does not begin as WebAssembly does"]);
}

#[test]
fn a_core_module() {
    refused_bytes(b"\0asm\x01\0\0\0", &["it is a core module", "wasm32-wasip2", "wasm-tools component new"]);
}

/// A component of more than a megabyte is said to be compiled, unless its names refuse it before.
#[test]
fn a_large_component_is_said_to_be_compiled() {
    // Another one in each run: compiled code is kept.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let data = format!("{now}{}", "\\00".repeat(1 << 20));
    let component = |names: &str| {
        let text =
            format!("(component (core module (memory 17) (data (i32.const 0) \"{data}\")) (instance $i) {names})");
        wat::parse_str(text).unwrap()
    };
    let export = |name: &str| format!("(export \"rescue:plugin/{name}\" (instance $i))");
    let both = export("planner@0.1.0") + &export("manifest@0.1.0");
    for (names, said) in [(both, true), (export("planner@0.1.0"), false), (export("planner@7.0.0"), false)] {
        let (_folder, file) = pictures::file("large.wasm", &component(&names));
        let ran = Run::plain(["plugin", "check"]).more([&file]).go();
        let line = format!("compiling {} (1 MB), once; kept in the cache\n", file.display());
        assert_eq!((ran.code, ran.stderr.contains(&line)), (Some(5), said), "{}", ran.stderr);
    }
}

#[test]
fn a_format_of_the_future() {
    refused_bytes(b"\0asm\x0e\0\x01\0", &["its format has a version that is not known here"]);
}

#[test]
fn truncated() {
    let whole = std::fs::read(plugin("pyramid")).unwrap();
    for part in [9, whole.len() / 3, whole.len() - 1] {
        refused_bytes(&whole[..part], &["it is not valid"]);
    }
}

#[test]
fn a_component_of_no_kind() {
    refused_bytes(b"\0asm\x0d\0\x01\0", &["it does not export any of the interfaces rescue:plugin/planner, scorer"]);
}

#[test]
fn two_plugins_of_one_kind() {
    let upset = fixture("upset").display().to_string();
    let arguments = ["--plugin", "pyramid", "--plugin", &upset, "--n", "1"];
    Run::new(arguments).go().refused(5, &["pyramid and upset are both given as the tournament: give one"]);
}

#[test]
fn a_plugin_of_another_kind() {
    let geometry = rescue_tests::runtime().load(&plugin("geometry")).unwrap();
    let error = geometry.offer(Kind::Tournament).unwrap_err();
    assert!(matches!(error.cause, Cause::WrongKind { wanted: Kind::Tournament, .. }));
    let text = error.to_string();
    assert!(text.contains("geometry") && text.contains("it is no tournament; it is a scorer"), "{text}");
}

#[test]
fn inspect_refuses_the_same_files() {
    let ran = Run::plain(["plugin", "inspect", "nope"]).go();
    ran.refused(5, &["there is no plugin \"nope\""]);
    let (_folder, file) = pictures::file("mine.wasm", b"\0asm\x01\0\0\0");
    Run::plain(["plugin", "inspect", &file.display().to_string()]).go().refused(5, &["it is a core module"]);
}
