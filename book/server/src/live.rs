//! The live book: serves the pages, watches what is saved, grades it, and tells the pages.
//!
//! | module | what it does |
//! |---|---|
//! | [`door`] | finds a port of the loopback, opens a browser |
//! | [`guard`] | refuses whoever may not ask |
//! | [`access`] | knows the reader by the token of this start |
//! | [`connections`] | closes what does not come to its end |
//! | [`routes`] | answers |
//! | [`site`], [`edition`] | the pages in memory, and building them anew |
//! | [`watch`] | notices what is saved |
//! | [`runner`] | grades, one program at a time |
//! | [`board`], [`study`], [`memory`] | what the pages show, where it comes from, what is kept |
//! | [`panel`], [`beside`] | what a lesson's panel is made of; the reference beside the learner's program |
//!
//! Invariant: the book is never built from the learner's code, and nothing here has a way to grade of its own: it is
//! the course's, with another listener.

mod access;
mod beside;
mod board;
mod connections;
mod door;
mod edition;
mod guard;
mod memory;
mod panel;
mod routes;
mod runner;
mod site;
mod study;
mod watch;

use std::io::{IsTerminal, Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use anyhow::{Context, Result, bail};
use course::{Workspace, process};

use self::access::Access;
use self::door::{Claim, Claimed};
use self::edition::Edition;
use self::guard::Names;
use self::routes::Desk;
use self::runner::Runner;
use self::study::Study;
use self::watch::{Saved, Watch};

/// How the book is to be served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The port; without it 3000, or the next that is free.
    pub port: Option<u16>,
    /// Whether a browser is to be opened.
    pub open: bool,
    /// Whether saves are to be noticed by looking, which works on network drives too.
    pub poll: bool,
}

/// Serves the book in `book`, the folder of `book.toml`, until the process is ended.
///
/// # Errors
/// When there is no course around `book`, no port can be had, or the lessons cannot be listed.
pub fn serve(book: &Path, options: Options) -> Result<()> {
    let book = book
        .canonicalize()
        .with_context(|| format!("there is no folder {}", book.display()))?;
    let workspace = Workspace::around(&book)?;
    let claim = match Claim::ask(&workspace) {
        Ok(Claimed::Ours(claim)) => Some(claim),
        Ok(Claimed::Open(addresses)) => {
            eprintln!("the book is open already: {}", addresses.printed);
            if options.open {
                door::show(&addresses.opened);
            }
            return Ok(());
        }
        // A checkout that cannot be written to can be read.
        Err(_) => None,
    };
    let last = claim.as_ref().and_then(|claim| claim.last);
    let listener = door::listen(options.port, last)?;
    let port = listener.local_addr()?.port();
    let access = Access::new(port, claim)?;
    process::end_children_when_interrupted(farewell)?;
    eprintln!("building the book …");
    let study = Arc::new(Study::open(workspace)?);
    let (edition, built) = Edition::first(&book, &study.workspace);
    match built {
        Ok(built) => eprintln!("{}", built.told()),
        Err(error) => {
            eprintln!(
                "the book does not build; mend this, and the page comes by itself:\n{error:#}"
            );
            study
                .board
                .change_course(|course| course.fault = format!("{error:#}"));
        }
    }
    let desk = Desk {
        study,
        edition: Arc::new(edition),
        runner: Arc::default(),
    };
    begin(&desk, options.poll);
    println!("the book is open: {}", access.addresses().printed);
    eprintln!("It checks a lesson whenever you save one of its files. Ctrl-C closes the book.");
    if options.open && stderr().is_terminal() {
        door::show(&access.addresses().opened);
    }
    connections::answer(listener, &routes::router(desk, Names::on(port), access))
}

/// Has this program open `address` in a browser: what [`serve`] starts itself as.
///
/// # Errors
/// When no browser can be opened.
pub fn show(address: &str) -> Result<()> {
    opener::open(address).context("no browser could be opened; open that address in one")
}

/// Ctrl-C is how the book is closed, and no failure.
fn farewell() -> Option<i32> {
    say("\nThe book is closed.");
    Some(0)
}

/// Says something to whoever started the server. They may have closed the terminal, which is no reason for a thread to end.
fn say(words: &str) {
    let _ = writeln!(stderr(), "{words}");
}

/// What `work` returns; a panic in it becomes an error, and the thread goes on.
fn whole<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        bail!(
            "the course itself has failed: {}",
            words.unwrap_or("a panic")
        )
    })
}

/// Begins to watch, to grade and to build, each on a thread of its own.
fn begin(desk: &Desk, poll: bool) {
    let Desk {
        study,
        edition,
        runner,
    } = desk.clone();
    let (sender, saves) = mpsc::channel();
    let board = Arc::clone(&study);
    thread::spawn(move || edition.keep_up(&saves, &board.board));
    let (grading, lessons) = (Arc::clone(&runner), Arc::clone(&study));
    thread::spawn(move || grading.run(&lessons));
    match Watch::over(study.workspace.root(), poll) {
        Ok(watch) => {
            if !watch.by_looking().is_empty() {
                tell_of_saves(&study, watch.by_looking());
            }
            thread::spawn(move || follow(&watch, &study, &runner, &sender));
        }
        Err(error) => {
            let words = format!(
                "Saves are not noticed ({error:#}): use “Check now”, and start the book again when a page has changed."
            );
            tell_of_saves(&study, &words);
        }
    }
}

/// Says here and on every page how saves are noticed, where that is not as it should be.
fn tell_of_saves(study: &Study, words: &str) {
    say(words);
    study
        .board
        .change_course(|course| words.clone_into(&mut course.watching));
}

/// Does what each save asks for. When several lessons are saved at once, as git does it, none is graded.
fn follow(watch: &Watch, study: &Study, runner: &Runner, book: &Sender<()>) {
    while let Some((saved, missed)) = watch.next() {
        if let Some(why) = missed {
            let words = format!("A save may go unnoticed ({why}): use “Check now” if so.");
            tell_of_saves(study, &words);
        }
        if saved.contains(&Saved::Progress) {
            study.progress_was_saved();
        }
        let is_saved = |name: &String| saved.contains(&Saved::Lesson(name.clone()));
        let lessons: Vec<_> = study
            .lessons
            .iter()
            .filter(|lesson| is_saved(&lesson.name))
            .collect();
        lessons.iter().for_each(|lesson| study.was_saved(lesson));
        if let [lesson] = lessons[..]
            && study.board.is_on_save()
        {
            runner.check(lesson);
        }
        if saved.contains(&Saved::Book) {
            // The other end builds for as long as the process lives.
            let _ = book.send(());
        }
    }
}
