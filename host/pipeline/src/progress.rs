//! How far a run is, for those who wait for it.

/// Something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The planner is at work.
    Planning,
    /// So many questions more are asked of models.
    Asking(usize),
    /// So many of them were answered.
    Answered(usize),
    /// The executor was given this many prompts.
    Segmenting(usize),
    /// It answered this many more.
    Segmented(usize),
    /// The scorer is at work on this many candidates.
    Scoring(usize),
    /// The tournament wants this many matches more.
    Matches(usize),
    /// A match was played.
    Played,
}
