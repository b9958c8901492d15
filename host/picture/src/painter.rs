//! From a recipe to a picture.

use std::fmt;
use std::sync::Arc;

use rescue_core::{Photo, Size};
use rescue_mask::{Bounds, DrawError, Mask, draw, jpeg};

use crate::base::Bases;
use crate::canvas::Canvas;
use crate::error::{MarkError, PictureError};
use crate::label::Labels;
use crate::layout::line_start;
use crate::recipe::{Filter, Panel, Recipe, Subject};
use crate::view::{Mark, Target, View};
use crate::{grid, limits, paint, resolve};

/// Between views, and beside those that are smaller than their cells.
const NEUTRAL: u8 = 128;
const PAPER: [u8; 3] = [0; 3];
const INK: [u8; 3] = [255; 3];

/// How pictures are made where nothing else is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// The longer side of a view in pixels, at most. As in [`limits::SIDE`].
    pub max_side: u32,
    /// The quality of JPEGs, 1 to 100.
    pub quality: u8,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { max_side: 1024, quality: 85 }
    }
}

/// A picture, as pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What it is known by. It has no encoding.
    pub recipe: Recipe,
    /// Red, green, blue, by rows; of the recipe's size.
    pub rgb: Vec<u8>,
}

/// Makes pictures of one photo. It can be used by many threads at once; what they have in common is made once.
pub struct Painter {
    photo: Arc<Photo>,
    defaults: Defaults,
    bases: Bases,
}

impl Painter {
    /// Nothing is done yet.
    ///
    /// # Errors
    ///
    /// [`PictureError::Photo`] where the photo has no pixels, [`PictureError::Defaults`] where those are out of range.
    pub fn new(photo: Arc<Photo>, defaults: Defaults) -> Result<Self, PictureError> {
        let Defaults { max_side, quality } = defaults;
        if photo.size().pixels() == 0 {
            return Err(PictureError::Photo { size: photo.size() });
        }
        if !(limits::SIDE.contains(&max_side) && (1..=100).contains(&quality)) {
            return Err(PictureError::Defaults { max_side, quality });
        }
        Ok(Self { photo, defaults, bases: Bases::default() })
    }

    /// The recipe of the JPEG of these views: of one alone, or of several side by side. No pixel is touched.
    ///
    /// # Errors
    ///
    /// A [`PictureError`] that says which view or mark is out of range.
    pub fn recipe(&self, views: &[View]) -> Result<Recipe, PictureError> {
        resolve::recipe(&self.photo, views, self.defaults.max_side, self.defaults.quality)
    }

    /// The picture of these views.
    ///
    /// # Errors
    ///
    /// As [`Painter::recipe`].
    pub fn render(&self, views: &[View]) -> Result<Picture, PictureError> {
        let recipe = self.recipe(views)?.unencoded();
        let rgb = self.paint(&recipe, views)?;
        Ok(Picture { recipe, rgb })
    }

    /// The picture of these views, as a JPEG file.
    ///
    /// # Errors
    ///
    /// As [`Painter::recipe`].
    pub fn jpeg(&self, views: &[View]) -> Result<Vec<u8>, PictureError> {
        let recipe = self.recipe(views)?;
        Ok(jpeg::encode_rgb(recipe.size, &self.paint(&recipe, views)?, self.defaults.quality)?)
    }

    /// Of the views it takes the masks that the recipe names, and nothing else.
    fn paint(&self, recipe: &Recipe, views: &[View]) -> Result<Vec<u8>, PictureError> {
        let Size { width, .. } = recipe.size;
        let mut rgb = vec![NEUTRAL; recipe.size.pixels() as usize * 3];
        let line = (width as usize * 3).max(1);
        for ((index, panel), View { marks, .. }) in recipe.panels.iter().enumerate().zip(views) {
            let place = panel.place;
            let rows = rgb.get_mut(place.y_min as usize * line..place.y_max as usize * line).unwrap_or_default();
            if place.width() == width {
                self.paint_panel(rows, index, panel, marks, recipe.dot)?;
            } else {
                let mut alone = vec![0; panel.shown().pixels() as usize * 3];
                self.paint_panel(&mut alone, index, panel, marks, recipe.dot)?;
                let (start, length) = (place.x_min as usize * 3, place.width() as usize * 3);
                for (row, from) in rows.chunks_exact_mut(line).zip(alone.chunks_exact(length.max(1))) {
                    row.get_mut(start..start + length).unwrap_or_default().copy_from_slice(from);
                }
            }
            if let Some(caption) = &panel.caption {
                let mut canvas = Canvas::new(recipe.size, &mut rgb);
                canvas.fill(caption.band, PAPER);
                for (index, text) in (0..).zip(&caption.lines) {
                    let (x, y) = line_start(caption.band, index, recipe.dot);
                    canvas.write(text, x, y, recipe.dot, INK);
                }
            }
        }
        Ok(rgb)
    }

    /// Paints the whole of `rgb`, which has the size of the panel.
    fn paint_panel(
        &self,
        rgb: &mut [u8],
        index: usize,
        panel: &Panel,
        marks: &[Mark],
        dot: u32,
    ) -> Result<(), PictureError> {
        let shown = panel.shown();
        match panel.filter {
            Filter::None => copy(&self.photo, panel.area, rgb),
            Filter::CatmullRom => {
                self.bases.copy(&self.photo, panel.area, shown, rgb).map_err(PictureError::Resize)?;
            }
        }
        let mut labelled = Vec::new();
        for ((mark, drawn), Mark { target, .. }) in panel.marks.iter().enumerate().zip(marks) {
            let failed = |error| PictureError::Mark { view: index, mark, cause: MarkError::Draw(error) };
            let on_panel: Mask = match (drawn.subject, target) {
                (Subject::Rect(rect), _) => grid::rect(rect, panel.area, shown),
                (Subject::Mask(_), Target::Mask(shape)) => {
                    grid::mask(shape.mask(), panel.area, shown).map_err(|error| failed(DrawError::Sizes(error)))?
                }
                // The recipe was made from these views.
                (Subject::Mask(_), Target::Rect(_)) => continue,
            };
            draw(rgb, shown, &on_panel, &paint::decided(drawn.style, drawn.colour, drawn.strength)).map_err(failed)?;
            if !drawn.label.is_empty() {
                labelled.extend(on_panel.bounds().map(|bounds| (bounds, drawn)));
            }
        }
        let mut labels = Labels::new(shown, dot);
        for (bounds, drawn) in labelled {
            labels.draw(rgb, bounds, &drawn.label, drawn.colour);
        }
        Ok(())
    }
}

/// Copies an area of the photo as it is.
fn copy(photo: &Photo, area: Bounds, rgb: &mut [u8]) {
    let line = (photo.size().width as usize * 3).max(1);
    let length = (area.width() as usize * 3).max(1);
    let rows = photo.rgb().chunks_exact(line).skip(area.y_min as usize);
    for (row, from) in rgb.chunks_exact_mut(length).zip(rows) {
        if let Some(from) = from.get(area.x_min as usize * 3..area.x_max as usize * 3) {
            row.copy_from_slice(from);
        }
    }
}

impl fmt::Debug for Painter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Painter({}, {})", self.photo.digest().short(), self.photo.size())
    }
}
