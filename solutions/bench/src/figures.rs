//! Figures: medians, and how far they are spread.

use serde::Serialize;

/// The middle of several figures, and the middle half of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// A quarter of them is lower.
    pub(crate) low: f64,
    pub(crate) median: f64,
    /// A quarter of them is higher.
    pub(crate) high: f64,
}

impl Spread {
    /// Of no figures, all are 0.
    pub(crate) fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let last = figures.len().saturating_sub(1);
        let at = |place: usize| figures.get(place).copied().unwrap_or_default();
        Self {
            low: at(last / 4),
            median: at(last / 2),
            high: at(last - last / 4),
        }
    }

    /// Of each figure's ratio to another figure of the same round.
    pub(crate) fn of_ratios(figures: &[f64], others: &[f64]) -> Self {
        let ratios = figures.iter().zip(others).map(|(one, other)| one / other);
        Self::of(ratios.collect())
    }
}
