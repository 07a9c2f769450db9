//! A table as the book shows it: Markdown, and below it, after an empty line, where and how it was
//! measured.

use grader::kernel::machine::Machine;

use super::row::Row;
use super::table::COLUMNS;

/// The headings of a page, in the order of the table's columns; there is room for more words.
const HEADINGS: [&str; 8] = [
    "clients",
    "threads",
    "resident memory",
    "reserved memory",
    "CPU while idle",
    "calls a message",
    "median latency",
    "worst latency",
];

/// The lines of explanation above the table.
const BRIEFLY: &str = "One client in ten talks, at least one, 64 bytes at a time, in turns; latencies are medians of 3 passes.";

/// The page of one lesson; `command` is what makes the same table elsewhere.
pub fn page(command: &str, rows: &[Row], remarks: &[String], machine: &Machine) -> String {
    let mut text = line(HEADINGS.iter().map(|heading| (*heading).to_owned()));
    text += &line(HEADINGS.iter().map(|_| "--:".to_owned()));
    for row in rows {
        // A figure and its unit stay together, and so do the digits of a number.
        let cells = COLUMNS.iter().map(|column| (column.cell)(row));
        text += &line(cells.map(|cell| cell.replace(' ', "\u{a0}")));
    }
    let mut caption = format!("`{command}` on {machine}; release build. {BRIEFLY}");
    for remark in remarks {
        caption += " ";
        caption += remark;
    }
    format!("{text}\n{caption}\n")
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_cell_for_every_heading_and_names_the_machine() {
        let row = Row {
            clients: 1000,
            talkers: 100,
            threads: 1,
            resident_bytes: 2 << 20,
            reserved_bytes: 3 << 20,
            idle_wanted: 0.0,
            calls_per_message: Some(4.0),
            median_micros: 14.0,
            worst_micros: 90.0,
        };
        let machine = Machine {
            kernel: "6.12.0".into(),
            cores: 2,
            processor: Some("AMD EPYC".into()),
            architecture: "x86_64",
        };
        let remarks = ["It sleeps.".to_owned()];
        let page = page("just measure lesson-06", &[row], &remarks, &machine);
        let (table, caption) = page.split_once("\n\n").unwrap();
        let cells = table.lines().map(|line| line.matches('|').count());
        assert_eq!(cells.collect::<Vec<_>>(), [9, 9, 9]);
        assert!(
            table.contains("| 1\u{a0}000 | 1 | 2.0\u{a0}MiB |"),
            "{table}"
        );
        assert!(caption.starts_with("`just measure lesson-06` on Linux 6.12.0, 2 cores"));
        assert!(caption.ends_with("3 passes. It sleeps.\n"), "{caption}");
    }
}
