//! The rules for a hypothesis that a planner proposes.

use super::requests::rect;
use super::{Checked, IdSet, Intake, Violation, finite, unit};
use crate::border::rescue::plugin::types::{Hypothesis, Prompt, Region, Rle};

/// Checks a hypothesis. `known`: the candidates that a region may name. `image`: width and height in pixels.
pub(super) fn hypothesis(hypothesis: &Hypothesis, image: (u32, u32), known: &IdSet, intake: &mut Intake) -> Checked {
    let id = hypothesis.id;
    intake.text("a hypothesis' label", &hypothesis.label)?;
    intake.text("a hypothesis' origin", &hypothesis.origin)?;
    intake.reasoning("a hypothesis' reasoning", &hypothesis.reasoning)?;
    intake.extras("a note", &hypothesis.notes)?;
    unit("a hypothesis' confidence", hypothesis.confidence)?;
    if hypothesis.regions.is_empty() {
        return Err(Violation::NoRegion(id));
    }
    intake.regions(id, hypothesis.regions.len().saturating_add(hypothesis.without.len()))?;
    for regions in [&hypothesis.regions, &hypothesis.without] {
        intake.list(regions)?;
        for region in regions {
            match region {
                Region::Prompt(asked) => prompt(id, asked, intake)?,
                Region::Mask(mask) => rle(id, mask, image, intake)?,
                Region::Candidate(named) if known.contains(*named) => {}
                Region::Candidate(named) => {
                    return Err(Violation::UnknownCandidate { what: "a region", id: *named });
                }
            }
        }
    }
    Ok(())
}

fn prompt(id: u32, prompt: &Prompt, intake: &mut Intake) -> Checked {
    intake.text("a concept", &prompt.concept)?;
    intake.points(id, prompt.points.len())?;
    intake.list(&prompt.points)?;
    if prompt.concept.is_empty() && prompt.rect.is_none() && prompt.points.is_empty() {
        return Err(Violation::EmptyPrompt(id));
    }
    prompt.rect.iter().try_for_each(|asked| rect("an edge of a rect", asked))?;
    prompt.points.iter().try_for_each(|point| finite("a point", point.x).and_then(|()| finite("a point", point.y)))
}

fn rle(id: u32, rle: &Rle, (width, height): (u32, u32), intake: &mut Intake) -> Checked {
    intake.list(&rle.counts)?;
    let wrong = |why| Err(Violation::Mask { id, why });
    if (rle.size.width, rle.size.height) != (width, height) {
        return wrong(format!("it is {}×{}, the image {width}×{height}", rle.size.width, rle.size.height));
    }
    let sum: u64 = rle.counts.iter().map(|count| u64::from(*count)).sum();
    let pixels = u64::from(width) * u64::from(height);
    if sum == pixels { Ok(()) } else { wrong(format!("its runs sum to {sum}, the image has {pixels} pixels")) }
}
