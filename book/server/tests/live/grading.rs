//! What is saved is graded, and every page is told the same.
//!
//! Longer than others: a list of tests, each read by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::chapter::lay_out_a_book;
use crate::checkout::Scratch;
use crate::server::{LONG, Server, came_to};

const MAIN: &str = "lessons/01-tiny/src/main.rs";
/// A check that is stopped (SIGSTOP) would live for a minute, until its time is up. If it is gone
/// within this time, the server has ended it.
const OF_ITSELF: Duration = Duration::from_secs(40);
const GREEN: [&str; 3] = ["green"; 3];
const RED: [&str; 3] = ["red"; 3];

fn laid_out() -> Scratch {
    let scratch = Scratch::new();
    lay_out_a_book(&scratch);
    scratch
}

fn is_building(lesson: &Value) -> bool {
    lesson["doing"] == "building"
}

/// Waits until `look` sees something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_save_is_graded_two_pages_agree_and_a_new_server_remembers() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let (one, other) = (server.listen(), server.listen());
    let lesson = one.lesson("that it is not begun", |_| true);
    assert_eq!(
        (&lesson["begun"], &lesson["green"]),
        (&false.into(), &false.into())
    );
    scratch.solve_half();
    let half = ["green", "red", "red"];
    let lesson = one.lesson("what half a lesson comes to", |lesson| {
        came_to(lesson, &half)
    });
    assert_eq!(
        other.lesson("the same", |lesson| came_to(lesson, &half)),
        lesson
    );
    let unwritten = &lesson["checks"][1]["judged"]["failure"]["unwritten"];
    assert_eq!(unwritten["words"], "send back what the client sends");
    scratch.solve();
    one.lesson("that all is green", |lesson| {
        came_to(lesson, &GREEN) && lesson["green"] == true
    });
    assert!(server.end(Signal::INT).success());

    let server = Server::start(&scratch, &[]);
    let lesson = server
        .listen()
        .lesson("what was", |lesson| came_to(lesson, &GREEN));
    assert_eq!(
        (&lesson["green"], &lesson["stale"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn what_a_program_prints_and_panics_with_stays_text() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let panic = "panic!(\"<script>alert(1)</script>\");";
    scratch.replace(MAIN, "todo!(\"say where the program listens\");", panic);
    let lesson = events.lesson("the panic", |lesson| came_to(lesson, &RED));
    // It travels as JSON, in an event that is no page; that a page shows it as
    // text is tried in a browser.
    let told = lesson["checks"][0].to_string();
    assert!(told.contains("<script>alert(1)</script>"), "{told}");
    let events = server.head("/live/events");
    assert!(
        events.contains("content-type: text/event-stream"),
        "{events}"
    );
    assert!(events.contains("nosniff"), "{events}");
}

#[test]
fn what_does_not_compile_is_told_in_cargos_words() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    scratch.replace(
        MAIN,
        "todo!(\"say where the program listens\");",
        "let n: u8 = \"n\";",
    );
    let lesson = events.lesson("the fault", |lesson| !lesson["fault"].is_null());
    let output = lesson["fault"]["output"].as_str().unwrap();
    assert!(
        output.contains("mismatched types") && !output.contains('\u{1b}'),
        "{output}"
    );
    scratch.replace(
        MAIN,
        "let n: u8 = \"n\";",
        "todo!(\"say where the program listens\");",
    );
    events.lesson("that it compiles", |lesson| {
        came_to(lesson, &RED) && lesson["fault"].is_null()
    });
}

#[test]
fn what_the_compiler_warns_of_is_told_of_a_program_that_compiles() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let listens = "println!(\"listening on";
    scratch.solve();
    scratch.replace(MAIN, listens, &format!("let spare = 1;\n    {listens}"));
    let lesson = events.lesson("that it is graded", |lesson| {
        came_to(lesson, &GREEN) && lesson["warnings"] != ""
    });
    let warnings = lesson["warnings"].as_str().unwrap();
    assert!(warnings.contains("unused variable: `spare`"), "{warnings}");
    assert!(!warnings.contains("Compiling"), "{warnings}");
}

#[test]
fn a_check_that_is_stopped_leaves_nothing_running() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let pids = hang(&scratch);
    events.lesson("that it runs", |lesson| lesson["doing"] == "running");
    let begun = Instant::now();
    assert_eq!(server.ask("POST", "/live/stop", "").status, 200);
    events.lesson("that nothing is done for it", |lesson| {
        lesson["doing"].is_null()
    });
    until("the hanging program and its check are gone", || {
        pids.iter().all(|pid| is_gone(*pid)).then_some(())
    });
    assert!(begun.elapsed() < OF_ITSELF, "nobody ended it");
}

#[test]
fn a_newer_save_ends_the_older_grading_and_ten_saves_are_one() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let pids = hang(&scratch);
    let begun = Instant::now();
    for _ in 0..10 {
        scratch.solve();
        let text = scratch.read(MAIN);
        fs::write(scratch.root.join(MAIN), format!("{text}// again\n")).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    scratch.solve();
    until("the hanging program and its check are gone", || {
        pids.iter().all(|pid| is_gone(*pid)).then_some(())
    });
    assert!(begun.elapsed() < OF_ITSELF, "nobody ended it");
    events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
}

#[test]
fn nothing_survives_a_server_that_is_ended_in_the_middle_of_a_check_and_no_tick_is_lost() {
    for signal in [Signal::INT, Signal::KILL] {
        let scratch = laid_out();
        let server = Server::start(&scratch, &[]);
        scratch.solve();
        let green = |lesson: &Value| came_to(lesson, &GREEN) && lesson["green"] == true;
        server.listen().lesson("that all is green", green);
        scratch.unsolve();
        let pids = hang(&scratch);
        server.end(signal);
        until("the hanging program and its check are gone", || {
            pids.iter().all(|pid| is_gone(*pid)).then_some(())
        });
        // And the next server has the checkout to itself.
        let server = Server::start(&scratch, &[]);
        let events = server.listen();
        events.lesson("the tick", |lesson| lesson["green"] == true);
        scratch.solve();
        server.ask("POST", "/live/lessons/01/check", "");
        events.lesson("that all is green", green);
    }
}

#[test]
fn nothing_survives_a_server_that_is_ended_in_the_middle_of_a_build() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL] {
        let scratch = laid_out();
        let told = scratch.root.join("target-of-build");
        let _ = fs::remove_file(&told);
        let cargo = endless_cargo(&scratch, &told);
        let server = Server::start_with(&scratch, &[], &[("CARGO", cargo.as_os_str())]);
        server.ask("POST", "/live/lessons/01/check", "");
        let pids = pids_in(&told);
        server.end(signal);
        until(
            &format!("after {signal:?}, cargo and its child are gone"),
            || pids.iter().all(|pid| is_gone(*pid)).then_some(()),
        );
    }
}

#[test]
fn a_server_whose_terminal_was_closed_still_works_and_can_be_ended() {
    for signal in [Signal::HUP, Signal::TERM, Signal::INT] {
        let scratch = laid_out();
        let mut server = Server::start(&scratch, &[]);
        server.stop_listening();
        let events = server.listen();
        let mut edition = events.course("an edition", |_| true)["edition"].as_u64();
        for word in ["once", "twice"] {
            scratch.keep(
                "book/src/index.md",
                &format!("# Begin {word}\n\n{{{{#map}}}}\n"),
            );
            let newer = |course: &Value| course["edition"].as_u64() > edition;
            let news = events.course("a newer edition", newer);
            edition = news["edition"].as_u64();
        }
        server.end(signal);
    }
}

#[test]
fn a_grading_that_is_broken_off_leaves_the_last_results() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    scratch.solve();
    events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
    // A save that is graded in between would be the last result.
    server.ask("POST", "/live/on-save", r#"{"on":false}"#);
    scratch.unsolve();
    let told = save_what_hangs(&scratch);
    server.ask("POST", "/live/lessons/01/check", "");
    hung(&told);
    server.ask("POST", "/live/lessons/02/check", "");
    events.next_lesson("that the next lesson is graded", |lesson| {
        came_to(lesson, &RED)
    });
    let lesson = server.listen().lesson("how the first one stands", |_| true);
    assert!(came_to(&lesson, &GREEN), "{lesson}");
    assert_eq!(lesson["stale"], true, "they are of another program");
}

#[test]
fn a_mistake_waits_for_a_check_and_says_so_when_it_is_broken_off() {
    let scratch = laid_out();
    fs::create_dir_all(scratch.root.join(".course")).unwrap();
    let workspace = course::Workspace::at(&scratch.root);
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let meet = || {
        let body = r#"{"name":"wrong-byte","guess":""}"#;
        server.ask("POST", "/live/lessons/01/mistake", body)
    };
    // Another process holds the checkout's lock, so that no grading begins before the next request.
    let lock = course::system::lock::for_check(&workspace).unwrap();
    assert_eq!(meet().status, 200);
    events.lesson("that it waits", |lesson| lesson["doing"] == "waiting");
    server.ask("POST", "/live/lessons/02/check", "");
    events.lesson("that it was broken off", |lesson| {
        lesson["mistake"]["fault"]
            .as_str()
            .is_some_and(|fault| fault.contains("broken off"))
    });
    assert_eq!(meet().status, 200);
    drop(lock);
    events.next_lesson("that the check came first", |lesson| came_to(lesson, &RED));
    events.lesson("that the mistake is met", |lesson| {
        lesson["mistake"]["judged"]["verdict"] == "red"
    });
}

#[test]
fn progress_that_is_damaged_or_not_to_be_read_is_told_on_every_page_and_never_written_over() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    scratch.solve();
    events.lesson("that all is green", |lesson| lesson["green"] == true);
    let file = scratch.root.join(".course/progress.json");
    fs::write(&file, "{ no json").unwrap();
    events.course("what became of the ticks", |course| {
        course["note"]
            .as_str()
            .is_some_and(|note| note.contains("was damaged"))
    });
    // A folder in its place cannot be read, not even by root.
    let _ = fs::remove_file(&file);
    fs::create_dir(&file).unwrap();
    server.ask(
        "POST",
        "/live/lessons/01/hint",
        r#"{"check":"echoes_once_more"}"#,
    );
    events.course("that it cannot be read", |course| {
        course["note"]
            .as_str()
            .is_some_and(|note| note.contains("could not be read"))
    });
    assert!(file.is_dir());
    fs::remove_dir(&file).unwrap();
}

#[test]
fn where_nobody_tells_of_saves_the_page_says_so_and_they_are_graded_all_the_same() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &["--poll"]);
    server.complains("by looking at the files");
    let events = server.listen();
    events.course("how saves are noticed", |course| course["watching"] != "");
    scratch.solve();
    events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
}

#[test]
fn with_on_save_off_a_save_is_only_told_of() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    assert_eq!(
        server
            .ask("POST", "/live/on-save", r#"{"on":false}"#)
            .status,
        200
    );
    events.course("that it is off", |course| course["on-save"] == false);
    server.ask("POST", "/live/lessons/01/check", "");
    events.lesson("that the stub is red", |lesson| came_to(lesson, &RED));
    scratch.solve();
    events.lesson("that it was saved since", |lesson| lesson["stale"] == true);
    server.ask("POST", "/live/lessons/01/check", "");
    events.lesson("that all is green", |lesson| {
        came_to(lesson, &GREEN) && lesson["stale"] == false
    });
}

#[test]
fn hints_open_one_by_one_and_the_command_line_knows() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let hint = || {
        server
            .ask(
                "POST",
                "/live/lessons/01/hint",
                r#"{"check":"echoes_once_more"}"#,
            )
            .status
    };
    let opened = |lesson: &Value| lesson["checks"][2]["hints"].as_array().map_or(0, Vec::len);
    assert_eq!(hint(), 200);
    let lesson = events.lesson("the first hint", |lesson| opened(lesson) == 1);
    assert_eq!(lesson["checks"][2]["hints"][0], "<p>Go round.</p>");
    assert_eq!((hint(), hint()), (200, 200));
    events.lesson("the second", |lesson| opened(lesson) == 2);
    let progress: Value = serde_json::from_str(&scratch.read(".course/progress.json")).unwrap();
    let remembered = &progress["lessons"]["01-tiny"]["hints"]["echoes_once_more"];
    assert_eq!(*remembered, serde_json::json!([0, 1]));
}

#[test]
fn the_reference_is_shown_once_the_reader_is_sure() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let compare = |sure| {
        let body = format!("{{\"sure\":{sure}}}");
        server.ask("POST", "/live/lessons/01/compare", &body)
    };
    assert_eq!(compare(false).status, 409);
    let shown = compare(true);
    assert!(
        shown.text().contains("write_all") && !shown.text().contains("// todo:"),
        "{}",
        shown.text()
    );
    assert_eq!(compare(false).status, 200, "it asks once");
}

#[test]
fn a_mistake_is_met_and_the_learners_program_stays_as_it_is() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let before = scratch.read(MAIN);
    let body = r#"{"name":"wrong-byte","guess":"echoes_once_more"}"#;
    assert_eq!(
        server.ask("POST", "/live/lessons/01/mistake", body).status,
        200
    );
    let lesson = events.lesson("what catches it", |lesson| {
        lesson["doing"].is_null() && !lesson["mistake"]["judged"].is_null()
    });
    let mistake = &lesson["mistake"];
    assert_eq!(
        (&mistake["red"], &mistake["guess"]),
        (&"echoes_every_byte_back".into(), &"echoes_once_more".into())
    );
    assert_eq!(mistake["judged"]["verdict"], "red");
    assert_eq!(scratch.read(MAIN), before);
}

#[test]
fn a_check_of_the_command_line_is_waited_for() {
    let scratch = laid_out();
    fs::create_dir_all(scratch.root.join(".course")).unwrap();
    let workspace = course::Workspace::at(&scratch.root);
    let lock = course::system::lock::for_check(&workspace).unwrap();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    scratch.solve();
    events.lesson("that it waits", |lesson| lesson["doing"] == "waiting");
    drop(lock);
    events.lesson("that it builds", is_building);
    events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
}

/// Saves a program that hangs before it says where it listens, and stops its check, so that it is
/// not over by itself; returns its number and that of its check.
fn hang(scratch: &Scratch) -> Vec<u32> {
    hung(&save_what_hangs(scratch))
}

fn save_what_hangs(scratch: &Scratch) -> PathBuf {
    let file = scratch.root.join("target-of-hang");
    let _ = fs::remove_file(&file);
    let pids = "std::process::id(), std::os::unix::process::parent_id()";
    let hang = format!(
        "std::fs::write({:?}, format!(\"{{}} {{}} .\", {pids})).unwrap();\n    loop {{ std::thread::park(); }}",
        file.display().to_string()
    );
    scratch.replace(MAIN, "todo!(\"say where the program listens\");", &hang);
    file
}

fn hung(told: &Path) -> Vec<u32> {
    let pids = pids_in(told);
    let check = Pid::from_raw(pids[1] as i32).unwrap();
    kill_process(check, Signal::STOP).unwrap();
    pids
}

/// Waits until a process has written these numbers, and a point.
fn pids_in(file: &Path) -> Vec<u32> {
    until("something runs", || {
        let text = fs::read_to_string(file).unwrap_or_default();
        let pids = text.trim_end().strip_suffix(" .")?.split(' ');
        Some(pids.map(|pid| pid.parse().unwrap()).collect())
    })
}

/// A cargo that never comes to an end when it builds a grader; it writes down its number,
/// and that of its compiler.
fn endless_cargo(scratch: &Scratch, told: &Path) -> PathBuf {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *--no-run*) sleep 600 & echo \"$$ $! .\" > {}; wait;; *) exec {} \"$@\";; esac\n",
        told.display(),
        std::env::var("CARGO").unwrap(),
    );
    let cargo = scratch.root.join("target-of-cargo");
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    cargo
}

/// A process that has ended may stay a zombie for a while, or for ever where
/// nobody waits for orphans.
fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}
