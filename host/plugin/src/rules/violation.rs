//! The one vocabulary of broken rules.

/// A rule of the border that a plugin broke.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Nothing under way, nothing owed, nothing planned, and not done.
    #[error("stalled: the step is empty, nothing is under way, no fact is owed, and it is not done")]
    Stalled,
    /// More entries in one step than `brief.room`.
    #[error("a step has {entries} entries; brief.room allows {room}")]
    Room {
        /// Entries in the step.
        entries: usize,
        /// What is allowed.
        room: u32,
    },
    /// More entries in a session than any session needs.
    #[error("the session's steps have more than {0} entries together: it plans without end")]
    Endless(usize),
    /// More handed over in a session than the host keeps.
    #[error("the session's steps hold more than {0} bytes together: hand over less, or masks of fewer runs")]
    Bytes(usize),
    /// More questions in a session than any session needs.
    #[error("the session asks for more than {0} answers: it asks without end")]
    Questions(usize),
    /// A string is too long.
    #[error("{what} has {bytes} bytes; at most {limit} are taken")]
    Long {
        /// Which string.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A number is not finite, or not in its range.
    #[error("{what} is {value}; it must be {range}")]
    Number {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// A request's id was used before.
    #[error("request id {0} is used twice")]
    RequestTwice(u32),
    /// A request wants too many or no answers.
    #[error("request {id} wants {samples} answers; 1 to {limit} can be had")]
    Samples {
        /// The request.
        id: u32,
        /// Answers wanted.
        samples: u32,
        /// The limit.
        limit: u32,
    },
    /// A request's repeats do not fit into 32 bits.
    #[error("request {0}: repeat + samples is beyond the largest repeat, 4294967295")]
    Repeats(u32),
    /// A question that says nothing.
    #[error("request {0} has no message, or a message without parts")]
    EmptyQuestion(u32),
    /// A choice between nothing.
    #[error("request {0} is to be answered with a choice, and offers none")]
    NoChoice(u32),
    /// Something was cancelled that was never asked for.
    #[error("it cancels {0}, which it never asked for")]
    UnknownCancel(u32),
    /// A hypothesis' index is not below the count.
    #[error("hypothesis {id} is proposed; ids are below brief.count, {count}")]
    HypothesisRange {
        /// The index.
        id: u32,
        /// The count.
        count: u32,
    },
    /// A hypothesis' index was used before.
    #[error("hypothesis {0} is proposed twice")]
    HypothesisTwice(u32),
    /// A hypothesis without regions.
    #[error("hypothesis {0} has no region")]
    NoRegion(u32),
    /// More regions in a hypothesis than any thing needs.
    #[error("hypothesis {id} has {regions} regions; at most {limit} are taken")]
    Regions {
        /// The hypothesis.
        id: u32,
        /// How many.
        regions: usize,
        /// The limit.
        limit: usize,
    },
    /// More regions in a session than the executor should be asked for.
    #[error("the session's hypotheses have more than {0} regions together")]
    RegionsInAll(usize),
    /// More points in a prompt than the executor takes.
    #[error("hypothesis {id} has a prompt of {points} points; at most {limit} are taken")]
    Points {
        /// The hypothesis.
        id: u32,
        /// How many.
        points: usize,
        /// The limit.
        limit: usize,
    },
    /// A prompt that asks for nothing.
    #[error("hypothesis {0} has a prompt without concept, rect or points")]
    EmptyPrompt(u32),
    /// A mask that is not one.
    #[error("hypothesis {id} has a mask that is not the image's: {why}")]
    Mask {
        /// The hypothesis.
        id: u32,
        /// What is wrong with it.
        why: String,
    },
    /// A candidate that the session was not told of.
    #[error("{what} names candidate {id}, which the session was not told of")]
    UnknownCandidate {
        /// Where.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// A candidate that should be there once.
    #[error("{what} names candidate {id} twice")]
    CandidateTwice {
        /// Where.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// A candidate that should be there.
    #[error("{what} leaves out candidate {id}")]
    CandidateMissing {
        /// Where.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// Scores before all candidates are known.
    #[error("scores are given before `closed`")]
    ScoresEarly,
    /// A match's id was used before.
    #[error("match id {0} is used twice")]
    MatchTwice(u32),
    /// The same contestants in the same order with the same repeat.
    #[error("match {0} is the same as an earlier one: same contestants, same order, same repeat")]
    MatchRepeated(u32),
    /// Not as many contestants as the verifier takes.
    #[error("match {id} has {contestants} contestants; the verifier takes {smallest} to {largest}")]
    Contestants {
        /// The match.
        id: u32,
        /// How many.
        contestants: usize,
        /// Fewest.
        smallest: u32,
        /// Most.
        largest: u32,
    },
    /// More guesses than `terms.spare`.
    #[error("a step has {guesses} guesses in `prefetch`; terms.spare allows {spare}")]
    Spare {
        /// Guesses in the step.
        guesses: usize,
        /// What is allowed.
        spare: u32,
    },
    /// Not one share a contestant.
    #[error("the verdict has {shares} shares for {contestants} contestants")]
    Shares {
        /// Shares.
        shares: usize,
        /// Contestants.
        contestants: usize,
    },
    /// Shares that sum to more than one.
    #[error("the verdict's shares sum to {0}, more than 1")]
    ShareSum(f64),
    /// An order that is not a permutation.
    #[error("the verdict's order is not a permutation of the contestants' positions")]
    Order,
    /// A ranking whose scores rise.
    #[error("the ranking's score rises at candidate {0}")]
    Rising(u32),
    /// An answer without masks.
    #[error("the ranking's answer is an empty list")]
    EmptyAnswer,
}
