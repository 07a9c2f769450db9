//! The ladder as a picture: one panel for each cost, one bar for each lesson.
//!
//! It is drawn as the book's diagrams are, with their classes and without colours; for a file that
//! stands alone, the classes are given colours here. It is narrow, so that a phone shows all of it;
//! and every bar says its figure.

mod panels;
mod range;

use std::fmt::Write;

use grader::kernel::machine::Machine;

use self::panels::{PANELS, Panel, Scale};
use self::range::Range;
use super::figures::{count, share};
use super::table::Rung;

const WIDTH: f64 = 372.0;
/// Where text begins.
const LEFT: f64 = 4.0;
/// As many letters fit into a line below the chart.
const LINE: usize = 56;
/// Where bars begin, and how long the longest is; names stand left of them, figures right.
const BARS: f64 = 114.0;
const LONGEST: f64 = 178.0;
/// As many letters have room below the bars.
const LABELS: usize = 22;
/// How far two bars, and two panels, are apart.
const STEP: f64 = 21.0;
const PANEL: f64 = 58.0;
/// The length of the shortest bar, so that it can be seen.
const SHORTEST: f64 = 2.0;

/// The book's classes for a chart that stands alone.
const STYLE: &str = "  <style>
    .diagram { --ink: #1d1f23; --quiet: #595d66; --line: #c8cad0; --bar: #1f5fa5; --soft: #dbe7f4; --ground: #fff; }
    @media (prefers-color-scheme: dark) {
      .diagram { --ink: #d5dae0; --quiet: #9aa2ab; --line: #454b54; --bar: #7ab5ee; --soft: #25384c; --ground: #16191d; }
    }
    text { font-family: sans-serif; font-size: 14px; fill: var(--ink); }
    .small { font-size: 12px; } .strong { font-weight: 700; } .muted { fill: var(--quiet); }
    .middle { text-anchor: middle; } .end { text-anchor: end; }
    .ground { fill: var(--ground); } .region { stroke: var(--line); }
    .full { fill: var(--soft); stroke: var(--bar); stroke-width: 1.5; }
    .box { fill: var(--ground); stroke: var(--quiet); stroke-width: 1.5; }
  </style>
";

/// Whose colours a chart has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Those of the page that it will stand in.
    OfThePage,
    /// Its own, light or dark as the reader's system is.
    Own,
}

/// Draws the ladder. Every rung has as many clients as the first that has the most, or is marked.
pub fn chart(rungs: &[Rung], machine: &Machine, colours: Colours) -> String {
    let most = rungs.iter().map(|rung| rung.row.clients).max().unwrap_or(0);
    let title = format!("What {} clients cost", count(most));
    let notes = footnotes(rungs, most, machine);
    let height = 8.0
        + PANELS.len() as f64 * (PANEL + STEP * rungs.len() as f64)
        + 18.0 * notes.len() as f64
        + 8.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\"{}>\n",
        if colours == Colours::Own {
            " class=\"diagram\""
        } else {
            ""
        }
    );
    let _ = writeln!(svg, "  <title>{title}</title>");
    let _ = writeln!(svg, "  <desc>{}</desc>", description(rungs, most));
    if colours == Colours::Own {
        svg += STYLE;
        let _ = writeln!(
            svg,
            "  <rect class=\"ground\" x=\"0\" y=\"0\" width=\"{WIDTH}\" height=\"{height}\"/>"
        );
    }
    let mut top = 8.0;
    for panel in &PANELS {
        panel.draw(rungs, most, top, &mut svg);
        top += PANEL + STEP * rungs.len() as f64;
    }
    for words in notes {
        let _ = writeln!(
            svg,
            "  <text class=\"small muted\" x=\"{LEFT}\" y=\"{}\">{words}</text>",
            top + 14.0
        );
        top += 18.0;
    }
    svg + "</svg>\n"
}

/// A description of the chart in words.
fn description(rungs: &[Rung], most: usize) -> String {
    let mut text = format!(
        "Bars for each lesson's server with {} clients, or as many as it serves.",
        count(most)
    );
    for panel in &PANELS {
        let bars = rungs.iter().map(|rung| {
            let figure = (panel.figure)(&rung.row).map_or("not counted".into(), panel.tell);
            format!("{}, {figure}", named(rung, most))
        });
        let bars: Vec<_> = bars.collect();
        let _ = write!(text, "\n    {}: {}.", panel.heading, bars.join("; "));
    }
    escape(&text)
}

fn named(rung: &Rung, most: usize) -> String {
    let star = if rung.row.clients < most { "*" } else { "" };
    format!("{}{star}", rung.lesson)
}

fn footnotes(rungs: &[Rung], most: usize, machine: &Machine) -> Vec<String> {
    let mut words =
        vec!["Each line of a grid is ten times the one before; CPU in per cent.".to_owned()];
    let fewer = rungs
        .iter()
        .map(|rung| rung.row.clients)
        .filter(|clients| *clients < most)
        .max();
    words.extend(fewer.map(|clients| {
        let s = if clients == 1 { "" } else { "s" };
        format!(
            "* with {} client{s}: it serves no more at a time.",
            count(clients)
        )
    }));
    words.push(machine.to_string());
    let lines = words.iter().flat_map(|words| textwrap::wrap(words, LINE));
    lines.map(|line| escape(&line)).collect()
}

impl Panel {
    fn draw(&self, rungs: &[Rung], most: usize, top: f64, svg: &mut String) {
        let figures: Vec<_> = rungs.iter().map(|rung| (self.figure)(&rung.row)).collect();
        let range = Range::of(&figures);
        let bottom = top + 26.0 + STEP * rungs.len() as f64;
        let _ = writeln!(
            svg,
            "\n  <text class=\"strong\" x=\"{LEFT}\" y=\"{}\">{}</text>",
            top + 16.0,
            self.heading
        );
        for (at, label) in self.grid(&range) {
            let _ = writeln!(
                svg,
                "  <path class=\"region\" d=\"M{at:.1} {}V{bottom}\"/>",
                top + 24.0
            );
            let _ = writeln!(
                svg,
                "  <text class=\"small middle muted\" x=\"{at:.1}\" y=\"{}\">{label}</text>",
                bottom + 14.0
            );
        }
        for (line, (rung, figure)) in rungs.iter().zip(&figures).enumerate() {
            let y = top + 28.0 + STEP * line as f64;
            let _ = writeln!(
                svg,
                "  <text class=\"small\" x=\"{LEFT}\" y=\"{}\">{}</text>",
                y + 12.0,
                escape(&named(rung, most))
            );
            if let Some(figure) = figure {
                let class = if rung.row.clients < most {
                    "box"
                } else {
                    "full accent"
                };
                let length = self.length(*figure, &range);
                let _ = writeln!(
                    svg,
                    "  <rect class=\"{class}\" x=\"{BARS}\" y=\"{y}\" width=\"{length:.1}\" height=\"15\"/>"
                );
            }
            let words = figure.map_or("not counted".into(), self.tell);
            let _ = writeln!(
                svg,
                "  <text class=\"small end\" x=\"{}\" y=\"{}\">{words}</text>",
                WIDTH - LEFT,
                y + 12.0
            );
        }
    }

    fn length(&self, figure: f64, range: &Range) -> f64 {
        let share = match self.scale {
            Scale::Share => figure.min(1.0),
            Scale::Tenfold => range.place(figure),
        };
        (share * LONGEST).max(SHORTEST)
    }

    /// The places of the grid's lines, and their labels.
    fn grid(&self, range: &Range) -> Vec<(f64, String)> {
        match self.scale {
            Scale::Share => [0.0, 0.5, 1.0]
                .map(|part| (BARS + part * LONGEST, share(part)))
                .into(),
            Scale::Tenfold => {
                let place = |ten: &f64| BARS + range.place(*ten) * LONGEST;
                let tens = range.tens();
                let mut lines: Vec<_> = tens
                    .iter()
                    .map(|ten| (place(ten), whole(&(self.tell)(*ten))))
                    .collect();
                if lines.iter().map(|(_, label)| label.len()).sum::<usize>() > LABELS {
                    lines
                        .iter_mut()
                        .skip(1)
                        .step_by(2)
                        .for_each(|(_, label)| label.clear());
                }
                lines
            }
        }
    }
}

/// A figure without its `.0`: a line of the grid means exactly this.
fn whole(figure: &str) -> String {
    let figure = figure.strip_suffix(".0").unwrap_or(figure);
    figure.replace(".0 ", " ")
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::row::Row;

    fn rung(lesson: &str, clients: usize, threads: usize) -> Rung {
        Rung {
            lesson: lesson.into(),
            row: Row {
                clients,
                talkers: 1,
                threads,
                resident_bytes: 2 << 20,
                reserved_bytes: 3 << 20,
                idle_wanted: 0.0,
                calls_per_message: None,
                median_micros: 40.0,
                worst_micros: 90.0,
            },
        }
    }

    fn rungs() -> [Rung; 3] {
        [
            rung("01 Blocking", 1, 1),
            rung("02 Threads", 1000, 1001),
            rung("06 Read & write", 1000, 1),
        ]
    }

    #[test]
    fn what_the_picture_shows_is_said_in_words() {
        let svg = chart(&rungs(), &Machine::here(), Colours::OfThePage);
        assert!(svg.contains("<title>What 1 000 clients cost</title>"));
        assert!(
            svg.contains("Threads: 01 Blocking*, 1; 02 Threads, 1 001; 06 Read &amp; write, 1.")
        );
        assert!(svg.contains("* with 1 client: it serves no more at a time."));
        assert!(svg.contains("System calls for each message: 01 Blocking*, not counted;"));
    }

    #[test]
    fn only_a_chart_that_stands_alone_has_colours() {
        assert!(!chart(&rungs(), &Machine::here(), Colours::OfThePage).contains('#'));
        let alone = chart(&rungs(), &Machine::here(), Colours::Own);
        assert!(alone.contains("<style>") && alone.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn lines_of_the_grid_are_round_figures() {
        assert_eq!(whole("1.0 ms"), "1 ms");
        assert_eq!(whole("10.0"), "10");
        assert_eq!(whole("100"), "100");
    }
}
