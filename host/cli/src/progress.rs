//! Progress bars, shown on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rescue_pipeline::Progress;

use crate::print;

/// The shortest wait that is told, in seconds.
const LONG: u64 = 3;
const MATCHES: &str = "matches";

/// The progress bar of the current stage.
pub struct Bars {
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Bars {
    /// Bars that stay hidden if `quiet`, or if standard error is not a terminal.
    pub fn new(quiet: bool) -> Self {
        Self { bar: None, shown: !quiet && std::io::stderr().is_terminal() }
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
        match progress {
            Progress::Planning => self.begin(ProgressBar::new_spinner().with_message("planning")),
            Progress::Asking(count) => match &self.bar {
                // The bar of the matches stays: it tells more than one of their questions.
                Some(bar) if bar.message() == MATCHES => {}
                _ => self.begin(counted("questions", count)),
            },
            Progress::Answered(more) => {
                let bar = self.bar.iter().filter(|bar| bar.message() == "questions");
                bar.for_each(|bar| bar.inc(more as u64));
            }
            Progress::Segmenting(count) => self.begin(counted("masks", count)),
            Progress::Segmented(more) => self.bar.iter().for_each(|bar| bar.inc(more as u64)),
            Progress::Scoring(count) => {
                self.begin(ProgressBar::new_spinner().with_message(format!("scoring {count} candidates")));
            }
            Progress::Matches(count) => match &self.bar {
                Some(bar) if bar.message() == MATCHES => bar.inc_length(count as u64),
                _ => self.begin(counted(MATCHES, count)),
            },
            Progress::Played => self.bar.iter().for_each(|bar| bar.inc(1)),
            Progress::Waiting(..) | Progress::LeftOut(..) => {}
        }
    }

    fn begin(&mut self, bar: ProgressBar) {
        self.finish();
        bar.enable_steady_tick(Duration::from_millis(100));
        self.bar = Some(bar);
    }

    /// Removes the bar from the screen.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
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
        Progress::LeftOut(service, feature, cause) => Some(format!(
            "warning: {service}: the server refuses {}; asked without from now on, as with {service}.{}=false ({cause})",
            feature.what(),
            feature.key()
        )),
        _ => None,
    }
}

fn counted(what: &'static str, count: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {pos}/{len}");
    let bar = ProgressBar::new(count as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
