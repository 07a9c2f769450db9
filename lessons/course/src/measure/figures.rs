//! Figures as a person reads them: two or three digits, and a unit that fits.

/// `1 000`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `1.9 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    scaled(bytes as f64 / 1024.0, 1024.0, ["KiB", "MiB", "GiB"])
}

/// `14 µs`.
pub(super) fn micros(micros: f64) -> String {
    scaled(micros, 1000.0, ["µs", "ms", "s"])
}

/// `3.5 %` of a core.
pub(super) fn share(share: f64) -> String {
    match share * 100.0 {
        percent if percent < 0.05 => "0 %".into(),
        percent if percent < 9.95 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// `4.0`, `512`; `-` where nothing was counted.
pub(super) fn calls(calls: Option<f64>) -> String {
    match calls {
        None => "-".into(),
        Some(calls) if calls < 99.95 => format!("{calls:.1}"),
        Some(calls) => count(calls.round() as usize),
    }
}

fn scaled(mut value: f64, step: f64, units: [&str; 3]) -> String {
    let mut unit = 0;
    while value >= step - 0.5 && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    let digits = usize::from(value < 9.95);
    format!("{value:.digits$} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_few_digits_and_a_unit_that_fits() {
        assert_eq!([count(1), count(1000)], ["1", "1 000"]);
        assert_eq!(count(1_234_567), "1 234 567");
        assert_eq!(bytes(1_984 << 10), "1.9 MiB");
        assert_eq!(bytes(900 << 10), "900 KiB");
        assert_eq!(bytes(2 << 30), "2.0 GiB");
        assert_eq!(micros(8.44), "8.4 µs");
        assert_eq!(micros(999.7), "1.0 ms");
        assert_eq!(micros(103_000.0), "103 ms");
        assert_eq!(
            [share(0.0001), share(0.036), share(0.998)],
            ["0 %", "3.6 %", "100 %"]
        );
        assert_eq!(
            [calls(None), calls(Some(4.0)), calls(Some(1004.2))],
            ["-", "4.0", "1 004"]
        );
    }
}
