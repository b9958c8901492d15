//! Appends sections to a plugin that behaves. A component is a list of sections, and more may follow.

use rescue_tests::fixture;

const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;
const CORE_INSTANCE: u8 = 2;

/// The bytes with which every component begins.
pub const HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// The plugin with a core module added, of which it makes this number of instances when it is instantiated itself.
pub fn module(module: &[u8], instances: u32) -> Vec<u8> {
    let mut plugin = std::fs::read(fixture("plain")).unwrap();
    let index = sections(&plugin).into_iter().filter(|id| *id == CORE_MODULE).count();
    section(&mut plugin, CORE_MODULE, module);
    let mut made = leb(instances);
    for _ in 0..instances {
        // Instantiates this module with no arguments.
        made.extend([&[0], leb(u32::try_from(index).unwrap()).as_slice(), &[0]].concat());
    }
    section(&mut plugin, CORE_INSTANCE, &made);
    plugin
}

/// The plugin with a custom section added.
pub fn custom(name: &str, data: &[u8]) -> Vec<u8> {
    let mut plugin = std::fs::read(fixture("plain")).unwrap();
    section(&mut plugin, CUSTOM, &[leb(u32::try_from(name.len()).unwrap()).as_slice(), name.as_bytes(), data].concat());
    plugin
}

/// Appends a section.
pub fn section(wasm: &mut Vec<u8>, id: u8, data: &[u8]) {
    wasm.push(id);
    wasm.extend(leb(u32::try_from(data.len()).unwrap()));
    wasm.extend_from_slice(data);
}

/// The ids of a component's own sections, in order.
fn sections(component: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut rest = &component[HEADER.len()..];
    while let Some((&id, tail)) = rest.split_first() {
        let digits = tail.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let length = tail[..digits].iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
        found.push(id);
        rest = &tail[digits + length..];
    }
    found
}

/// A number in LEB128, as in WebAssembly.
fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
