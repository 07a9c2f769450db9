//! One sitting: a subject is built, and its checks are run.
//!
//! A lesson may have one check that takes a model of threads, and with it a build that is slower
//! than all the rest. It comes last, and only once the others hold: until then it has nothing to
//! add.
//!
//! Invariant: whoever sits hears of every check exactly once, in the order of the grader's file,
//! and of the model last.

use anyhow::Result;
use grader::{Report, Verdict};

use crate::catalog::cards::{self, Card};
use crate::catalog::workspace::Workspace;
use crate::grade::compile::{self, Broken, Built};
use crate::grade::diagnostics::Diagnostics;
use crate::grade::run::{Event, Grading, Judged};
use crate::grade::subject::Subject;
use crate::system::process::Cancel;

/// What is to be built and run.
#[derive(Clone, Copy, Debug)]
pub struct GradeSession<'a> {
    /// Where the course lies.
    pub workspace: &'a Workspace,
    /// Whose program it is.
    pub subject: &'a Subject,
    /// The one check to run, if not all.
    pub only: Option<&'a str>,
    /// When the check runs that takes a model.
    pub model: When,
    /// Where cargo's own words go.
    pub diagnostics: Diagnostics,
}

/// When the check runs that takes a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once all others hold.
    OthersHold,
    /// Whatever the others say.
    Always,
}

/// What came of it.
#[derive(Debug)]
pub enum Conclusion {
    /// Every check that was asked for has a result.
    Judged(Vec<Judged>),
    /// It does not compile.
    Broken(Broken),
    /// It was cancelled.
    Cancelled,
}

impl GradeSession<'_> {
    /// Builds, runs, and lets `listener` hear of it.
    ///
    /// # Errors
    /// When the grader cannot be read, or cargo cannot be started.
    pub fn run(&self, cancel: &Cancel, listener: &mut dyn FnMut(Event<'_>)) -> Result<Conclusion> {
        let mut checks = cards::read(&self.subject.grader)?;
        checks.retain(|card| self.only.is_none_or(|only| card.check == only));
        let (models, plain): (Vec<_>, Vec<_>) = checks
            .into_iter()
            .partition(|card| self.subject.model.as_ref() == Some(&card.check));
        // Without a plain check to run, the one build there is needs no announcement.
        let mut run = Vec::new();
        if !plain.is_empty() || models.is_empty() {
            match self.grade(self.subject, &plain, &models, cancel, listener)? {
                Conclusion::Judged(judged) => run = judged,
                other => return Ok(other),
            }
        }
        for card in models {
            let others_hold = run.iter().all(Judged::is_green);
            if !others_hold && self.model == When::OthersHold {
                let waits = waiting(&card);
                listener(Event::Judged(&waits));
                run.push(waits);
                continue;
            }
            listener(Event::Model(&card));
            let done = run.len();
            let mut later = |event: Event<'_>| match event {
                Event::Waiting { check, elapsed, .. } => listener(Event::Waiting {
                    check,
                    done,
                    elapsed,
                }),
                Event::Judged(judged) => listener(Event::Judged(judged)),
                _ => {}
            };
            let model = self.subject.as_model();
            match self.grade(&model, std::slice::from_ref(&card), &[], cancel, &mut later)? {
                Conclusion::Judged(judged) => run.extend(judged),
                other => return Ok(other),
            }
        }
        Ok(Conclusion::Judged(run))
    }

    /// Builds `subject` and runs `checks`; `later` ones are told of, and not run.
    fn grade(
        &self,
        subject: &Subject,
        checks: &[Card],
        later: &[Card],
        cancel: &Cancel,
        listener: &mut dyn FnMut(Event<'_>),
    ) -> Result<Conclusion> {
        let built = compile::compile(self.workspace, subject, self.diagnostics, cancel)?;
        let (executable, warnings) = match built {
            Built::Grader {
                executable,
                warnings,
            } => (executable, warnings),
            Built::Broken(broken) => return Ok(Conclusion::Broken(broken)),
            Built::Cancelled => return Ok(Conclusion::Cancelled),
        };
        listener(Event::Built {
            checks: &[checks, later].concat(),
            warnings: &warnings,
        });
        let grading = Grading {
            workspace: self.workspace,
            subject,
            executable,
            checks: checks.to_vec(),
        };
        let judged = grading.run(cancel, listener)?;
        Ok(if cancel.is_cancelled() {
            Conclusion::Cancelled
        } else {
            Conclusion::Judged(judged)
        })
    }
}

/// The result of a check that waits for the others.
fn waiting(card: &Card) -> Judged {
    let reason = "it comes last: once the other checks hold, it is built with a model of threads, which takes a few seconds";
    Judged {
        report: Report {
            check: card.check.clone(),
            millis: 0,
            notes: Vec::new(),
            verdict: Verdict::Skipped {
                reason: reason.into(),
            },
        },
        broke: Vec::new(),
    }
}
