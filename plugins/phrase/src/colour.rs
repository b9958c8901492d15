//! Colours: names for pixels, and how well a pixel fits a name.

/// The eleven basic colours of English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Blue, cyan.
    Blue,
    /// Purple.
    Purple,
    /// Pink, magenta.
    Pink,
    /// Brown.
    Brown,
    /// Black.
    Black,
    /// White.
    White,
    /// Grey, silver.
    Grey,
}

/// How dark or light a colour is, by its HSV value (the largest of red, green and blue).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// Dark: the value is below 0.45.
    Dark,
    /// Light: the value is above 0.65.
    Light,
}

/// Converts red, green and blue to hue (in degrees, 0 to 360), saturation and value (both 0 to 1).
fn hsv([red, green, blue]: [u8; 3]) -> (f64, f64, f64) {
    let [r, g, b] = [red, green, blue].map(|channel| f64::from(channel) / 255.0);
    let most = r.max(g).max(b);
    let range = most - r.min(g).min(b);
    let hue = if range <= 0.0 {
        0.0
    } else if most <= r {
        60.0 * ((g - b) / range)
    } else if most <= g {
        60.0 * ((b - r) / range + 2.0)
    } else {
        60.0 * ((r - g) / range + 4.0)
    };
    (if hue < 0.0 { hue + 360.0 } else { hue }, if most > 0.0 { range / most } else { 0.0 }, most)
}

impl Colour {
    /// The colour of a pixel (red, green, blue), by bounds on hue h, saturation s and value v:
    ///
    /// | colour | bounds (the first row that fits counts) |
    /// |---|---|
    /// | black | v < .20, or v < .32 and s < .35 |
    /// | white, grey | s < .12, or s < .20 and v < .75: white where v > .75, else grey |
    /// | brown | 12 ≤ h < 48, v < .68 and s < .90, or v < .50 |
    /// | pink | h ≥ 300 or h < 12, s < .50 and v > .60; 300 ≤ h < 345 |
    /// | red | h ≥ 345 or h < 12 |
    /// | orange | 12 ≤ h < 42 |
    /// | yellow | 42 ≤ h < 68 |
    /// | green | 68 ≤ h < 165 |
    /// | blue | 165 ≤ h < 258 |
    /// | purple | 258 ≤ h < 300 |
    #[must_use]
    pub fn of(pixel: [u8; 3]) -> Self {
        let (h, s, v) = hsv(pixel);
        let reddish = !(12.0..345.0).contains(&h);
        if v < 0.20 || (v < 0.32 && s < 0.35) {
            Self::Black
        } else if s < 0.12 || (s < 0.20 && v < 0.75) {
            if v > 0.75 { Self::White } else { Self::Grey }
        } else if (12.0..48.0).contains(&h) && ((v < 0.68 && s < 0.90) || v < 0.50) {
            Self::Brown
        } else if (300.0..345.0).contains(&h) || (reddish && s < 0.50 && v > 0.60) {
            Self::Pink
        } else if reddish {
            Self::Red
        } else if h < 42.0 {
            Self::Orange
        } else if h < 68.0 {
            Self::Yellow
        } else if h < 165.0 {
            Self::Green
        } else if h < 258.0 {
            Self::Blue
        } else {
            Self::Purple
        }
    }

    /// How well a pixel fits this colour: 1 if it has the colour, 0.4 if it has a similar colour (which light and dirt
    /// may turn into this one), else 0.
    #[must_use]
    pub fn fit(self, pixel: [u8; 3]) -> f64 {
        let name = Self::of(pixel);
        if name == self {
            1.0
        } else if self.is_similar_to(name) {
            0.4
        } else {
            0.0
        }
    }

    /// Whether people often confuse the two colours.
    fn is_similar_to(self, other: Self) -> bool {
        use Colour::{Black, Blue, Brown, Grey, Orange, Pink, Purple, Red, White, Yellow};
        let pair = (self.min(other), self.max(other));
        [
            (Red, Orange),
            (Red, Pink),
            (Red, Brown),
            (Orange, Yellow),
            (Orange, Brown),
            (Yellow, Brown),
            (Blue, Purple),
            (Purple, Pink),
            (Black, Grey),
            (White, Grey),
        ]
        .contains(&pair)
    }

    /// The English name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
            Self::Pink => "pink",
            Self::Brown => "brown",
            Self::Black => "black",
            Self::White => "white",
            Self::Grey => "grey",
        }
    }
}

impl Shade {
    /// How well a pixel fits this shade: 1 or 0.
    #[must_use]
    pub fn fit(self, pixel: [u8; 3]) -> f64 {
        let (_, _, v) = hsv(pixel);
        f64::from(u8::from(match self {
            Self::Dark => v < 0.45,
            Self::Light => v > 0.65,
        }))
    }

    /// The English name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_colours_get_their_names() {
        for (pixel, name) in [
            ([220, 20, 30], "red"),
            ([140, 15, 20], "red"),
            ([250, 130, 20], "orange"),
            ([245, 220, 40], "yellow"),
            ([40, 150, 50], "green"),
            ([20, 60, 30], "green"),
            ([30, 60, 200], "blue"),
            ([120, 190, 240], "blue"),
            ([120, 40, 180], "purple"),
            ([250, 150, 180], "pink"),
            ([110, 70, 35], "brown"),
            ([15, 15, 18], "black"),
            ([70, 68, 66], "black"),
            ([250, 248, 245], "white"),
            ([128, 128, 130], "grey"),
        ] {
            assert_eq!(Colour::of(pixel).name(), name, "{pixel:?}");
        }
    }

    #[test]
    fn every_pixel_fits_its_own_colour() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let name = Colour::of([r, g, b]);
                    assert!((name.fit([r, g, b]) - 1.0).abs() < 1e-12);
                }
            }
        }
        assert!((Colour::Grey.fit([250, 250, 250]) - 0.4).abs() < 1e-12);
        assert_eq!(Shade::Dark.fit([10, 10, 90]), 1.0);
        assert_eq!(Shade::Light.fit([10, 10, 90]), 0.0);
    }
}
