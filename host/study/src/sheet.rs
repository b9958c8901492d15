//! A contact sheet: entries of a data set side by side, each photo with its true mask and its sentence.

use std::sync::Arc;

use rescue_core::Photo;
use rescue_dataset::{Item, Truth};
use rescue_mask::{CompactMask, Size, Style, png};
use rescue_picture::{Crop, Defaults, Mark, Painter, Picture, Shape, Target, View};

use crate::check::photo_of;

/// The longer side of each photo, in pixels.
const SIDE: u32 = 320;
/// The pixels between photos.
const GAP: u32 = 8;
/// The longest sentence that is shown, in characters.
const CAPTION: usize = 36;
const GREY: [u8; 3] = [160; 3];

/// Draws these entries in rows of `columns`, as a PNG file. The target is tinted red, what is ignored grey.
///
/// # Errors
///
/// Returns what is wrong with the first entry that cannot be drawn.
pub fn draw(items: &[Item], columns: usize) -> Result<Vec<u8>, String> {
    let columns = columns.clamp(1, items.len().max(1));
    let pictures = items.iter().map(one).collect::<Result<Vec<_>, String>>()?;
    let rows: Vec<&[Picture]> = pictures.chunks(columns).collect();
    let height_of = |row: &[Picture]| row.iter().map(|picture| picture.recipe.size.height).max().unwrap_or(0) + GAP;
    let width = u32::try_from(columns).unwrap_or(u32::MAX).saturating_mul(SIDE + GAP);
    let size = Size::new(width, rows.iter().map(|row| height_of(row)).sum());
    let mut sheet = vec![255; usize::try_from(size.pixels()).unwrap_or_default() * 3];
    let mut top = 0;
    for row in rows {
        for (left, picture) in (0..).step_by((SIDE + GAP) as usize).zip(row) {
            paste(&mut sheet, size, picture, left, top);
        }
        top += height_of(row);
    }
    png::write_rgb(size, &sheet).map_err(|error| error.to_string())
}

fn one(item: &Item) -> Result<Picture, String> {
    let photo = photo_of(item).map_err(|what| format!("entry {}: {what}", item.id))?;
    let truth = item.truth(photo.size()).map_err(|error| error.to_string())?;
    view(photo, &truth, &format!("{}: {}", item.id, item.query)).map_err(|what| format!("entry {}: {what}", item.id))
}

fn view(photo: Photo, truth: &Truth, caption: &str) -> Result<Picture, String> {
    let mark = |mask: &rescue_mask::Mask, colour| Mark {
        target: Target::Mask(Shape::new(Arc::new(CompactMask::new(mask.clone())))),
        style: Style::Overlay,
        colour,
        strength: None,
        label: String::new(),
    };
    let target = Some(&truth.mask).filter(|mask| !mask.is_empty()).map(|mask| mark(mask, None));
    let ignored = truth.ignore.as_ref().map(|mask| mark(mask, Some(GREY)));
    let caption = caption.chars().filter(|c| !c.is_control()).take(CAPTION).collect();
    let marks = target.into_iter().chain(ignored).collect();
    let view = View { marks, crop: Crop::Whole, max_side: SIDE, caption };
    let painter = Painter::new(Arc::new(photo), Defaults::default()).map_err(|error| error.to_string())?;
    painter.render(std::slice::from_ref(&view)).map_err(|error| error.to_string())
}

/// Copies a picture onto the sheet. What is wider than its place is cut off.
fn paste(sheet: &mut [u8], size: Size, picture: &Picture, left: u32, top: u32) {
    let (from, bytes) = (picture.recipe.size, |pixels: u32| pixels as usize * 3);
    let width = from.width.min(SIDE + GAP).min(size.width - left.min(size.width));
    for (line, row) in picture.rgb.chunks_exact(bytes(from.width).max(3)).enumerate() {
        let start = bytes(size.width) * (top as usize + line) + bytes(left);
        let into = sheet.get_mut(start..start + bytes(width));
        if let (Some(into), Some(row)) = (into, row.get(..bytes(width))) {
            into.copy_from_slice(row);
        }
    }
}
