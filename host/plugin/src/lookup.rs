//! The look-ups that a plugin may make in its sample: pixels, masks, IoUs and reasoning.

use std::sync::Arc;

use rescue_core::{Rect, Size};
use rescue_mask::Bounds;
use wasmtime::{Error, Result};

use crate::border::rescue::plugin::sample::{Host, Raster};
use crate::border::rescue::plugin::types;
use crate::sample::{Entry, Sample};
use crate::state::State;
use crate::trace::{Look, Looked, Shown};

/// Which pixels of the image a look-up reads. A grid of equal cells lies over a box of whole pixels; each cell reads the pixel
/// under its centre.
struct Grid {
    left: u32,
    top: u32,
    /// The size of the box, in pixels.
    area: Size,
    /// Columns and rows of the grid.
    size: Size,
}

impl Grid {
    /// A grid over `area`, clipped to the image and widened to whole pixels. No side of the grid is longer than `max_side` cells
    /// (0: one cell per pixel). Returns `None` if the area is empty or outside the image.
    fn new(image: Size, area: types::Rect, max_side: u32) -> Option<Self> {
        let rect = Rect::from(area).clip(image)?;
        // The box is inside the image, so its edges fit into 32 bits.
        let (left, top) = (rect.x_min.floor() as u32, rect.y_min.floor() as u32);
        let area = Size::new(rect.x_max.ceil() as u32 - left, rect.y_max.ceil() as u32 - top);
        let longer = area.width.max(area.height);
        let scaled = |side: u32| {
            let side = (u64::from(side) * u64::from(max_side) + u64::from(longer) / 2) / u64::from(longer);
            u32::try_from(side).unwrap_or(u32::MAX).max(1)
        };
        let size = match max_side {
            0 => area,
            _ if longer <= max_side => area,
            _ => Size::new(scaled(area.width), scaled(area.height)),
        };
        Some(Self { left, top, area, size })
    }

    /// The box.
    fn bounds(&self) -> Bounds {
        let Self { left: x_min, top: y_min, area, .. } = *self;
        Bounds { x_min, y_min, x_max: x_min + area.width, y_max: y_min + area.height }
    }

    fn columns(&self) -> impl Iterator<Item = u32> + Clone {
        centres(self.left, self.area.width, self.size.width)
    }

    fn rows(&self) -> impl Iterator<Item = u32> {
        centres(self.top, self.area.height, self.size.height)
    }
}

/// The pixels under the centres of `cells` equal cells, which cover `length` pixels from `start` on.
fn centres(start: u32, length: u32, cells: u32) -> impl Iterator<Item = u32> + Clone {
    let (length, cells) = (u64::from(length), u64::from(cells));
    (0..cells).map(move |cell| start + ((2 * cell + 1) * length / (2 * cells)) as u32)
}

impl State {
    /// The sample, and the grid for an area with this many bytes per cell. Fails if there is no such area or it is too large.
    fn grid(&self, area: types::Rect, max_side: u32, channels: u64) -> Result<(Arc<Sample>, Grid), String> {
        let sample = self.sample.clone().ok_or("there is no sample yet: describe() must not look anything up")?;
        let grid = Grid::new(sample.photo().size(), area, max_side).ok_or("the area is empty or outside the image")?;
        let (bytes, limit) = (grid.size.pixels() * channels, self.limits().raster_bytes);
        if bytes > limit as u64 {
            return Err(format!(
                "{bytes} bytes are more than one look-up gives ({limit}): ask for less, or a max-side"
            ));
        }
        Ok((sample, grid))
    }

    /// A candidate that the session may look up.
    fn visible_entry(&self, id: u32) -> Result<Arc<Entry>, String> {
        let unknown = || format!("this session was not told of candidate {id}");
        if !self.visible.contains(id) {
            return Err(unknown());
        }
        self.sample.as_ref().and_then(|sample| sample.entry(id)).ok_or_else(unknown)
    }

    /// Looks something up with `find`, or replays the recorded look-up if the session is retraced.
    fn look(&mut self, look: Look, find: impl FnOnce(&Self) -> Result<Shown, String>) -> Result<Shown> {
        let shown = match &mut self.replay {
            Some(replay) => replay.next(look.clone()).map_err(Error::new)?,
            None => find(self).unwrap_or_else(Shown::Nothing),
        };
        self.count_copied(match &shown {
            Shown::Raster(_, data) => data.len(),
            Shown::Text(text) | Shown::Nothing(text) => text.len(),
            Shown::Number(_) => 0,
        })?;
        if let Some(looked) = &mut self.looked {
            looked.push(Looked { look, shown: shown.clone() });
        }
        Ok(shown)
    }

    fn find_pixels(&self, area: types::Rect, max_side: u32) -> Result<Shown, String> {
        let (sample, grid) = self.grid(area, max_side, 3)?;
        let (rgb, stride) = (sample.photo().rgb(), sample.photo().size().width as usize * 3);
        let mut data = Vec::with_capacity(grid.size.pixels() as usize * 3);
        for y in grid.rows() {
            let row = rgb.get(y as usize * stride..).unwrap_or_default();
            for x in grid.columns() {
                let start = x as usize * 3;
                data.extend_from_slice(row.get(start..start + 3).unwrap_or(&[0; 3]));
            }
        }
        Ok(shown(&grid, data))
    }

    fn find_mask(&self, id: u32, area: types::Rect, max_side: u32) -> Result<Shown, String> {
        let entry = self.visible_entry(id)?;
        let (_, grid) = self.grid(area, max_side, 1)?;
        let part = entry.mask.part(grid.bounds());
        let mut data = Vec::with_capacity(grid.size.pixels() as usize);
        for y in grid.rows() {
            let is_inside = |x| part.get(x - grid.left, y - grid.top);
            data.extend(grid.columns().map(|x| if is_inside(x) { 255 } else { 0 }));
        }
        Ok(shown(&grid, data))
    }

    fn find_iou(&self, a: u32, b: u32) -> Result<Shown, String> {
        let (a, b) = (self.visible_entry(a)?, self.visible_entry(b)?);
        a.mask.iou(&b.mask).map(Shown::Number).map_err(|error| error.to_string())
    }

    fn find_reasoning(&self, id: u32) -> Result<Shown, String> {
        self.visible_entry(id).map(|entry| Shown::Text(entry.reasoning.clone()))
    }
}

/// Replaces an area with an infinite or NaN edge by an empty one: JSON, and so an event log, has no such numbers.
fn finite(area: types::Rect) -> types::Rect {
    let edges = [area.x_min, area.y_min, area.x_max, area.y_max];
    if edges.iter().all(|edge| edge.is_finite()) {
        area
    } else {
        types::Rect { x_min: 0.0, y_min: 0.0, x_max: 0.0, y_max: 0.0 }
    }
}

fn shown(grid: &Grid, data: Vec<u8>) -> Shown {
    Shown::Raster(grid.size.into(), Arc::new(data))
}

/// Converts to the border's type. The pixels are copied only if an event log keeps them as well.
fn raster(shown: Shown) -> Result<Raster, String> {
    match shown {
        Shown::Raster(size, data) => Ok(Raster { size, data: Arc::unwrap_or_clone(data) }),
        other => Err(nothing(other)),
    }
}

/// The reason why a look-up showed nothing.
fn nothing(shown: Shown) -> String {
    match shown {
        Shown::Nothing(why) => why,
        Shown::Raster(..) | Shown::Number(_) | Shown::Text(_) => "the event log shows something of another kind".into(),
    }
}

impl Host for State {
    fn pixels(&mut self, area: types::Rect, max_side: u32) -> Result<Result<Raster, String>> {
        let area = finite(area);
        self.look(Look::Pixels(area, max_side), |state| state.find_pixels(area, max_side)).map(raster)
    }

    fn mask(&mut self, id: u32, area: types::Rect, max_side: u32) -> Result<Result<Raster, String>> {
        let area = finite(area);
        self.look(Look::Mask(id, area, max_side), |state| state.find_mask(id, area, max_side)).map(raster)
    }

    fn iou(&mut self, a: u32, b: u32) -> Result<Result<f64, String>> {
        // The host reads both masks completely.
        self.count_copied(self.sample.as_ref().map_or(0, |sample| sample.photo().size().pixels() as usize / 4))?;
        let shown = self.look(Look::Iou(a, b), |state| state.find_iou(a, b))?;
        Ok(match shown {
            Shown::Number(iou) => Ok(iou),
            other => Err(nothing(other)),
        })
    }

    fn reasoning(&mut self, id: u32) -> Result<Result<String, String>> {
        let shown = self.look(Look::Reasoning(id), |state| state.find_reasoning(id))?;
        Ok(match shown {
            Shown::Text(text) => Ok(text),
            other => Err(nothing(other)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(x_min: f64, x_max: f64, max_side: u32) -> Grid {
        let area = types::Rect { x_min, y_min: 0.0, x_max, y_max: 2.0 };
        Grid::new(Size::new(10, 2), area, max_side).unwrap()
    }

    /// The look-up shows nothing, and its event log can be read back.
    #[test]
    fn an_area_with_an_edge_that_is_not_finite_is_empty() {
        use crate::limits::Limits;
        use crate::trace::Traces;
        use rescue_core::{Digest, Photo};

        let photo = Photo::new(Size::new(10, 2), vec![0; 60], Digest::of(&[])).unwrap();
        let sample = Arc::new(Sample::new(Arc::new(photo)).with_traces(Traces::default()));
        let mut state = State::new(Arc::new(Limits::default()), Some(sample));
        for edge in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let area = types::Rect { x_min: 0.0, y_min: 0.0, x_max: edge, y_max: 2.0 };
            let why = Host::pixels(&mut state, area, 0).unwrap().unwrap_err();
            assert_eq!(why, "the area is empty or outside the image");
        }
        let written = serde_json::to_string(&state.looked.unwrap().first().unwrap().look).unwrap();
        assert!(serde_json::from_str::<Look>(&written).is_ok(), "{written}");
    }

    #[test]
    fn a_grid_covers_whole_pixels_and_reads_the_pixel_under_each_centre() {
        assert_eq!(grid(1.5, 3.2, 0).columns().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(grid(0.0, 10.0, 5).columns().collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
        assert_eq!(grid(-7.0, 99.0, 5).rows().collect::<Vec<_>>(), [1]);
        assert_eq!(grid(0.0, 10.0, 100).size, Size::new(10, 2));
    }
}
