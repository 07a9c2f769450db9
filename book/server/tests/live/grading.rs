//! What is saved is graded, and every page is told the same.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::chapter::lay_out_a_book;
use crate::checkout::Scratch;
use crate::server::{LONG, Server, came_to};

const MAIN: &str = "lessons/01-tiny/src/main.rs";
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
    let begun = std::time::Instant::now();
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
    let told = lesson["checks"][0].to_string();
    assert!(told.contains("<script>alert(1)</script>"), "{told}");
    // It travels as JSON in an event; no page that is served has it in its markup.
    for page in ["/", "/01-tiny.html"] {
        assert!(!server.ask("GET", page, "").text().contains("alert(1)"));
    }
    let page = server.say(&format!(
        "GET /live/events HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nOrigin: http://evil.example\r\n\r\n",
        server.port
    ));
    assert_eq!(page.status, 403);
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
fn a_newer_save_ends_the_older_grading_and_ten_saves_are_one() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    let pids = hang(&scratch);
    for _ in 0..10 {
        scratch.solve();
        let text = scratch.read(MAIN);
        fs::write(scratch.root.join(MAIN), format!("{text}// again\n")).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    scratch.solve();
    events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
    until("the hanging program and its check are gone", || {
        pids.iter().all(|pid| is_gone(*pid)).then_some(())
    });
}

#[test]
fn nothing_survives_a_server_that_is_ended_in_the_middle_of_a_check() {
    for signal in [Signal::INT, Signal::KILL] {
        let scratch = laid_out();
        let server = Server::start(&scratch, &[]);
        let pids = hang(&scratch);
        server.end(signal);
        until("the hanging program and its check are gone", || {
            pids.iter().all(|pid| is_gone(*pid)).then_some(())
        });
        // And the next server has the checkout to itself.
        let server = Server::start(&scratch, &[]);
        let events = server.listen();
        scratch.solve();
        server.ask("POST", "/live/lessons/01/check", "");
        events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
    }
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
                r#"{"check":"echoes_again"}"#,
            )
            .status
    };
    let opened = |lesson: &Value| lesson["checks"][2]["hints"].as_array().map_or(0, Vec::len);
    assert_eq!(hint(), 200);
    let lesson = events.lesson("the first hint", |lesson| opened(lesson) == 1);
    assert_eq!(lesson["checks"][2]["hints"][0], "<p>Go round.</p>");
    assert_eq!((hint(), hint()), (200, 200));
    events.lesson("the second", |lesson| opened(lesson) == 2);
    assert!(
        scratch
            .read(".course/progress.json")
            .contains("\"echoes_again\": 2")
    );
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
    let body = r#"{"name":"wrong-byte","guess":"echoes_again"}"#;
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
        (&"echoes_every_byte_back".into(), &"echoes_again".into())
    );
    assert_eq!(mistake["judged"]["verdict"], "red");
    assert_eq!(scratch.read(MAIN), before);
}

#[test]
fn a_check_of_the_command_line_is_waited_for() {
    let scratch = laid_out();
    fs::create_dir_all(scratch.root.join(".course")).unwrap();
    let workspace = course::Workspace::at(&scratch.root);
    let lock = course::lock::for_check(&workspace).unwrap();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    scratch.solve();
    events.lesson("that it waits", |lesson| lesson["doing"] == "waiting");
    drop(lock);
    events.lesson("that it builds", is_building);
    events.lesson("that all is green", |lesson| came_to(lesson, &GREEN));
}

/// Saves a program that hangs before it says where it listens; returns its number and that of its check.
fn hang(scratch: &Scratch) -> Vec<u32> {
    let file = scratch.root.join("target-of-hang");
    let _ = fs::remove_file(&file);
    let pids = "std::process::id(), std::os::unix::process::parent_id()";
    let hang = format!(
        "std::fs::write({:?}, format!(\"{{}} {{}} .\", {pids})).unwrap();\n    loop {{ std::thread::park(); }}",
        file.display().to_string()
    );
    scratch.replace(MAIN, "todo!(\"say where the program listens\");", &hang);
    until("the program runs", || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let pids = text.strip_suffix(" .")?.split(' ');
        Some(pids.map(|pid| pid.parse().unwrap()).collect())
    })
}

/// A process that has ended may stay a zombie for a while, or for ever where nobody waits for orphans.
fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}
