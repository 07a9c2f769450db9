//! The live book: serves the pages, grades a lesson when its files are saved, and sends the results
//! to the pages.
//!
//! | module | what it does |
//! |---|---|
//! | [`listen`] | finds a port of the loopback, opens a browser |
//! | [`host_check`] | refuses requests that no page of the book has made |
//! | [`access`] | admits the reader by the token of this start |
//! | [`connections`] | closes connections whose request does not arrive in time |
//! | [`routes`] | answers requests |
//! | [`site`], [`edition`] | the pages in memory, and rebuilding them |
//! | [`watch`] | reports saved files |
//! | [`runner`] | grades, one program at a time |
//! | [`live_state`], [`session`], [`memory`] | what the pages show, its sources, what is kept |
//! | [`panel`], [`side_by_side`] | a lesson's panel; the reference beside the learner's code |
//!
//! Invariant: the book is never built from the learner's code, and grading is that of the crate
//! `course`, with another listener.

mod access;
mod connections;
mod console;
mod edition;
mod host_check;
mod listen;
mod live_state;
mod memory;
mod panel;
mod routes;
mod runner;
mod session;
mod side_by_side;
mod site;
mod watch;

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use anyhow::{Context, Result};
use course::Workspace;
use course::system::process;

use self::access::Access;
use self::console::say;
use self::edition::Edition;
use self::host_check::Names;
use self::listen::{Asked, ServerLock};
use self::routes::Services;
use self::runner::Runner;
use self::session::Session;
use self::watch::{CourseWatcher, SavedPart};

/// How the book is to be served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The port; without it 3000, or the next that is free.
    pub port: Option<u16>,
    /// Whether a browser is to be opened.
    pub open: bool,
    /// Whether files are polled for changes, which works on network drives too.
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
    let server_lock = match ServerLock::ask(&workspace) {
        Ok(Asked::Ours(server_lock)) => Some(server_lock),
        Ok(Asked::Open(addresses)) => {
            eprintln!("the book is open already: {}", addresses.printed);
            if options.open {
                listen::show(&addresses.opened);
            }
            return Ok(());
        }
        // In a read-only checkout there is no lock, and the book is served without one.
        Err(_) => None,
    };
    let last = server_lock
        .as_ref()
        .and_then(|server_lock| server_lock.last);
    let listener = listen::listen(options.port, last)?;
    let port = listener.local_addr()?.port();
    let access = Access::new(port, server_lock)?;
    process::end_children_when_interrupted(farewell)?;
    eprintln!("building the book …");
    let session = Arc::new(Session::open(workspace)?);
    let (edition, built) = Edition::first(&book, &session.workspace);
    match built {
        Ok(built) => eprintln!("{}", built.told()),
        Err(error) => {
            eprintln!(
                "the book does not build; mend this, and the page comes by itself:\n{error:#}"
            );
            session
                .state
                .change_course(|course| course.fault = format!("{error:#}"));
        }
    }
    let services = Services {
        session,
        edition: Arc::new(edition),
        runner: Arc::default(),
    };
    begin(&services, options.poll);
    println!("the book is open: {}", access.addresses().printed);
    eprintln!("It checks a lesson whenever you save one of its files. Ctrl-C closes the book.");
    if options.open && stderr().is_terminal() {
        listen::show(&access.addresses().opened);
    }
    connections::answer(listener, &routes::router(services, Names::on(port), access))
}

/// Opens `address` in a browser. [`serve`] starts this program once more to do this.
///
/// # Errors
/// When no browser can be opened.
pub fn show(address: &str) -> Result<()> {
    opener::open(address).context("no browser could be opened; open that address in one")
}

/// Ctrl-C is the normal way to close the book, so the exit code is 0.
fn farewell() -> Option<i32> {
    say("\nThe book is closed.");
    Some(0)
}

/// Begins to watch, to grade and to build, each on a thread of its own.
fn begin(services: &Services, poll: bool) {
    let Services {
        session,
        edition,
        runner,
    } = services.clone();
    let (sender, saves) = mpsc::channel();
    let state = Arc::clone(&session);
    thread::spawn(move || edition.keep_up(&saves, &state.state));
    let (grading, lessons) = (Arc::clone(&runner), Arc::clone(&session));
    thread::spawn(move || grading.run(&lessons));
    match CourseWatcher::over(session.workspace.root(), poll) {
        Ok(watch) => {
            if !watch.polling_note().is_empty() {
                tell_of_saves(&session, watch.polling_note());
            }
            thread::spawn(move || follow(&watch, &session, &runner, &sender));
        }
        Err(error) => {
            let words = format!(
                "Saves are not noticed ({error:#}): use “Check now”, and start the book again when a page has changed."
            );
            tell_of_saves(&session, &words);
        }
    }
}

/// Prints a warning about how saves are noticed, and shows it on every page.
fn tell_of_saves(session: &Session, words: &str) {
    say(words);
    session
        .state
        .change_course(|course| words.clone_into(&mut course.watching));
}

/// Handles each save. If several lessons are saved at once, as git does, none is graded.
fn follow(watch: &CourseWatcher, session: &Session, runner: &Runner, book: &Sender<()>) {
    while let Some((saved, missed)) = watch.next() {
        if let Some(why) = missed {
            let words = format!("A save may go unnoticed ({why}): use “Check now” if so.");
            tell_of_saves(session, &words);
        }
        if saved.contains(&SavedPart::Progress) {
            session.progress_was_saved();
        }
        let is_saved = |name: &String| saved.contains(&SavedPart::Lesson(name.clone()));
        let lessons: Vec<_> = session
            .lessons
            .iter()
            .filter(|lesson| is_saved(&lesson.name))
            .collect();
        lessons.iter().for_each(|lesson| session.was_saved(lesson));
        if let [lesson] = lessons[..]
            && session.state.is_on_save()
        {
            runner.check(lesson);
        }
        if saved.contains(&SavedPart::Book) {
            // Sending cannot fail: the receiver lives as long as the process.
            let _ = book.send(());
        }
    }
}
