//! Which version of the border a plugin was built for. The SDK writes it into a custom section, so that it can be read before
//! anything is compiled, and a mismatch can be told in plain words.

/// The version of the border that this host speaks.
pub const SPOKEN: &str = "0.1.0";

/// The custom section of the SDK.
pub(crate) const SECTION: &str = "rescue:border";

/// What the custom section says.
pub(crate) fn read(section: &[u8]) -> String {
    section.iter().take(16).map(|byte| char::from(*byte)).filter(|c| !c.is_control()).collect()
}

/// Whether a plugin built for `built` runs on this host: the same 0.MINOR, and no later PATCH.
pub(crate) fn fits(built: &str) -> bool {
    fn parse(version: &str) -> Option<[u32; 3]> {
        let mut parts = version.split('.').map(|part| part.parse().ok());
        let version = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(version)
    }
    match (parse(built), parse(SPOKEN)) {
        (Some([major, minor, patch]), Some(spoken)) => [major, minor] == [spoken[0], spoken[1]] && patch <= spoken[2],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_patches_fit() {
        assert!(fits("0.1.0"));
        for other in ["0.1.1", "0.2.0", "1.0.0", "0.1", "0.1.0.0", "", "x"] {
            assert!(!fits(other), "{other}");
        }
    }
}
