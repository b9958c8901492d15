//! The rules that a plugin can break.

/// A rule of the border that a plugin broke.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A step is empty and does not end the session, while nothing is under way and no fact is owed.
    #[error("stalled: the step is empty, nothing is under way, no fact is owed, and it is not done")]
    Stalled,
    /// A step has more entries than `brief.room`.
    #[error("a step has {entries} entries; brief.room allows {room}")]
    Room {
        /// Entries in the step.
        entries: usize,
        /// The most entries allowed.
        room: u32,
    },
    /// The steps of a session have too many entries together.
    #[error("the session's steps have more than {0} entries together: it plans without end")]
    Endless(usize),
    /// The steps of a session have too many bytes together.
    #[error("the session's steps hold more than {0} bytes together: hand over less, or masks of fewer runs")]
    Bytes(usize),
    /// A session asks for too many answers in all.
    #[error("the session asks for more than {0} answers: it asks without end")]
    Questions(usize),
    /// A string is too long.
    #[error("{what} has {bytes} bytes; at most {limit} are taken")]
    Long {
        /// Which string.
        what: &'static str,
        /// Its length, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A number is not finite, or not in its range.
    #[error("{what} is {value}; it must be {range}")]
    Number {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The allowed range, in words.
        range: &'static str,
    },
    /// A request's id was used before.
    #[error("request id {0} is used twice")]
    RequestTwice(u32),
    /// A request asks for too many answers, or for none.
    #[error("request {id} wants {samples} answers; 1 to {limit} can be had")]
    Samples {
        /// The request.
        id: u32,
        /// Answers wanted.
        samples: u32,
        /// The limit.
        limit: u32,
    },
    /// The largest repeat index of a request does not fit into 32 bits.
    #[error("request {0}: repeat + samples is beyond the largest repeat, 4294967295")]
    Repeats(u32),
    /// A question has no messages, or a message has no parts.
    #[error("request {0} has no message, or a message without parts")]
    EmptyQuestion(u32),
    /// A question that is to be answered with a choice has no options.
    #[error("request {0} is to be answered with a choice, and offers none")]
    NoChoice(u32),
    /// A request or match is cancelled that was never asked for.
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
    /// A hypothesis has no regions.
    #[error("hypothesis {0} has no region")]
    NoRegion(u32),
    /// A hypothesis has too many regions.
    #[error("hypothesis {id} has {regions} regions; at most {limit} are taken")]
    Regions {
        /// The hypothesis.
        id: u32,
        /// Number of regions.
        regions: usize,
        /// The limit.
        limit: usize,
    },
    /// The hypotheses of a session have too many regions together.
    #[error("the session's hypotheses have more than {0} regions together")]
    RegionsInAll(usize),
    /// A prompt has too many points.
    #[error("hypothesis {id} has a prompt of {points} points; at most {limit} are taken")]
    Points {
        /// The hypothesis.
        id: u32,
        /// Number of points.
        points: usize,
        /// The limit.
        limit: usize,
    },
    /// A prompt has no concept, no box and no points.
    #[error("hypothesis {0} has a prompt without concept, rect or points")]
    EmptyPrompt(u32),
    /// A mask does not fit the image.
    #[error("hypothesis {id} has a mask that is not the image's: {why}")]
    Mask {
        /// The hypothesis.
        id: u32,
        /// What is wrong with it.
        why: String,
    },
    /// A candidate is named that the session was not told of.
    #[error("{what} names candidate {id}, which the session was not told of")]
    UnknownCandidate {
        /// The list, or the place in the step.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// A candidate is named twice in a list that must name it once.
    #[error("{what} names candidate {id} twice")]
    CandidateTwice {
        /// The list, or the place in the step.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// A candidate is missing from a list that must name all candidates.
    #[error("{what} leaves out candidate {id}")]
    CandidateMissing {
        /// The list, or the place in the step.
        what: &'static str,
        /// The candidate.
        id: u32,
    },
    /// Scores were given before the fact `closed`, so before all candidates were known.
    #[error("scores are given before `closed`")]
    ScoresEarly,
    /// A match's id was used before.
    #[error("match id {0} is used twice")]
    MatchTwice(u32),
    /// A match has the same contestants in the same order with the same repeat as an earlier one.
    #[error("match {0} is the same as an earlier one: same contestants, same order, same repeat")]
    MatchRepeated(u32),
    /// A match has more or fewer contestants than the verifier takes.
    #[error("match {id} has {contestants} contestants; the verifier takes {smallest} to {largest}")]
    Contestants {
        /// The match.
        id: u32,
        /// Number of contestants.
        contestants: usize,
        /// The fewest that the verifier takes.
        smallest: u32,
        /// The most that the verifier takes.
        largest: u32,
    },
    /// A guess has more or fewer contestants than the verifier takes.
    #[error("a guess in `prefetch` has {contestants} contestants; the verifier takes {smallest} to {largest}")]
    GuessedContestants {
        /// Number of contestants.
        contestants: usize,
        /// The fewest that the verifier takes.
        smallest: u32,
        /// The most that the verifier takes.
        largest: u32,
    },
    /// A step has more guesses than `terms.spare`.
    #[error("a step has {guesses} guesses in `prefetch`; terms.spare allows {spare}")]
    Spare {
        /// Guesses in the step.
        guesses: usize,
        /// The most guesses allowed.
        spare: u32,
    },
    /// A verdict does not have one share for each contestant.
    #[error("the verdict has {shares} shares for {contestants} contestants")]
    Shares {
        /// Number of shares.
        shares: usize,
        /// Number of contestants.
        contestants: usize,
    },
    /// The shares of a verdict sum to more than 1.
    #[error("the verdict's shares sum to {0}, more than 1")]
    ShareSum(f64),
    /// The order in a verdict is not a permutation of the contestants' positions.
    #[error("the verdict's order is not a permutation of the contestants' positions")]
    Order,
    /// The score of a place in a ranking is higher than that of the place before it.
    #[error("the ranking's score rises at candidate {0}")]
    Rising(u32),
    /// A ranking names an empty list as its answer.
    #[error("the ranking's answer is an empty list")]
    EmptyAnswer,
}
