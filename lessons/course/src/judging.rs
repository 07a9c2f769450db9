//! One run of a grader, shown while it happens.

use std::io::{Write, stdout};

use anyhow::Result;
use course::cards::{self, Card};
use course::compile::{self, Built, Diagnostics, Whose};
use course::grading::{Event, Grading, Judged};
use course::process::Cancel;
use course::report;
use course::style::{QUIET, paint};
use course::subject::Subject;
use course::workspace::Workspace;

use crate::screen;

/// What came of a run.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Every check that was asked for has a result.
    Judged(Vec<Judged>),
    /// It does not compile; cargo has said why.
    DoesNotCompile(Whose),
    /// A newer run has taken over.
    Cancelled,
}

/// How the results are told while they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling<'a> {
    /// This heading, once it compiles, and a line for each check.
    Lines(&'a str),
    /// Only what is running, and only on a terminal.
    Quietly,
    /// A JSON object for each check of the lesson with this name.
    Json(&'a str),
}

/// Builds `subject`, runs its checks (`only` one of them, if named), and tells the results.
pub(crate) fn judge(
    workspace: &Workspace,
    subject: &Subject,
    only: Option<&str>,
    telling: Telling<'_>,
    cancel: &Cancel,
) -> Result<Outcome> {
    let executable = match compile::compile(workspace, subject, Diagnostics::Shown, cancel)? {
        Built::Grader(executable) => executable,
        Built::Broken { whose, .. } => return Ok(Outcome::DoesNotCompile(whose)),
        Built::Cancelled => return Ok(Outcome::Cancelled),
    };
    if let Telling::Lines(heading) = telling {
        anstream::print!("{heading}");
    }
    let mut checks = cards::read(&subject.grader)?;
    checks.retain(|card| only.is_none_or(|only| card.check == only));
    let mut teller = Teller::new(telling, &checks);
    let grading = Grading {
        workspace,
        subject,
        executable,
        checks,
    };
    let judged = grading.run(cancel, &mut |event| teller.hear(&event))?;
    teller.wipe();
    Ok(if cancel.is_cancelled() {
        Outcome::Cancelled
    } else {
        Outcome::Judged(judged)
    })
}

/// Tells results as they come.
struct Teller<'a> {
    telling: Telling<'a>,
    /// How wide the longest name is.
    room: usize,
    /// How many checks there are.
    all: usize,
    /// Whether a line is drawn that the next one replaces.
    drawn: bool,
    /// Which picture of the spinner is next.
    turn: usize,
}

impl<'a> Teller<'a> {
    fn new(telling: Telling<'a>, checks: &[Card]) -> Self {
        let room = checks
            .iter()
            .map(|card| card.check.len())
            .max()
            .unwrap_or(0);
        Self {
            telling,
            room,
            all: checks.len(),
            drawn: false,
            turn: 0,
        }
    }

    fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::Waiting {
                check,
                done,
                elapsed,
            } => {
                if !matches!(self.telling, Telling::Json(_)) && screen::is_lively() {
                    let line = format!(
                        "{check}, {done} of {} done, {}",
                        self.all,
                        report::seconds(*elapsed)
                    );
                    self.draw(&line);
                }
            }
            Event::Judged(judged) => {
                self.wipe();
                match self.telling {
                    Telling::Lines(_) => {
                        anstream::print!("{}", report::line(judged, self.room, screen::width()));
                    }
                    Telling::Json(lesson) => println!("{}", json(lesson, judged)),
                    Telling::Quietly => {}
                }
            }
        }
    }

    fn draw(&mut self, line: &str) {
        const PICTURES: [char; 4] = ['|', '/', '-', '\\'];
        let picture = PICTURES[self.turn % PICTURES.len()];
        let line: String = line
            .chars()
            .take(screen::width().saturating_sub(5))
            .collect();
        self.turn += 1;
        self.drawn = true;
        anstream::print!("\r\x1b[2K  {}", paint(QUIET, format!("{picture} {line}")));
        let _ = stdout().flush();
    }

    fn wipe(&mut self) {
        if std::mem::take(&mut self.drawn) {
            anstream::print!("\r\x1b[2K");
            let _ = stdout().flush();
        }
    }
}

fn json(lesson: &str, judged: &Judged) -> String {
    let mut object = serde_json::json!({ "lesson": lesson });
    if let (Some(object), Ok(serde_json::Value::Object(judged))) =
        (object.as_object_mut(), serde_json::to_value(judged))
    {
        object.extend(judged);
    }
    object.to_string()
}
