//! One grading session: a subject is built, and its checks are run.
//!
//! A lesson may have one check that needs a model of threads, and with it a second, slow build. It
//! runs last, and only once the others hold: until then it has nothing to add.
//!
//! Invariant: the listener hears of every check exactly once, in the order of the grader's file,
//! but of the check with a model last.

use anyhow::Result;
use grader::Verdict;

use crate::catalog::cards::{self, Card};
use crate::catalog::workspace::Workspace;
use crate::grade::compile::{self, Broken, Built};
use crate::grade::diagnostics::Diagnostics;
use crate::grade::run::{Event, Grading, Judged};
use crate::grade::subject::Subject;
use crate::system::process::Cancel;

/// What to build and run.
#[derive(Clone, Copy, Debug)]
pub struct GradeSession<'a> {
    /// Where the course lies.
    pub workspace: &'a Workspace,
    /// The program to grade.
    pub subject: &'a Subject,
    /// The one check to run, if not all.
    pub only: Option<&'a str>,
    /// When the check with a model runs.
    pub model: When,
    /// Where cargo's own words go.
    pub diagnostics: Diagnostics,
}

/// When the check with a model runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once all others hold.
    OthersHold,
    /// Whatever the others say.
    Always,
}

/// How a session ended.
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
    /// Builds the subject, runs its checks, and passes each event to `listener`.
    ///
    /// # Errors
    /// When the grader cannot be read, or cargo cannot be started.
    pub fn run(&self, cancel: &Cancel, listener: &mut dyn FnMut(Event<'_>)) -> Result<Conclusion> {
        let mut checks = cards::read(&self.subject.grader)?;
        checks.retain(|card| self.only.is_none_or(|only| card.check == only));
        let (models, plain): (Vec<_>, Vec<_>) = checks
            .into_iter()
            .partition(|card| self.subject.model.as_ref() == Some(&card.check));
        // If only the check with a model is wanted, the plain build is left out.
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

    /// Builds `subject` and runs `checks`. The `later` ones are announced with them, but not run.
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

/// The result of a check that was left out because another does not hold.
fn waiting(card: &Card) -> Judged {
    let reason = "it comes last: once the other checks hold, it is built with a model of threads, which takes a few seconds";
    let reason = reason.to_owned();
    Judged::not_run(&card.check, Verdict::Skipped { reason })
}
