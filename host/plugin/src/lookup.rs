//! The look-ups that a plugin may make in the sample at hand.

use std::sync::Arc;

use rescue_core::{Rect, Size};
use wasmtime::Result;

use crate::border::rescue::plugin::sample::{Host, Raster};
use crate::border::rescue::plugin::types;
use crate::sample::{Entry, Sample};
use crate::state::State;

/// Which pixels of the image a look-up reads: those under the centres of the cells of a grid over a box of whole pixels.
struct Grid {
    left: u32,
    top: u32,
    area: Size,
    size: Size,
}

impl Grid {
    /// `area` clipped to the image and widened to whole pixels; shrunk so that no side is longer than `max_side` (0: any).
    fn new(image: Size, area: types::Rect, max_side: u32) -> Option<Self> {
        let rect = Rect { x_min: area.x_min, y_min: area.y_min, x_max: area.x_max, y_max: area.y_max }.clip(image)?;
        // Inside the image, so the edges fit.
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

    fn columns(&self) -> impl Iterator<Item = u32> + Clone {
        centres(self.left, self.area.width, self.size.width)
    }

    fn rows(&self) -> impl Iterator<Item = u32> {
        centres(self.top, self.area.height, self.size.height)
    }
}

/// The pixels under the centres of `cells` equal cells over `length` pixels from `start`.
fn centres(start: u32, length: u32, cells: u32) -> impl Iterator<Item = u32> + Clone {
    let (length, cells) = (u64::from(length), u64::from(cells));
    (0..cells).map(move |cell| start + ((2 * cell + 1) * length / (2 * cells)) as u32)
}

impl State {
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

    fn told_entry(&self, id: u32) -> Result<Arc<Entry>, String> {
        let unknown = || format!("this session was not told of candidate {id}");
        if !self.told.contains(&id) {
            return Err(unknown());
        }
        self.sample.as_ref().and_then(|sample| sample.entry(id)).ok_or_else(unknown)
    }
}

fn raster(grid: &Grid, data: Vec<u8>) -> Raster {
    Raster { size: types::Size { width: grid.size.width, height: grid.size.height }, data }
}

impl Host for State {
    fn pixels(&mut self, area: types::Rect, max_side: u32) -> Result<Result<Raster, String>> {
        Ok(self.grid(area, max_side, 3).map(|(sample, grid)| {
            let (rgb, stride) = (sample.photo().rgb(), sample.photo().size().width as usize * 3);
            let mut data = Vec::with_capacity(grid.size.pixels() as usize * 3);
            for y in grid.rows() {
                let row = rgb.get(y as usize * stride..).unwrap_or_default();
                for x in grid.columns() {
                    let start = x as usize * 3;
                    data.extend_from_slice(row.get(start..start + 3).unwrap_or(&[0; 3]));
                }
            }
            raster(&grid, data)
        }))
    }

    fn mask(&mut self, id: u32, area: types::Rect, max_side: u32) -> Result<Result<Raster, String>> {
        Ok(self.told_entry(id).and_then(|entry| {
            let (_, grid) = self.grid(area, max_side, 1)?;
            let columns = grid.columns();
            let data = grid
                .rows()
                .flat_map(|y| {
                    let mask = &entry.mask;
                    columns.clone().map(move |x| if mask.get(x, y) { 255 } else { 0 })
                })
                .collect();
            Ok(raster(&grid, data))
        }))
    }

    fn iou(&mut self, a: u32, b: u32) -> Result<Result<f64, String>> {
        Ok(self.told_entry(a).and_then(|a| {
            let b = self.told_entry(b)?;
            a.mask.iou(&b.mask).map_err(|error| error.to_string())
        }))
    }

    fn reasoning(&mut self, id: u32) -> Result<Result<String, String>> {
        Ok(self.told_entry(id).map(|entry| entry.reasoning.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(x_min: f64, x_max: f64, max_side: u32) -> Grid {
        let area = types::Rect { x_min, y_min: 0.0, x_max, y_max: 2.0 };
        Grid::new(Size::new(10, 2), area, max_side).unwrap()
    }

    #[test]
    fn a_grid_is_widened_to_whole_pixels_and_reads_centres() {
        assert_eq!(grid(1.5, 3.2, 0).columns().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(grid(0.0, 10.0, 5).columns().collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
        assert_eq!(grid(-7.0, 99.0, 5).rows().collect::<Vec<_>>(), [1]);
        assert_eq!(grid(0.0, 10.0, 100).size, Size::new(10, 2));
    }
}
