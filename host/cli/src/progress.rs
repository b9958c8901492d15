//! Progress bars, shown on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rescue_pipeline::Progress;

use crate::print;

/// The shortest wait that is told, in seconds.
const LONG: u64 = 3;

/// The progress bar of a search: how many of the questions so far are answered, and how far its stages are, which overlap.
pub struct Bars {
    bar: Option<ProgressBar>,
    masks: Share,
    matches: Share,
    shown: bool,
}

/// How many of how many are done.
#[derive(Clone, Copy, Default)]
struct Share {
    done: usize,
    of: usize,
}

impl Bars {
    /// A bar that stays hidden if `quiet`, or if standard error is not a terminal.
    pub fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        Self { bar: None, masks: Share::default(), matches: Share::default(), shown }
    }

    /// Shows a step of the search.
    pub fn show(&mut self, progress: Progress) {
        match &self.bar {
            Some(bar) if text(progress).is_some() => bar.suspend(|| note(progress)),
            _ => note(progress),
        }
        if !self.shown {
            return;
        }
        let bar = self.bar.get_or_insert_with(questions);
        match progress {
            Progress::Asking(more) => bar.inc_length(more as u64),
            Progress::Answered(more) => bar.inc(more as u64),
            Progress::Segmenting(more) => self.masks.of += more,
            Progress::Segmented(more) => self.masks.done += more,
            Progress::Matches(more) => self.matches.of += more,
            Progress::Played => self.matches.done += 1,
            Progress::Waiting(..) | Progress::Resting(..) => {}
            // The search begins anew.
            Progress::LeftOut(..) => {
                (self.masks, self.matches) = Default::default();
                bar.set_length(0);
                bar.set_position(0);
            }
        }
        let parts = [("masks", self.masks), ("matches", self.matches)].into_iter().filter(|(_, share)| share.of > 0);
        let parts: Vec<String> = parts.map(|(name, Share { done, of })| format!("{name} {done}/{of}")).collect();
        bar.set_message(parts.join(", "));
    }

    /// Removes the bar from the screen.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn questions() -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.enable_steady_tick(Duration::from_millis(100));
    match ProgressStyle::with_template("{spinner} questions [{bar:30}] {pos}/{len} {msg}") {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

/// Prints a step that people should know of, as a line that stays.
pub fn note(progress: Progress) {
    text(progress).into_iter().for_each(|text| print::note(&text));
}

/// What people should know of a step. `None` if a bar says enough.
fn text(progress: Progress) -> Option<String> {
    match progress {
        Progress::Waiting(service, seconds) if seconds >= LONG => {
            Some(format!("{service}: its server asks to wait {seconds} s; waiting"))
        }
        Progress::Resting(service, replica) => Some(format!(
            "warning: {service}: replica {replica} does not answer; it is left out, and tried again after a while"
        )),
        Progress::LeftOut(service, feature, cause) => Some(format!(
            "warning: {service}: the server refuses {}; asked without from now on, as with {service}.{}=false ({cause})",
            feature.what(),
            feature.key()
        )),
        _ => None,
    }
}
