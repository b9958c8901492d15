//! Hostile plugins that the test generates, because they are broken or too large to be written down.

use rescue_tests::fixture;

use super::plugins::HostilePlugin;
use super::sections;

/// All generated plugins.
pub fn all() -> Vec<HostilePlugin> {
    broken().into_iter().chain(large()).collect()
}

/// Files that are no components, and components that are broken.
fn broken() -> Vec<HostilePlugin> {
    let plain = std::fs::read(fixture("plain")).unwrap();
    let half = plain[..plain.len() / 2].to_vec();
    let mut flipped = plain;
    flipped[8..72].fill(0xff);
    vec![
        hostile("empty", "An empty file.", Vec::new()),
        hostile("text", "A file of text.", b"(component)".to_vec()),
        hostile(
            "core-module",
            "A core module, as Rust builds for wasm32-unknown-unknown.",
            b"\0asm\x01\0\0\0".to_vec(),
        ),
        hostile("future", "A file in a later format.", b"\0asm\x0e\0\x01\0".to_vec()),
        hostile("nothing", "A component that exports nothing.", sections::HEADER.to_vec()),
        hostile("truncated", "Half of a plugin.", half),
        hostile("overwritten", "A plugin whose first section is overwritten.", flipped),
        hostile(
            "border-section",
            "Has a second section `rescue:border`, whose content is not a version.",
            sections::custom("rescue:border", b"\x1b[31m"),
        ),
        hostile("nested", "Components nested 10,000 deep.", nested(10_000)),
    ]
}

/// Plugins that take long to compile, or whose instances take much memory.
fn large() -> Vec<HostilePlugin> {
    let body = |code: &str| format!("(module (func {code}))");
    vec![
        module("functions", "Has 100,001 functions.", format!("(module {})", "(func)".repeat(100_001))),
        module("function", "Has a function of 1.2 MB.", body(&"i32.const 0 drop ".repeat(400_000))),
        module("locals", "Has a function with 50,000 locals.", body(&format!("(local {})", "i64 ".repeat(50_000)))),
        module("blocks", "Has 10,000 nested blocks.", body(&["block ".repeat(10_000), "end ".repeat(10_000)].concat())),
        module(
            "branches",
            "Has a branch table of 65,000 targets.",
            body(&format!("(br_table {}(i32.const 0))", "0 ".repeat(65_000))),
        ),
        module(
            "types",
            "Has 100,000 types.",
            format!("(module {})", "(type (func (param i64 i64 f64)))".repeat(100_000)),
        ),
        module(
            "data",
            "Has 99,999 data segments.",
            format!("(module (memory 1) {})", r#"(data (i32.const 0) "a")"#.repeat(99_999)),
        ),
        hostile(
            "instances",
            "Makes 100 instances of a module.",
            sections::module(&wat::parse_str("(module)").unwrap(), 100),
        ),
    ]
}

fn module(name: &str, about: &str, text: String) -> HostilePlugin {
    hostile(name, about, sections::module(&wat::parse_str(text).unwrap(), 1))
}

fn hostile(name: &str, about: &str, wasm: Vec<u8>) -> HostilePlugin {
    HostilePlugin { name: name.into(), about: about.into(), source: "made by the test".into(), wasm }
}

fn nested(depth: usize) -> Vec<u8> {
    const COMPONENT: u8 = 4;
    (0..depth).fold(sections::HEADER.to_vec(), |inner, _| {
        let mut outer = sections::HEADER.to_vec();
        sections::section(&mut outer, COMPONENT, &inner);
        outer
    })
}
