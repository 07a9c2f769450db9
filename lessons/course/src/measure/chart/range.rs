//! A scale on which ten times as much is one step more.

/// What a tenfold scale spans.
pub(super) struct Range {
    least: f64,
    most: f64,
}

impl Range {
    /// From half of the power of ten below the least figure to the greatest, or to ten times the
    /// least.
    pub(super) fn of(figures: &[Option<f64>]) -> Self {
        let known = || {
            figures
                .iter()
                .flatten()
                .copied()
                .filter(|figure| *figure > 0.0)
        };
        let ten = 10_f64.powf(known().fold(f64::INFINITY, f64::min).log10().floor());
        let ten = if ten.is_finite() { ten } else { 1.0 };
        Self {
            least: ten / 2.0,
            most: known().fold(ten * 10.0, f64::max),
        }
    }

    /// From 0, the least, to 1, the most.
    pub(super) fn place(&self, figure: f64) -> f64 {
        (figure / self.least).log10().max(0.0) / (self.most / self.least).log10()
    }

    /// The powers of ten that it spans, every second of them when there are many.
    pub(super) fn tens(&self) -> Vec<f64> {
        let first = (self.least * 2.0).log10().round() as i32;
        let last = self.most.log10().floor() as i32;
        let step = if last - first > 3 { 2 } else { 1 };
        (first..=last)
            .step_by(step)
            .map(|power| 10_f64.powi(power))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenfold_scale_shows_the_least_and_ends_with_the_most() {
        let range = Range::of(&[Some(1.0), Some(1001.0), None]);
        assert_eq!(range.place(1001.0), 1.0);
        assert!(range.place(1.0) > 0.05);
        assert_eq!(range.tens(), [1.0, 10.0, 100.0, 1000.0]);
        // Nothing to span: one step, so that nothing is divided by zero.
        assert_eq!(Range::of(&[Some(4.0), Some(4.0)]).tens(), [1.0, 10.0]);
        assert_eq!(Range::of(&[None]).tens(), [1.0, 10.0]);
    }
}
