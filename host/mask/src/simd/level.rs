//! Detects the instruction sets of the processor.

use std::cell::Cell;

/// An instruction set. A value exists only if the processor has the instruction set; [`levels`] lists the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub(super) Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The instruction set that the crate was compiled for.
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The name of the level, for people.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Plain => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "AVX-512",
        }
    }
}

thread_local! {
    /// The level that [`at`] set, or `None` for the best level.
    static OVERRIDE: Cell<Option<Level>> = const { Cell::new(None) };
}

/// The levels that this processor has, from the slowest to the fastest.
pub fn levels() -> Vec<Level> {
    let mut levels = vec![Level(Kind::Plain)];
    #[cfg(target_arch = "x86_64")]
    {
        levels.extend(has_avx2().then_some(Level(Kind::Avx2)));
        levels.extend((has_avx2() && has_avx512()).then_some(Level(Kind::Avx512)));
    }
    levels
}

/// Runs `work` with the instructions of this level, as far as it runs on this thread. Tests and benchmarks use this to
/// compare the levels.
pub fn at<T>(level: Level, work: impl FnOnce() -> T) -> T {
    /// Restores the previous level, even if `work` panics.
    struct Restore(Option<Level>);
    impl Drop for Restore {
        fn drop(&mut self) {
            OVERRIDE.set(self.0);
        }
    }
    let _restore = Restore(OVERRIDE.replace(Some(level)));
    work()
}

/// The level to compute with: the best level, unless [`at`] set another.
pub(super) fn level() -> Level {
    OVERRIDE.get().unwrap_or_else(best)
}

#[cfg(target_arch = "x86_64")]
fn best() -> Level {
    // The standard library caches what it detected, so this costs only a few loads.
    match (has_avx2(), has_avx512()) {
        (true, true) => Level(Kind::Avx512),
        (true, false) => Level(Kind::Avx2),
        (false, _) => Level(Kind::Plain),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn best() -> Level {
    Level(Kind::Plain)
}

/// Returns whether the processor has all features in the `target_feature` of the AVX2 kernels.
#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
}

/// Returns whether the processor has the features that the AVX-512 kernels need beyond those of AVX2.
#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vpopcntdq")
}
