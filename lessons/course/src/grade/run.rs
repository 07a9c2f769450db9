//! Grading: every check of a subject in a process of its own, several at once.
//!
//! This module prints nothing. The caller passes a listener, which receives the results while they
//! come, in the order of the grader's file; the command line and the book each pass their own.
//!
//! Invariant: a check has a verdict only if its own process wrote one. If the process ends without
//! a verdict, the grader has failed, never the learner.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use grader::kernel::rlimit;
use grader::{Report, Verdict};
use serde::{Deserialize, Serialize};

use crate::catalog::cards::Card;
use crate::catalog::workspace::Workspace;
use crate::grade::compile::scratch;
use crate::grade::subject::Subject;
use crate::system::in_order::{Heard, in_order};
use crate::system::process::{self, Cancel, Ended};

/// How long one check may take. The kit's own limits are far below.
const LIMIT: Duration = Duration::from_secs(60);
/// How many lines of a broken grader's output are kept.
const TAIL: usize = 20;

/// An event of a grading, passed to the listener.
#[derive(Debug)]
pub enum Event<'a> {
    /// It compiles.
    Built {
        /// The checks that are about to run.
        checks: &'a [Card],
        /// The compiler's warnings, if its output was collected.
        warnings: &'a str,
    },
    /// The last check takes a build of its own, which is about to begin.
    Model(&'a Card),
    /// Still waiting for this check, the first without a result in the order of the file.
    Waiting {
        /// Its name.
        check: &'a str,
        /// How many checks have a result already.
        done: usize,
        /// How long the whole grading has taken so far.
        elapsed: Duration,
    },
    /// The next check, in the order of the file, has its result.
    Judged(&'a Judged),
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Name, duration and verdict.
    #[serde(flatten)]
    pub report: Report,
    /// The last lines a grader printed before it ended without a verdict; then the verdict is
    /// *could not judge*. Empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broke: Vec<String>,
}

impl Judged {
    /// The result of a check that could not be judged and took no time.
    pub fn could_not_judge(check: &str, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self::not_run(check, Verdict::CouldNotJudge { reason })
    }

    /// The result of a check that was not run at all.
    pub(crate) fn not_run(check: &str, verdict: Verdict) -> Self {
        Self {
            report: Report {
                check: check.to_owned(),
                millis: 0,
                notes: Vec::new(),
                verdict,
            },
            broke: Vec::new(),
        }
    }

    /// Whether what the check demands holds.
    pub fn is_green(&self) -> bool {
        matches!(self.report.verdict, Verdict::Green)
    }

    /// Whether it does not hold.
    pub fn is_red(&self) -> bool {
        matches!(self.report.verdict, Verdict::Red { .. })
    }
}

/// A built grader, and the checks of it that are to be run.
#[derive(Debug)]
pub struct Grading<'a> {
    /// Where the course lies.
    pub workspace: &'a Workspace,
    /// The program to grade.
    pub subject: &'a Subject,
    /// The test binary.
    pub executable: PathBuf,
    /// The checks, in the order to report them.
    pub checks: Vec<Card>,
}

impl Grading<'_> {
    /// Runs the checks, as many at once as there are cores. Returns the results: of every check,
    /// unless the grading was cancelled.
    ///
    /// # Errors
    /// When the folder for what checks print cannot be made.
    pub fn run(&self, cancel: &Cancel, listener: &mut dyn FnMut(Event<'_>)) -> Result<Vec<Judged>> {
        let scratch = scratch(self.workspace)?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let begun = Instant::now();
        let run_one = |_worker, check: usize| {
            if cancel.is_cancelled() {
                return None;
            }
            self.run_check(&self.checks[check], scratch.path(), cancel)
        };
        in_order(self.checks.len(), cores, run_one, |heard| {
            listener(match heard {
                Heard::Done { result, .. } => Event::Judged(result),
                Heard::Waiting { job, done } => Event::Waiting {
                    check: &self.checks[job].check,
                    done,
                    elapsed: begun.elapsed(),
                },
            });
        })
        .map_err(|error| anyhow!(rlimit::not_started("a thread that grades", &error)))
    }

    /// Runs one check; `None` when it was cancelled.
    fn run_check(&self, card: &Card, folder: &Path, cancel: &Cancel) -> Option<Judged> {
        let begun = Instant::now();
        let check = &card.check;
        let verdict = folder.join(format!("{check}.json"));
        let output = folder.join(format!("{check}.out"));
        let ended = self
            .command(&card.test, &verdict, &output)
            .and_then(|mut command| process::run(&mut command, Some(LIMIT), cancel));
        let how = match ended {
            Ok(Ended::Cancelled) => return None,
            Ok(Ended::Exited(status)) => format!("the grader ended without a verdict ({status})"),
            Ok(Ended::OutOfTime) => {
                format!("the grader was ended after {} seconds", LIMIT.as_secs())
            }
            Err(error) => rlimit::not_started("the grader", &error),
        };
        let written: Option<Report> = fs::read_to_string(&verdict)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        Some(match written {
            Some(mut report) => {
                self.subject.name_places(&mut report);
                Judged {
                    report,
                    broke: Vec::new(),
                }
            }
            None => {
                let no_room = no_room(folder);
                // A full disk explains everything, so the grader's output is left out.
                let broke = if no_room.is_some() {
                    Vec::new()
                } else {
                    tail(&output)
                };
                Judged {
                    report: Report {
                        check: check.to_owned(),
                        millis: begun.elapsed().as_millis() as u64,
                        notes: Vec::new(),
                        verdict: Verdict::CouldNotJudge {
                            reason: no_room.unwrap_or(how),
                        },
                    },
                    broke,
                }
            }
        })
    }

    /// A check's output goes to a file, because a pipe would stay open as long as any descendant of
    /// the check lives.
    fn command(&self, test: &str, verdict: &Path, output: &Path) -> std::io::Result<Command> {
        let output = File::create(output)?;
        let mut command = Command::new(&self.executable);
        process::without_marks(&mut command, &["CARGO_HOME", "CARGO_TARGET_DIR"]);
        command
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .current_dir(&self.subject.folder)
            .env("COURSE_VERDICT", verdict)
            .stdout(output.try_clone()?)
            .stderr(output);
        Ok(command)
    }
}

/// Why the folder of the verdicts cannot be written to; `None` when it can.
fn no_room(folder: &Path) -> Option<String> {
    let trial = folder.join("trial");
    let written = fs::write(&trial, [0; 4096]);
    let _ = fs::remove_file(&trial);
    let what = format!("the verdict cannot be written to {}", folder.display());
    Some(rlimit::refused(&what, &written.err()?))
}

fn tail(output: &Path) -> Vec<String> {
    let output = fs::read(output).unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[lines.len().saturating_sub(TAIL)..].to_vec()
}
