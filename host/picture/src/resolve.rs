//! Computes the recipe of a picture from its views.

use rescue_core::{Photo, Rect};
use rescue_mask::{Bounds, Paint};

use crate::crop::{area, fit};
use crate::error::{MarkError, PictureError, ViewError};
use crate::label::fit_label;
use crate::layout::{self, Cell, Placed};
use crate::recipe::{Drawn, Encoding, Filter, Panel, Recipe, Subject};
use crate::text::clean;
use crate::view::{Mark, Target, View};
use crate::{RENDER, limits, paint};

/// Returns the recipe of a picture of these views. `max_side` is the default of the views, in pixels; `quality` is that
/// of the JPEG. No pixel of a mask or of the photo is read. Returns an error if anything is out of range.
pub(crate) fn recipe(photo: &Photo, views: &[View], max_side: u32, quality: u8) -> Result<Recipe, PictureError> {
    if !(1..=limits::VIEWS).contains(&views.len()) {
        return Err(PictureError::Views { found: views.len() });
    }
    let cropped: Vec<Cropped> =
        (0..).zip(views).map(|(index, view)| crop(photo, index, view, max_side)).collect::<Result<_, _>>()?;
    let longer = cropped.iter().map(|view| view.cell.shown.width.max(view.cell.shown.height)).max().unwrap_or(0);
    let dot = layout::dot(longer);
    let (areas, cells): (Vec<_>, Vec<_>) =
        cropped.into_iter().map(|view| ((view.area, view.subjects), view.cell)).unzip();
    let (size, placed) = layout::lay_out(&cells, dot);
    if size.pixels() > limits::PIXELS {
        return Err(PictureError::Pixels { size });
    }
    let panels = (0..).zip(views).zip(areas).zip(placed);
    let panels =
        panels.map(|(((index, view), (area, subjects)), placed)| panel(index, view, area, subjects, placed, dot));
    Ok(Recipe {
        render: RENDER,
        photo: photo.digest(),
        photo_size: photo.size(),
        ground: photo.ground(),
        size,
        dot,
        panels: panels.collect::<Result<_, _>>()?,
        encoding: Some(Encoding::jpeg(quality)),
    })
}

/// A view that was checked and cropped, but not yet laid out.
struct Cropped {
    /// The part of the photo that is shown.
    area: Bounds,
    /// The target of each mark.
    subjects: Vec<Subject>,
    cell: Cell,
}

/// Checks and crops a view. `default` is the default of its largest longer side, in pixels.
fn crop(photo: &Photo, index: usize, view: &View, default: u32) -> Result<Cropped, PictureError> {
    let of_view = |cause| PictureError::View { view: index, cause };
    let View { marks, crop, max_side, caption } = view;
    if marks.len() > limits::MARKS {
        return Err(of_view(ViewError::Marks { found: marks.len() }));
    }
    let side = if *max_side == 0 { default } else { *max_side };
    if !limits::SIDE.contains(&side) {
        return Err(of_view(ViewError::Side { side }));
    }
    let mut subjects = Vec::with_capacity(marks.len());
    let mut bounds = Vec::with_capacity(marks.len());
    for (mark, Mark { target, .. }) in marks.iter().enumerate() {
        let (subject, around) =
            subject(photo, target).map_err(|cause| PictureError::Mark { view: index, mark, cause })?;
        subjects.push(subject);
        bounds.push(around);
    }
    let area = area(*crop, photo.size(), &bounds).map_err(of_view)?;
    let shown = fit(rescue_core::Size::new(area.width(), area.height()), side);
    Ok(Cropped { area, subjects, cell: Cell { shown, caption: clean(caption, limits::CAPTION_LETTERS) } })
}

/// Returns the target of a mark, and its bounds in pixels of the photo.
fn subject(photo: &Photo, target: &Target) -> Result<(Subject, Rect), MarkError> {
    let size = photo.size();
    match target {
        Target::Mask(shape) if shape.mask().size() != size => {
            Err(MarkError::Size { mask: shape.mask().size(), photo: size })
        }
        Target::Mask(shape) => {
            let bounds = shape.bounds().ok_or(MarkError::Empty)?;
            Ok((Subject::Mask(shape.digest()), bounds.into()))
        }
        Target::Rect(rect) => {
            let clipped = rect.clip(size).ok_or(MarkError::Rect { rect: *rect, photo: size })?;
            // Turns -0 into 0, since the two would be written differently.
            let [x_min, y_min, x_max, y_max] =
                [clipped.x_min, clipped.y_min, clipped.x_max, clipped.y_max].map(|edge| edge + 0.0);
            let clipped = Rect { x_min, y_min, x_max, y_max };
            Ok((Subject::Rect(clipped), clipped))
        }
    }
}

/// Decides how the marks of a view are drawn, and returns its panel.
fn panel(
    index: usize,
    view: &View,
    area: Bounds,
    subjects: Vec<Subject>,
    placed: Placed,
    dot: u32,
) -> Result<Panel, PictureError> {
    let Placed { place, caption } = placed;
    let unscaled = (area.width(), area.height()) == (place.width(), place.height());
    let filter = if unscaled { Filter::None } else { Filter::CatmullRom };
    let mut panel = Panel { area, place, filter, caption, marks: Vec::with_capacity(subjects.len()) };
    let shown = panel.shown();
    for ((mark, asked), subject) in view.marks.iter().enumerate().zip(subjects) {
        let Mark { target: _, style, colour, strength, label } = asked;
        let paint = Paint { style: *style, colour: *colour, strength: *strength };
        let (colour, strength) =
            paint::resolve(&paint, shown).map_err(|cause| PictureError::Mark { view: index, mark, cause })?;
        let label = fit_label(&clean(label, limits::LABEL_LETTERS), shown.width, dot);
        panel.marks.push(Drawn { subject, style: *style, colour, strength, label });
    }
    Ok(panel)
}
