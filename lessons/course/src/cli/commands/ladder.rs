//! `ladder`: the servers of all lessons side by side, as a table and as a chart.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use course::catalog::lessons::{Lesson, Measure};
use course::error::{Error, Exit};
use course::grade::subject::Subject;
use course::measure::{self, Colours, Measured, Rung};
use course::show::style::{TYPED, paint};
use course::system::lock;
use grader::kernel::machine::Machine;

use crate::cli::commands::measure as one;
use crate::cli::commands::summary;
use crate::cli::course_here::Course;
use crate::cli::screen;

/// A server to be measured.
struct Server<'a> {
    lesson: &'a Lesson,
    about: &'a Measure,
    program: PathBuf,
}

pub(super) fn run(course: &Course, solution: bool, book: bool) -> Result<Exit> {
    let _lock = lock::for_check(&course.workspace)?;
    let mut servers = Vec::new();
    for (lesson, about) in chosen(course, solution)? {
        let subject = if solution {
            lesson.reference_for("measure")?;
            Subject::solution(&course.workspace, lesson)
        } else {
            Subject::lesson(&course.workspace, lesson)
        };
        match one::build(course, &subject)? {
            Ok(program) => servers.push(Server {
                lesson,
                about,
                program,
            }),
            Err(broken) => return Ok(summary::does_not_compile(lesson, &subject, &broken)),
        }
    }
    let mut climb = Climb::default();
    for server in &servers {
        climb.step(course, server, book)?;
    }
    out!("{}", measure::ladder(&climb.rungs));
    out!("{}", climb.failures);
    let rows = climb.rungs.iter().map(|rung| &rung.row);
    let how = one::how_to_read(&Machine::here(), rows, &climb.remarks);
    out!("{how}");
    if climb.code == Exit::Held || !book {
        climb.draw(course, book)?;
    }
    Ok(climb.code)
}

/// The lessons with a server: all of them, or those that are green.
fn chosen(course: &Course, solution: bool) -> Result<Vec<(&Lesson, &Measure)>, Error> {
    let progress = course.progress();
    let measurable = course
        .lessons
        .iter()
        .filter(|lesson| solution || progress.is_green(lesson))
        .filter_map(|lesson| Some((lesson, lesson.about.measure.as_ref()?)));
    let chosen: Vec<_> = measurable.collect();
    if chosen.is_empty() {
        return Err(Error::NoRung);
    }
    Ok(chosen)
}

/// What has been measured so far.
#[derive(Default)]
struct Climb {
    rungs: Vec<Rung>,
    /// The book's pages, by the lesson's name.
    pages: Vec<(String, String)>,
    remarks: Vec<String>,
    failures: String,
    code: Exit,
}

impl Climb {
    /// Measures one server, with the most clients that it serves; for the book, with every number
    /// of clients.
    fn step(&mut self, course: &Course, server: &Server<'_>, book: bool) -> Result<()> {
        let Server { lesson, about, .. } = server;
        let name = format!("{} {}", lesson.number(), lesson.about.title);
        let mut clients = about.clients();
        if !book {
            clients.drain(..clients.len() - 1);
        }
        screen::tell(&name);
        let measured = one::measure(course, &server.program, about, &clients)?;
        self.code = self.code.max(one::code(&measured));
        let failure = one::failure(&measured);
        if !failure.is_empty() {
            self.failures += &format!("\n{name}{failure}");
        }
        self.remember(&name, &measured);
        let command = format!("just measure {} --solution", lesson.package());
        let remarks: Vec<_> = about.limit().into_iter().chain(measured.remarks).collect();
        let page = measure::page(&command, &measured.rows, &remarks, &Machine::here());
        self.pages.push((lesson.name.clone(), page));
        Ok(())
    }

    fn remember(&mut self, name: &str, measured: &Measured) {
        self.rungs.extend(measured.rows.last().map(|row| Rung {
            lesson: name.to_owned(),
            row: row.clone(),
        }));
        for remark in &measured.remarks {
            if !self.remarks.contains(remark) {
                self.remarks.push(remark.clone());
            }
        }
    }

    /// Writes the chart; for the book, writes the pages of the lessons too.
    fn draw(&self, course: &Course, book: bool) -> Result<()> {
        let root = course.workspace.root();
        let (chart, colours) = if book {
            let chart = root.join("book/src/diagrams/ladder.svg");
            (chart, Colours::OfThePage)
        } else {
            (course.workspace.state().join("ladder.svg"), Colours::Own)
        };
        outln!();
        write(
            course,
            &chart,
            &measure::chart(&self.rungs, &Machine::here(), colours),
        )?;
        for (lesson, page) in self.pages.iter().filter(|_| book) {
            let file = root.join("book/src/measured").join(format!("{lesson}.md"));
            write(course, &file, page)?;
        }
        Ok(())
    }
}

fn write(course: &Course, file: &Path, text: &str) -> Result<()> {
    let shelf = file.parent().unwrap_or(file);
    fs::create_dir_all(shelf)
        .and_then(|()| fs::write(file, text))
        .with_context(|| format!("cannot write {}", file.display()))?;
    let file = course.workspace.relative(file).display();
    outln!("  wrote {}", paint(TYPED, file));
    Ok(())
}
