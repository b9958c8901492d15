//! Backgrounds of synthetic photos: soft colours that vary over the photo, and grain. No pixel is red or a pure colour.

use rescue_mask::Size;

/// Noise that depends only on a seed and a pixel's coordinates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// The noise of a pixel, −1 to 1.
    pub(crate) fn at(self, x: u32, y: u32) -> f64 {
        let mut bits = self.0 ^ (u64::from(x) << 32 | u64::from(y));
        // The finalizer of SplitMix64.
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        crate::fault::uniform(bits ^ bits >> 31) * 2.0 - 1.0
    }
}

const COLUMNS: u32 = 5;
const ROWS: u32 = 4;

/// A background.
#[derive(Clone, Debug)]
pub(super) struct Background {
    base: [f64; 3],
    /// What is added to the colour at each point of a grid, by rows.
    grid: Vec<[f64; 3]>,
    waves: (f64, f64, f64),
    noise: Noise,
    size: Size,
}

impl Background {
    pub(super) fn draw(random: &mut fastrand::Rng, size: Size) -> Self {
        let mut between = |low: f64, high: f64| low + (high - low) * random.f64();
        let base = [between(70.0, 105.0), between(120.0, 180.0), between(120.0, 180.0)];
        let grid =
            (0..COLUMNS * ROWS).map(|_| [between(-14.0, 14.0), between(-24.0, 24.0), between(-24.0, 24.0)]).collect();
        let waves = (between(0.02, 0.12), between(0.02, 0.12), between(0.0, 6.0));
        Self { base, grid, waves, noise: Noise(random.u64(..)), size }
    }

    /// Red, green and blue of a pixel, 0 to 255.
    pub(super) fn at(&self, x: u32, y: u32) -> [f64; 3] {
        let place = |at: u32, side: u32, points: u32| {
            let place = f64::from(at) / f64::from(side.max(1)) * f64::from(points - 1);
            (place.floor() as u32, place.fract())
        };
        let (column, right) = place(x, self.size.width, COLUMNS);
        let (row, down) = place(y, self.size.height, ROWS);
        let point =
            |column: u32, row: u32| self.grid.get((row * COLUMNS + column) as usize).copied().unwrap_or_default();
        let corners = [point(column, row), point(column + 1, row), point(column, row + 1), point(column + 1, row + 1)];
        let shares = [(1.0 - right) * (1.0 - down), right * (1.0 - down), (1.0 - right) * down, right * down];
        let (across, along, phase) = self.waves;
        let wave = 7.0 * (f64::from(x) * across + f64::from(y) * along + phase).sin();
        let grain = 6.0 * self.noise.at(x, y);
        let mut colour = self.base;
        for (channel, value) in colour.iter_mut().enumerate() {
            let soft = corners.iter().zip(shares).map(|(corner, share)| corner.get(channel).unwrap_or(&0.0) * share);
            *value += soft.sum::<f64>() + wave + grain;
        }
        colour
    }
}
