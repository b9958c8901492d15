//! Progress of a search, for those who wait for it.

use rescue_service::Feature;

use crate::services::ServiceName;

/// A step of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// This many more questions are asked of models, without guesses.
    Asking(usize),
    /// This many more of them have an outcome.
    Answered(usize),
    /// This many more hypotheses are to become candidates.
    Segmenting(usize),
    /// This many more have become candidates, or were lost.
    Segmented(usize),
    /// The tournament wants this many more matches.
    Matches(usize),
    /// A match ended.
    Played,
    /// The server of a service asks to wait this many seconds before it is sent anything again.
    Waiting(ServiceName, u64),
    /// A replica of a service, of this number from 1, has stopped working: it is sent nothing for a while, and then tried again.
    Resting(ServiceName, usize),
    /// The servers of a service refuse an optional part of its requests, in these words. The sample begins anew without it.
    LeftOut(ServiceName, Feature, &'a str),
}
