//! The standard plugins of rescue-host, inside the program: with them it works from any folder.
//!
//! The build script takes what is in `plugins/dist`. If nothing is there, as in a checkout where `cargo xtask plugins` never ran, the
//! program contains no plugins, and the build warns of it.

/// Each plugin's name with its component, in the order of names.
pub const PLUGINS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

/// The component of this name. `None` if the program contains no such plugin.
pub fn plugin(name: &str) -> Option<&'static [u8]> {
    PLUGINS.iter().find(|(known, _)| *known == name).map(|(_, wasm)| *wasm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_found_by_name() {
        for (name, wasm) in PLUGINS {
            assert!(wasm.starts_with(b"\0asm"), "{name} is no WebAssembly");
            assert_eq!(plugin(name), Some(*wasm));
        }
        assert_eq!(plugin("no such plugin"), None);
    }
}
