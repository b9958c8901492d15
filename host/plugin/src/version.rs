//! The version of the border that a plugin was built for. The SDK writes it into a custom section, so that the host can read it
//! before it compiles anything, and can explain a mismatch.

/// The version of the border that this host speaks.
pub const SPOKEN: &str = "0.1.0";

/// The name of the custom section that the SDK writes.
pub(crate) const SECTION: &str = "rescue:border";

/// Reads the version from the custom section. Keeps at most 16 characters, and no control characters.
pub(crate) fn read(section: &[u8]) -> String {
    section.iter().take(16).map(|byte| char::from(*byte)).filter(|c| !c.is_control()).collect()
}

/// Whether a plugin built for version `built` runs on this host: MAJOR.MINOR must be equal, and PATCH must not be greater.
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
    fn only_the_spoken_version_and_older_patches_fit() {
        assert!(fits("0.1.0"));
        for other in ["0.1.1", "0.2.0", "1.0.0", "0.1", "0.1.0.0", "", "x"] {
            assert!(!fits(other), "{other}");
        }
    }
}
