//! The instruction sets of the processor.

use std::cell::Cell;

/// An instruction set. Values exist only for those that the processor has: [`levels`] lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub(super) Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The instructions that the crate was compiled for.
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The level's name, for people.
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
    /// The level that [`at`] asked for; `None` for the best one.
    static ASKED: Cell<Option<Level>> = const { Cell::new(None) };
}

/// The levels that this processor has, from the plainest to the best.
pub fn levels() -> Vec<Level> {
    let mut levels = vec![Level(Kind::Plain)];
    #[cfg(target_arch = "x86_64")]
    {
        levels.extend(has_avx2().then_some(Level(Kind::Avx2)));
        levels.extend((has_avx2() && has_avx512()).then_some(Level(Kind::Avx512)));
    }
    levels
}

/// Runs `work` with the instructions of this level, for as long as it stays on this thread: tests compare the levels, benchmarks
/// print them beside each other.
pub fn at<T>(level: Level, work: impl FnOnce() -> T) -> T {
    /// Puts back what was asked for before, also when `work` panics.
    struct Back(Option<Level>);
    impl Drop for Back {
        fn drop(&mut self) {
            ASKED.set(self.0);
        }
    }
    let _back = Back(ASKED.replace(Some(level)));
    work()
}

/// The level to compute with: the best one, unless [`at`] asked for another.
pub(super) fn level() -> Level {
    ASKED.get().unwrap_or_else(best)
}

#[cfg(target_arch = "x86_64")]
fn best() -> Level {
    // What is detected is kept by the standard library: this costs some loads.
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

/// All that the kernels' `target_feature` of this level names.
#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
}

/// What the kernels' `target_feature` of this level names more.
#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vpopcntdq")
}
