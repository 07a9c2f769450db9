//! Rows of figures as a table, at most eighty columns wide.

use super::figures::{bytes, calls, count, micros, share};
use super::row::Row;

/// A lesson in a ladder: its row with the most clients that it was measured with.
#[derive(Clone, Debug)]
pub struct Rung {
    /// The lesson, `04 Poll`.
    pub lesson: String,
    /// What it costs.
    pub row: Row,
}

/// A column: its heading, in two lines, and what a row has there.
pub(super) struct Column {
    pub(super) heading: [&'static str; 2],
    pub(super) cell: fn(&Row) -> String,
}

/// The columns of every table.
pub(super) const COLUMNS: [Column; 8] = [
    column(["", "clients"], |row| count(row.clients)),
    column(["", "threads"], |row| count(row.threads)),
    column(["resident", "memory"], |row| bytes(row.resident_bytes)),
    column(["reserved", "memory"], |row| bytes(row.reserved_bytes)),
    column(["CPU", "idle"], |row| share(row.idle_wanted)),
    column(["calls a", "message"], |row| calls(row.calls_per_message)),
    column(["median", "latency"], |row| micros(row.median_micros)),
    column(["worst", "latency"], |row| micros(row.worst_micros)),
];

const fn column(heading: [&'static str; 2], cell: fn(&Row) -> String) -> Column {
    Column { heading, cell }
}

/// One program with more and more clients.
pub fn table(rows: &[Row]) -> String {
    let all = COLUMNS.iter().map(|column| Printed::column(column, rows));
    print(&all.collect::<Vec<_>>(), "  ")
}

/// One lesson a line.
pub fn ladder(rungs: &[Rung]) -> String {
    let rows: Vec<Row> = rungs.iter().map(|rung| rung.row.clone()).collect();
    let mut names = vec![String::new(), "lesson".to_owned()];
    names.extend(rungs.iter().map(|rung| rung.lesson.clone()));
    let mut all = vec![Printed {
        lines: names,
        left: true,
    }];
    all.extend(COLUMNS.iter().map(|column| Printed::column(column, &rows)));
    print(&all, " ")
}

/// A column as text, heading included.
struct Printed {
    lines: Vec<String>,
    /// Words stand at the left, figures at the right.
    left: bool,
}

impl Printed {
    fn column(column: &Column, rows: &[Row]) -> Self {
        let mut lines: Vec<String> = column.heading.map(str::to_owned).into();
        lines.extend(rows.iter().map(column.cell));
        Self { lines, left: false }
    }
}

fn print(columns: &[Printed], gap: &str) -> String {
    let height = columns.first().map_or(0, |column| column.lines.len());
    let mut text = String::new();
    for line in 0..height {
        let mut words = String::new();
        for column in columns {
            let width = column.lines.iter().map(|line| line.chars().count()).max();
            let (width, cell) = (width.unwrap_or(0), &column.lines[line]);
            words += gap;
            words += &if column.left {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            };
        }
        text += words.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widest figures that come up.
    fn row(clients: usize) -> Row {
        Row {
            clients,
            talkers: 100,
            threads: 1001,
            resident_bytes: 1023 << 10,
            reserved_bytes: 1023 << 20,
            idle_wanted: 0.098,
            calls_per_message: Some(12_345.0),
            median_micros: 987.0,
            worst_micros: 987.0,
        }
    }

    fn widest(text: &str) -> usize {
        text.lines().map(|line| line.chars().count()).max().unwrap()
    }

    #[test]
    fn tables_fit_into_eighty_columns() {
        let text = table(&[row(1), row(1000)]);
        assert!(widest(&text) <= 80, "{}\n{text}", widest(&text));
        let rungs = ["01 Blocking", "03 Busy-waiting"].map(|lesson| Rung {
            lesson: lesson.into(),
            row: row(1000),
        });
        let text = ladder(&rungs);
        assert!(widest(&text) <= 80, "{}\n{text}", widest(&text));
    }

    #[test]
    fn figures_stand_below_their_headings() {
        let text = table(&[row(1), row(1000)]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[1].starts_with("  clients  threads"), "{text}");
        assert!(lines[3].starts_with("    1 000    1 001"), "{text}");
        assert!(
            lines
                .iter()
                .all(|line| line.ends_with(|c: char| !c.is_whitespace()))
        );
    }
}
