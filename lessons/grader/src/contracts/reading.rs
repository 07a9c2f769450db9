//! The contract of programs that read and do not answer: they print `read N bytes` for each chunk,
//! on a line of its own.

use crate::client::Client;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// How many bytes a program has said that it read: the sum of N over the lines `read N bytes` among
/// its first thousand lines.
#[must_use]
pub fn said(program: &Program) -> u64 {
    let lines = program.lines();
    lines.iter().filter_map(|line| chunk(line)).sum()
}

/// Waits until the program has said that it read everything that `client` has sent so far. `client`
/// must be its only client.
///
/// # Errors
/// Red, when it does not say so.
pub fn is_heard(client: &Client) -> Checked {
    let (program, sent) = (client.program(), client.sent());
    let heard = program.owes(|| (said(program) == sent).then_some(()));
    let heard = heard.ok_or_else(|| {
        let said = said(program);
        program.red(format!(
            "its lines `read N bytes` add up to {said} of the {sent} bytes sent"
        ))
    });
    heard.suggest(
        "what the client sends is read as it comes, and `read N bytes` says so for each chunk",
        "an event says only that something has arrived: reading it is yours, and so is saying it",
        "what an event makes you do, and the form of the line",
    )
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
        assert_eq!(chunk("read 17 bytes"), Some(17));
        for other in [
            "read 17 byte",
            "read -1 bytes",
            "I read 17 bytes",
            "read bytes",
        ] {
            assert_eq!(chunk(other), None, "{other}");
        }
    }
}
