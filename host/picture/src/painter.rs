//! Draws pictures from their recipes.

use std::fmt;
use std::sync::Arc;

use rescue_core::{Photo, Size};
use rescue_mask::{Bounds, DrawError, Mask, draw, jpeg};

use crate::base_cache::{BaseCache, Pixels};
use crate::canvas::Canvas;
use crate::error::{MarkError, PictureError};
use crate::label::Labels;
use crate::layout::line_start;
use crate::recipe::{Filter, Panel, Recipe, Subject};
use crate::resize_cache::ResizeCache;
use crate::view::{Mark, Target, View};
use crate::{limits, paint, rasterize, resolve};

/// The grey value between views, and beside views that are smaller than their cells.
const BACKGROUND: u8 = 128;
/// The colour of the band behind a caption.
const CAPTION_BAND: [u8; 3] = [0; 3];
/// The colour of the text of a caption.
const CAPTION_TEXT: [u8; 3] = [255; 3];

/// The settings of pictures, where a view does not set its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// The largest longer side of a view, in pixels. It must be within [`limits::SIDE`].
    pub max_side: u32,
    /// The quality of JPEG files, 1 to 100.
    pub quality: u8,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { max_side: 1024, quality: 85 }
    }
}

/// A picture: its recipe and its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The recipe of the pixels, without an encoding.
    pub recipe: Recipe,
    /// Three bytes per pixel (red, green, blue), row by row. The size is that of the recipe.
    pub rgb: Vec<u8>,
}

/// Draws pictures of one photo. Threads may share a painter and its cache of resized parts of the photo.
pub struct Painter {
    photo: Arc<Photo>,
    defaults: Defaults,
    resized: ResizeCache,
    bases: BaseCache,
}

impl Painter {
    /// Creates a painter for this photo. Nothing is drawn yet.
    ///
    /// # Errors
    ///
    /// Returns [`PictureError::Photo`] if the photo has no pixels, and [`PictureError::Defaults`] if the defaults are
    /// out of range.
    pub fn new(photo: Arc<Photo>, defaults: Defaults) -> Result<Self, PictureError> {
        let Defaults { max_side, quality } = defaults;
        if photo.size().pixels() == 0 {
            return Err(PictureError::Photo { size: photo.size() });
        }
        if !(limits::SIDE.contains(&max_side) && (1..=100).contains(&quality)) {
            return Err(PictureError::Defaults { max_side, quality });
        }
        Ok(Self { photo, defaults, resized: ResizeCache::default(), bases: BaseCache::default() })
    }

    /// Returns the recipe of the JPEG file that shows one view, or several side by side. Nothing is drawn.
    ///
    /// # Errors
    ///
    /// Returns a [`PictureError`] if a view or a mark is out of range, which it names, or if the number of views or of
    /// pixels is.
    pub fn recipe(&self, views: &[View]) -> Result<Recipe, PictureError> {
        resolve::recipe(&self.photo, views, self.defaults.max_side, self.defaults.quality)
    }

    /// Draws the picture of these views.
    ///
    /// # Errors
    ///
    /// Returns a [`PictureError`] for the same reasons as [`Painter::recipe`], or if the photo cannot be resized or the
    /// picture cannot be encoded.
    pub fn render(&self, views: &[View]) -> Result<Picture, PictureError> {
        let recipe = self.recipe(views)?.unencoded();
        let rgb = self.paint(&recipe, views)?;
        Ok(Picture { recipe, rgb })
    }

    /// Draws the picture of these views and encodes it as a JPEG file. Files of the whole photo with different marks share what the marks
    /// do not touch.
    ///
    /// # Errors
    ///
    /// Returns a [`PictureError`] for the same reasons as [`Painter::recipe`], or if the photo cannot be resized or the
    /// picture cannot be encoded.
    pub fn jpeg(&self, views: &[View]) -> Result<jpeg::File, PictureError> {
        let recipe = self.recipe(views)?;
        let rgb = self.paint(&recipe, views)?;
        self.bases.encode(&recipe, &rgb, self.defaults.quality, |bare| {
            Ok(match self.begins_as_photo(bare) {
                true => Pixels::Photo(self.photo.clone()),
                false => Pixels::Drawn(self.paint(bare, views)?),
            })
        })
    }

    /// Draws the picture of a recipe. Only the masks that the recipe names are taken from the views.
    fn paint(&self, recipe: &Recipe, views: &[View]) -> Result<Vec<u8>, PictureError> {
        let Size { width, .. } = recipe.size;
        // The usual picture begins as a copy of the photo; of others, the panels are filled one by one.
        let is_photo = self.begins_as_photo(recipe);
        let mut rgb = match is_photo {
            true => self.photo.rgb().to_vec(),
            false => vec![BACKGROUND; recipe.size.pixels() as usize * 3],
        };
        let line = (width as usize * 3).max(1);
        for ((index, panel), View { marks, .. }) in recipe.panels.iter().enumerate().zip(views) {
            let place = panel.place;
            let rows = rgb.get_mut(place.y_min as usize * line..place.y_max as usize * line).unwrap_or_default();
            if place.width() == width {
                if !is_photo {
                    self.fill_panel(rows, panel)?;
                }
                self.mark_panel(rows, index, panel, marks, recipe.dot)?;
            } else {
                let mut panel_rgb = vec![0; panel.shown().pixels() as usize * 3];
                self.fill_panel(&mut panel_rgb, panel)?;
                self.mark_panel(&mut panel_rgb, index, panel, marks, recipe.dot)?;
                let (start, length) = (place.x_min as usize * 3, place.width() as usize * 3);
                for (row, from) in rows.chunks_exact_mut(line).zip(panel_rgb.chunks_exact(length.max(1))) {
                    row.get_mut(start..start + length).unwrap_or_default().copy_from_slice(from);
                }
            }
            if let Some(caption) = &panel.caption {
                let mut canvas = Canvas::new(recipe.size, &mut rgb);
                canvas.fill(caption.band, CAPTION_BAND);
                for (index, text) in (0..).zip(&caption.lines) {
                    let (x, y) = line_start(caption.band, index, recipe.dot);
                    canvas.write(text, x, y, recipe.dot, CAPTION_TEXT);
                }
            }
        }
        Ok(rgb)
    }

    /// Whether the picture is the photo in its own size, before marks and captions are drawn on it.
    fn begins_as_photo(&self, recipe: &Recipe) -> bool {
        let whole = Bounds { x_min: 0, y_min: 0, x_max: recipe.size.width, y_max: recipe.size.height };
        matches!(recipe.panels.as_slice(), [Panel { filter: Filter::None, area, place, .. }]
            if *area == whole && *place == whole && self.photo.size() == recipe.size)
    }

    /// Fills `rgb`, which has the size of the panel, with the part of the photo that it shows.
    fn fill_panel(&self, rgb: &mut [u8], panel: &Panel) -> Result<(), PictureError> {
        match panel.filter {
            Filter::None => copy(&self.photo, panel.area, rgb),
            Filter::CatmullRom => {
                self.resized.copy(&self.photo, panel.area, panel.shown(), rgb).map_err(PictureError::Resize)?;
            }
        }
        Ok(())
    }

    /// Draws the marks of a panel onto `rgb`, which has the size of the panel. `index` is the index of the view, for errors.
    fn mark_panel(
        &self,
        rgb: &mut [u8],
        index: usize,
        panel: &Panel,
        marks: &[Mark],
        dot: u32,
    ) -> Result<(), PictureError> {
        let shown = panel.shown();
        let mut labelled = Vec::new();
        for ((mark, drawn), Mark { target, .. }) in panel.marks.iter().enumerate().zip(marks) {
            let failed = |error| PictureError::Mark { view: index, mark, cause: MarkError::Draw(error) };
            let on_panel: Mask = match (drawn.subject, target) {
                (Subject::Rect(rect), _) => rasterize::rect(rect, panel.area, shown),
                (Subject::Mask(_), Target::Mask(shape)) => {
                    rasterize::mask(shape.mask(), panel.area, shown).map_err(|error| failed(DrawError::Sizes(error)))?
                }
                // This does not happen: the recipe was computed from these views, so they have the mask.
                (Subject::Mask(_), Target::Rect(_)) => continue,
            };
            draw(rgb, shown, &on_panel, &paint::resolved(drawn.style, drawn.colour, drawn.strength)).map_err(failed)?;
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

/// Copies an area of the photo to `rgb`, which has the size of the area.
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
