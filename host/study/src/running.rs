//! The mean IoU while an evaluation runs.

use std::collections::BTreeMap;

/// The IoUs so far.
#[derive(Debug, Default)]
pub(crate) struct Running {
    /// The sum and the number of each photo's IoUs.
    photos: BTreeMap<String, (f64, f64)>,
}

impl Running {
    pub(crate) fn add(&mut self, photo: &str, iou: f64) {
        let (sum, count) = self.photos.entry(photo.to_owned()).or_default();
        *sum += iou;
        *count += 1.0;
    }

    /// The mean, and how far the ends of its 95 % interval are from it, which is `None` with fewer than two photos. `None` without values.
    ///
    /// The interval is that of a ratio of sums over photos (Cochran, Sampling Techniques, 1977, section 6.4), since entries on one photo are
    /// not independent. The bootstrap of the summary would take too long many times a second.
    pub(crate) fn mean(&self) -> Option<(f64, Option<f64>)> {
        let (total, count) =
            self.photos.values().fold((0.0, 0.0), |(sums, counts), (sum, count)| (sums + sum, counts + count));
        let photos = self.photos.len() as f64;
        if count == 0.0 {
            return None;
        }
        let mean = total / count;
        let squares: f64 = self.photos.values().map(|(sum, count)| (sum - mean * count).powi(2)).sum();
        let half = (photos > 1.0).then(|| 1.96 * (squares * photos / (photos - 1.0)).sqrt() / count);
        Some((mean, half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_counts_photos_and_not_entries() {
        let of = |entries: u32| {
            let mut running = Running::default();
            for photo in 0..50 {
                (0..entries).for_each(|_| running.add(&photo.to_string(), f64::from(photo % 2)));
            }
            running.mean().unwrap()
        };
        // The standard error of 50 values of which half are 1 is sqrt(.25 / 49).
        let (mean, half) = of(1);
        assert!((mean - 0.5).abs() < 1e-12 && (half.unwrap() - 1.96 * (0.25_f64 / 49.0).sqrt()).abs() < 1e-12);
        assert!((of(3).1.unwrap() - half.unwrap()).abs() < 1e-12);
        let mut one = Running::default();
        assert_eq!(one.mean(), None);
        one.add("a", 0.25);
        assert_eq!(one.mean(), Some((0.25, None)));
    }
}
