//! When sessions are told what they wait for: the one difference between the two passes.

use crate::ask::{Asker, Owed, QuestionKind, Told};
use crate::error::RunError;

/// The kinds of question that sessions ask.
const OF_SESSIONS: [QuestionKind; 3] = [QuestionKind::Plan, QuestionKind::Detect, QuestionKind::Verify];

/// When a session is told the answers that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// All at once when the last one is there, in the order asked: the canonical order of the border's rules. Time has no influence.
    Canonical,
    /// Each as soon as it is there: the live order. What is concluded from it does not count, but it tells early what will be asked.
    Live,
}

impl Telling {
    /// Takes the answers that a session is told now, in the order asked. `None` if it has to wait for the others.
    ///
    /// # Errors
    ///
    /// Returns an error if a service has answered none of the sample's questions: no session is told that.
    pub(super) fn take(self, owed: &mut Vec<Owed>, asker: &mut Asker) -> Result<Option<Vec<Told>>, RunError> {
        if self == Self::Canonical && !owed.iter().all(|owed| asker.is_there(owed)) {
            return Ok(None);
        }
        let (there, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(owed).into_iter().partition(|owed| asker.is_there(owed));
        *owed = waiting;
        if !there.is_empty() {
            // The live pass goes on while more may come that is not rejected.
            asker.check_services(&OF_SESSIONS, self == Self::Canonical)?;
        }
        Ok(Some(there.into_iter().map(|owed| asker.answer(owed)).collect()))
    }
}
