//! `measure`: what a lesson's server costs with more and more clients.

use std::path::PathBuf;

use anyhow::Result;
use course::catalog::lessons::{Lesson, Measure};
use course::error::{Error, Exit};
use course::grade::compile::{self, Broken};
use course::grade::subject::Subject;
use course::measure::release::{Released, release};
use course::measure::{self, COUNTING_CALLS, HOW, Measured, Plan, Row};
use course::show::report::{self, paragraph};
use course::show::style::{BAD, QUIET, STRONG, paint};
use course::system::lock;
use course::system::process::Cancel;
use grader::Stop;
use grader::kernel::machine::Machine;
use serde_json::{Value, json};

use crate::cli::commands::not_started;
use crate::cli::commands::summary;
use crate::cli::course_here::Course;
use crate::cli::screen;

pub(super) fn run(course: &Course, asked: &str, solution: bool, json: bool) -> Result<Exit> {
    let lesson = course.lesson(Some(asked))?;
    let about = about(course, lesson)?;
    let _lock = lock::for_check(&course.workspace)?;
    let subject = if solution {
        lesson.reference_for("measure")?;
        Subject::solution(&course.workspace, lesson)
    } else {
        let subject = Subject::lesson(&course.workspace, lesson);
        if lesson.is_untouched(&lesson.sources()?)? {
            return not_started::not_started(course, lesson, &subject, &Cancel::default());
        }
        subject
    };
    let program = match build(course, &subject)? {
        Ok(program) => program,
        Err(broken) => return Ok(summary::does_not_compile(lesson, &subject, &broken)),
    };
    if !json {
        outln!(
            "{}{}\n",
            paint(
                STRONG,
                format!("{}  {}", lesson.package(), lesson.about.title)
            ),
            paint(
                QUIET,
                format!("  measuring {}, release build", subject.package)
            )
        );
    }
    let mut measured = measure(course, &program, about, &about.clients())?;
    measured.remarks.splice(0..0, about.limit());
    let machine = Machine::here();
    if json {
        tell_in_json(lesson, &subject, &machine, &measured);
    } else {
        out!("{}", measure::table(&measured.rows));
        out!("{}", failure(&measured));
        out!(
            "{}",
            how_to_read(&machine, measured.rows.iter(), &measured.remarks)
        );
    }
    Ok(code(&measured))
}

/// How the lesson's server is to be measured.
fn about<'a>(course: &Course, lesson: &'a Lesson) -> Result<&'a Measure, Error> {
    let with = || {
        let with = course
            .lessons
            .iter()
            .filter(|lesson| lesson.about.measure.is_some());
        with.map(|lesson| lesson.name.clone()).collect()
    };
    lesson
        .about
        .measure
        .as_ref()
        .ok_or_else(|| Error::NothingToMeasure {
            package: lesson.package(),
            with: with(),
        })
}

/// Builds the program in release mode, as every program is measured.
pub(super) fn build(course: &Course, subject: &Subject) -> Result<Result<PathBuf, Broken>> {
    Ok(match release(&course.workspace, subject)? {
        Released::Program(program) => Ok(program),
        Released::Broken(broken) => Err(broken),
    })
}

/// Measures a built program, and shows on the terminal what is being measured.
pub(super) fn measure(
    course: &Course,
    program: &std::path::Path,
    about: &Measure,
    clients: &[usize],
) -> Result<Measured> {
    let scratch = compile::scratch(&course.workspace)?;
    let plan = Plan {
        program,
        about,
        scratch: scratch.path(),
    };
    let measured = plan.run(clients, &mut screen::tell);
    screen::wipe();
    measured
}

/// The words for a measurement that failed, in the form of a check's failure; empty if it
/// succeeded.
pub(super) fn failure(measured: &Measured) -> String {
    let Some((clients, stop)) = &measured.broke else {
        return String::new();
    };
    let s = if *clients == 1 { "" } else { "s" };
    let heading = format!(
        "It could not be measured with {} client{s}",
        measure::count(*clients)
    );
    let told = match stop {
        Stop::Red(failure) => report::failure(failure, screen::width()),
        other => paragraph(measure::reason(other), screen::width(), "  "),
    };
    format!("\n{}\n\n{told}", paint(BAD, heading))
}

/// The machine, and what the figures mean.
pub(super) fn how_to_read<'a>(
    machine: &Machine,
    mut rows: impl Iterator<Item = &'a Row>,
    remarks: &[String],
) -> String {
    let counting = if rows.any(|row| row.calls_per_message.is_some()) {
        format!(" {COUNTING_CALLS}")
    } else {
        String::new()
    };
    let words = [&[format!("On {machine}. {HOW}{counting}")], remarks].concat();
    let told = words
        .iter()
        .map(|words| paragraph(words, screen::width(), "  "));
    let told = told.collect::<Vec<_>>().join("\n");
    format!("\n{}", paint(QUIET, told))
}

/// The exit code that a measurement stands for.
pub(super) fn code(measured: &Measured) -> Exit {
    match measured.broke {
        None => Exit::Held,
        Some((_, Stop::Red(_))) => Exit::Red,
        Some(_) => Exit::CouldNotJudge,
    }
}

fn tell_in_json(lesson: &Lesson, subject: &Subject, machine: &Machine, measured: &Measured) {
    let tell = |more: Value| {
        let mut object = json!({
            "lesson": lesson.name,
            "program": subject.package,
            "machine": machine,
        });
        if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
            object.extend(more);
        }
        outln!("{}", report::json(&object));
    };
    for row in &measured.rows {
        tell(json!(row));
    }
    match &measured.broke {
        Some((clients, Stop::Red(failure))) => {
            tell(json!({ "clients": clients, "failure": failure }));
        }
        Some((clients, stop)) => {
            tell(json!({ "clients": clients, "reason": measure::reason(stop) }));
        }
        None => {}
    }
}
