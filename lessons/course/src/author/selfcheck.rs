//! The course's checks of itself: what is promised of every stub, mistake, alternative and card.
//!
//! Each function returns complaints, in words; an empty list means that the promise is kept. The
//! quick ones run in `cargo test`, those that build many programs in `.ci/run` through `cargo
//! course selfcheck`.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, bail};
use grader::{Failure, Verdict};

use crate::author::alternatives::Alternative;
use crate::author::mistakes::Mistake;
use crate::author::todos::{self, Todo};
use crate::catalog::cards;
use crate::catalog::lessons::{Lesson, PARTS};
use crate::catalog::stubs;
use crate::catalog::workspace::Workspace;
use crate::grade::compile::Broken;
use crate::grade::diagnostics::Diagnostics;
use crate::grade::run::Judged;
use crate::grade::scratch_package::ScratchPackage;
use crate::grade::session::{Conclusion, GradeSession, When};
use crate::grade::subject::Subject;
use crate::show::report::word;
use crate::system::process::Cancel;

/// A broken promise, in words.
pub type Complaint = String;

/// The result of grading a program about which the course makes a promise.
#[derive(Debug, Default)]
pub struct Graded {
    /// Each way in which the program does not keep the promise.
    pub complaints: Vec<Complaint>,
    /// The verdicts, in the order of the grader.
    pub run: Vec<Judged>,
}

/// How soon a check of an untouched stub must be red.
const AT_ONCE: Duration = Duration::from_secs(5);
/// How many hints a check needs.
const HINTS: usize = 2;

/// Builds a subject and runs its grader, or one check of it.
///
/// # Errors
/// When it does not compile; the error holds what cargo said.
pub fn grade(workspace: &Workspace, subject: &Subject, only: Option<&str>) -> Result<Vec<Judged>> {
    run_session(workspace, subject, only, When::OthersHold)
}

fn run_session(
    workspace: &Workspace,
    subject: &Subject,
    only: Option<&str>,
    model: When,
) -> Result<Vec<Judged>> {
    let session = GradeSession {
        workspace,
        subject,
        only,
        model,
        diagnostics: Diagnostics::Collected,
    };
    match session.run(&Cancel::default(), &mut |_| {})? {
        Conclusion::Judged(judged) => Ok(judged),
        Conclusion::Broken(Broken { whose, output, .. }) => {
            bail!("{} does not build ({whose:?}):\n{output}", subject.package)
        }
        Conclusion::Cancelled => bail!("{} was cancelled", subject.package),
    }
}

/// Every check has a card with hints, the lesson has a chapter and a part, and nothing is left for
/// its author to write. Quick.
///
/// # Errors
/// When the grader cannot be read.
pub fn cards(workspace: &Workspace, lesson: &Lesson) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    let cards = cards::read(&lesson.grader())?;
    if cards.is_empty() {
        complaints.push(format!("{} has no check", lesson.grader().display()));
    }
    for card in cards {
        if card.holds.is_empty() {
            complaints.push(format!(
                "{} has no doc comment that says what must hold",
                card.check
            ));
        }
        if card.hints.len() < HINTS {
            complaints.push(format!(
                "{} has {} hints; it needs {HINTS}",
                card.check,
                card.hints.len()
            ));
        }
    }
    if !workspace.root().join(lesson.chapter()).is_file() {
        complaints.push(format!(
            "there is no chapter {}",
            lesson.chapter().display()
        ));
    }
    if !(1..=PARTS.len()).contains(&lesson.about.part) {
        complaints.push(format!(
            "there is no part {}, so no map shows this lesson",
            lesson.about.part
        ));
    }
    let todos = todos::all(workspace, lesson)?;
    complaints.extend(todos.iter().map(Todo::to_string));
    Ok(complaints)
}

/// The mistakes fit the solution and name checks that exist, and every check is named by one.
/// Quick.
///
/// # Errors
/// When the files cannot be read.
pub fn mistakes_fit(lesson: &Lesson) -> Result<Vec<Complaint>> {
    let Some(solution) = lesson.reference()? else {
        return Ok(Vec::new());
    };
    let mut complaints = Vec::new();
    let mut unnamed: BTreeSet<_> = cards::read(&lesson.grader())?
        .into_iter()
        .map(|card| card.check)
        .collect();
    let checks = unnamed.clone();
    let mut names = BTreeSet::new();
    for mistake in Mistake::all(lesson)? {
        if let Err(error) = mistake.make(&solution) {
            complaints.push(format!("{error:#}"));
        }
        if !checks.contains(&mistake.red) {
            complaints.push(format!(
                "the mistake `{}` names `{}`, which is no check",
                mistake.name, mistake.red
            ));
        }
        if mistake.words.trim().is_empty() {
            complaints.push(format!("the mistake `{}` names no words", mistake.name));
        }
        unnamed.remove(&mistake.red);
        if !names.insert(mistake.name.clone()) {
            complaints.push(format!("two mistakes are called `{}`", mistake.name));
        }
    }
    complaints.extend(
        unnamed
            .iter()
            .map(|check| format!("{check} is the named red of no mistake")),
    );
    Ok(complaints)
}

/// Every check of the derived stub is red, at once, because of the `todo!` it met.
///
/// # Errors
/// When the stub cannot be derived or does not compile.
pub fn stub(workspace: &Workspace, lesson: &Lesson) -> Result<Graded> {
    let Some(solution) = lesson.reference()? else {
        return Ok(Graded::default());
    };
    let scratch = ScratchPackage::lay_out(workspace, lesson, "stub", &stubs::derive(&solution)?)?;
    let run = run_session(workspace, &scratch.subject, None, When::Always)?;
    Ok(Graded {
        complaints: run.iter().filter_map(complaint_of_stub).collect(),
        run,
    })
}

fn complaint_of_stub(judged: &Judged) -> Option<Complaint> {
    let check = &judged.report.check;
    match &judged.report.verdict {
        Verdict::Red { failure } if failure.unwritten.is_none() => Some(format!(
            "{check} is red on the stub, but not because of a todo!:\n{failure}"
        )),
        Verdict::Red { .. } if u128::from(judged.report.millis) > AT_ONCE.as_millis() => {
            Some(format!(
                "{check} takes {} ms to find the stub unwritten",
                judged.report.millis
            ))
        }
        Verdict::Red { .. } => None,
        other => Some(format!("{check} on the stub: {}", told(other, judged))),
    }
}

/// The mistake builds, its named check is red with its words, and no other check says these words.
/// The wrong program is laid out as the scratch package `package`. Mistakes that share one name are
/// built over each other, so the grader is built once and the disk holds one program instead of
/// hundreds.
///
/// # Errors
/// When the mistake does not fit or does not compile.
pub fn mistake(
    workspace: &Workspace,
    lesson: &Lesson,
    mistake: &Mistake,
    package: &str,
) -> Result<Graded> {
    let wrong = mistake.make(&lesson.reference_for("break")?)?;
    let scratch = ScratchPackage::lay_out(workspace, lesson, package, &wrong)?;
    let run = grade(workspace, &scratch.subject, None)?;
    let mut complaints: Vec<_> = complaint_of_mistake(mistake, &run).into_iter().collect();
    for other in run
        .iter()
        .filter(|judged| judged.report.check != mistake.red)
    {
        if failure(other).is_some_and(|failure| message(failure).contains(&mistake.words)) {
            complaints.push(format!(
                "`{}`: {} says \"{}\" too",
                mistake.name, other.report.check, mistake.words
            ));
        }
    }
    Ok(Graded { complaints, run })
}

/// What is wrong with how a run caught a mistake, if anything.
pub fn complaint_of_mistake(mistake: &Mistake, run: &[Judged]) -> Option<Complaint> {
    let Mistake {
        name, red, words, ..
    } = mistake;
    let Some(judged) = run.iter().find(|judged| &judged.report.check == red) else {
        return Some(format!("`{name}`: there is no check {red}"));
    };
    match failure(judged) {
        None => Some(format!(
            "`{name}` is not caught by {red}: {}",
            told(&judged.report.verdict, judged)
        )),
        Some(failure) if !message(failure).contains(words) => Some(format!(
            "`{name}`: {red} is red, but its message does not say \"{words}\":\n{failure}"
        )),
        Some(_) => None,
    }
}

/// Every check of the reference is green, also the one that needs a model of threads, which plain
/// `cargo test` leaves out.
///
/// # Errors
/// When it does not compile.
pub fn reference(workspace: &Workspace, lesson: &Lesson) -> Result<Graded> {
    if lesson.reference()?.is_none() {
        return Ok(Graded::default());
    }
    let subject = Subject::solution(workspace, lesson);
    let run = run_session(workspace, &subject, None, When::Always)?;
    let mut complaints = complaints_of_right_program(&subject.package, &run);
    let has = |check: &&String| run.iter().any(|judged| judged.report.check == **check);
    if let Some(model) = lesson.about.model.as_ref().filter(|model| !has(model)) {
        complaints.push(format!(
            "there is no check {model}, which the manifest names as the model"
        ));
    }
    Ok(Graded { complaints, run })
}

/// Every check of an alternative solution is green.
///
/// # Errors
/// When it does not compile.
pub fn alternative(
    workspace: &Workspace,
    lesson: &Lesson,
    alternative: &Alternative,
) -> Result<Graded> {
    let scratch = alternative.lay_out(workspace, lesson)?;
    let run = grade(workspace, &scratch.subject, None)?;
    Ok(Graded {
        complaints: complaints_of_right_program(&alternative.name, &run),
        run,
    })
}

/// What is wrong with how a run judged a program that is known to be right.
pub fn complaints_of_right_program(name: &str, run: &[Judged]) -> Vec<Complaint> {
    let is_wrong = |judged: &&Judged| !matches!(judged.report.verdict, Verdict::Green);
    let complain = |judged: &Judged| {
        format!(
            "{name}: {}: {}",
            judged.report.check,
            told(&judged.report.verdict, judged)
        )
    };
    run.iter().filter(is_wrong).map(complain).collect()
}

fn failure(judged: &Judged) -> Option<&Failure> {
    match &judged.report.verdict {
        Verdict::Red { failure } => Some(failure),
        _ => None,
    }
}

/// All the words of a failure in one line, so that no line break hides some.
fn message(failure: &Failure) -> String {
    let parts = [&failure.expected, &failure.saw, &failure.why, &failure.look];
    let words = parts
        .into_iter()
        .chain(&failure.autopsy)
        .flat_map(|part| part.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

fn told(verdict: &Verdict, judged: &Judged) -> String {
    let more = match verdict {
        Verdict::Green => String::new(),
        Verdict::Red { failure } => failure.to_string(),
        Verdict::Skipped { reason } | Verdict::CouldNotJudge { reason } => reason.clone(),
    };
    format!("{}\n{more}\n{}", word(verdict), judged.broke.join("\n"))
        .trim_end()
        .to_owned()
}
