//! What a program says that it has read: its lines `read N bytes`, counted as they come. A program
//! whose buffer is small says more of them than are kept.

/// The lines `read N bytes` that a program has printed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// How many lines these are.
    pub times: u64,
    /// The sum of their N, in bytes.
    pub bytes: u64,
    /// The N of the latest of them; `None` before the first.
    pub last: Option<u64>,
}

impl Reads {
    /// Counts a line, if it is one of these.
    pub(super) fn hear(&mut self, line: &str) {
        if let Some(n) = chunk(line) {
            self.times += 1;
            self.bytes = self.bytes.saturating_add(n);
            self.last = Some(n);
        }
    }
}

/// The N of a line `read N bytes`; `None` for any other line.
#[must_use]
pub fn chunk(line: &str) -> Option<u64> {
    let n = line.strip_prefix("read ")?.strip_suffix(" bytes")?;
    n.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_line_counts() {
        let mut reads = Reads::default();
        for line in [
            "read 17 bytes",
            "read 17 byte",
            "read -1 bytes",
            "I read 17 bytes",
            "read bytes",
            "read 3 bytes",
        ] {
            reads.hear(line);
        }
        let due = Reads {
            times: 2,
            bytes: 20,
            last: Some(3),
        };
        assert_eq!(reads, due);
    }
}
