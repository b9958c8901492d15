//! Animals that are too large to be written down, or broken.

use rescue_tests::fixture;

use super::animals::Animal;
use super::graft;

/// All of them.
pub fn all() -> Vec<Animal> {
    broken().into_iter().chain(large()).collect()
}

/// What is no component, and what is none any more.
fn broken() -> Vec<Animal> {
    let plain = std::fs::read(fixture("plain")).unwrap();
    let half = plain[..plain.len() / 2].to_vec();
    let mut flipped = plain;
    flipped[8..72].fill(0xff);
    vec![
        animal("empty", "An empty file.", Vec::new()),
        animal("text", "A file of text.", b"(component)".to_vec()),
        animal("core-module", "A core module, as Rust builds for wasm32-unknown-unknown.", b"\0asm\x01\0\0\0".to_vec()),
        animal("future", "A file in a later format.", b"\0asm\x0e\0\x01\0".to_vec()),
        animal("nothing", "A component that exports nothing.", graft::HEADER.to_vec()),
        animal("truncated", "Half of a plugin.", half),
        animal("overwritten", "A plugin whose first section is overwritten.", flipped),
        animal(
            "border-section",
            "Has a second section that names a version, which is none.",
            graft::custom("rescue:border", b"\x1b[31m"),
        ),
        animal("nested", "A component in a component, 10,000 deep.", nested(10_000)),
    ]
}

/// What takes a compiler long, and what takes an instance much.
fn large() -> Vec<Animal> {
    let body = |code: &str| format!("(module (func {code}))");
    vec![
        module("functions", "Has 100,001 functions.", format!("(module {})", "(func)".repeat(100_001))),
        module("function", "Has a function of 1.2 MB.", body(&"i32.const 0 drop ".repeat(400_000))),
        module("locals", "Has a function with 50,000 locals.", body(&format!("(local {})", "i64 ".repeat(50_000)))),
        module(
            "blocks",
            "Has 10,000 blocks in each other.",
            body(&["block ".repeat(10_000), "end ".repeat(10_000)].concat()),
        ),
        module(
            "branches",
            "Has a branch to 65,000 places.",
            body(&format!("(br_table {}(i32.const 0))", "0 ".repeat(65_000))),
        ),
        module(
            "types",
            "Has 100,000 types.",
            format!("(module {})", "(type (func (param i64 i64 f64)))".repeat(100_000)),
        ),
        module(
            "data",
            "Has 99,999 pieces of data.",
            format!("(module (memory 1) {})", r#"(data (i32.const 0) "a")"#.repeat(99_999)),
        ),
        animal(
            "instances",
            "Makes 100 instances of a module.",
            graft::module(&wat::parse_str("(module)").unwrap(), 100),
        ),
    ]
}

fn module(name: &str, about: &str, text: String) -> Animal {
    animal(name, about, graft::module(&wat::parse_str(text).unwrap(), 1))
}

fn animal(name: &str, about: &str, wasm: Vec<u8>) -> Animal {
    Animal { name: name.into(), about: about.into(), source: "made by the test".into(), wasm }
}

fn nested(depth: usize) -> Vec<u8> {
    const COMPONENT: u8 = 4;
    (0..depth).fold(graft::HEADER.to_vec(), |inner, _| {
        let mut outer = graft::HEADER.to_vec();
        graft::section(&mut outer, COMPONENT, &inner);
        outer
    })
}
