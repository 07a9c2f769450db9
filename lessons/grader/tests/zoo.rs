//! Programs that misbehave: each gets its verdict, in words and in time, and no process of it is
//! left.
//!
//! Longer than others: a list, one test a way to misbehave; each is read by itself.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{
    Answer, Check, Checked, Failure, Listener, Program, Report, Stream, Talk, Verdict, echo, judge,
    wait,
};

/// No check takes longer than this, even if its program never ends.
const LIMIT_MILLIS: u64 = 15_000;

/// Starts a species with a mark of its own in its command line.
fn start(check: &mut Check, species: &str) -> Checked<Program> {
    start_as(check, species, species)
}

/// Starts a species that another test starts too.
fn start_as(check: &mut Check, species: &str, name: &str) -> Checked<Program> {
    check.start_with(zoo(), &[species, &mark(name)])
}

fn zoo() -> &'static Path {
    cargo_bin!("zoo")
}

/// A mark for the command line of this test's program, and of no other test's. The thread that runs
/// a test is named after the test.
fn mark(species: &str) -> String {
    let test = std::thread::current();
    let test = test.name().unwrap_or_default();
    format!("mark-{species}-{test}-{}", std::process::id())
}

/// Whether a process with this in its command line is left.
fn is_left(mark: &str) -> bool {
    let processes = fs::read_dir("/proc")
        .expect("/proc can be listed")
        .flatten();
    processes
        .filter_map(|p| fs::read(p.path().join("cmdline")).ok())
        .any(|cmdline| {
            cmdline
                .split(|b| *b == 0)
                .any(|argument| argument == mark.as_bytes())
        })
}

const TALK: Talk = Talk {
    answer: Answer::Echo,
    messages: 20,
    at_most: Duration::from_secs(1),
};

#[test]
fn talkers_wait_for_each_answer() {
    let report = judge(|c| {
        let server = start_as(c, "stays", "talkers")?;
        let mut clients = server.connect_talkative(20, Answer::Echo)?;
        assert_eq!(clients.talkers(), 2);
        let waited = clients.talk(c, TALK)?;
        assert_eq!(waited.len(), TALK.messages);
        assert!(waited.iter().all(|waited| *waited > Duration::ZERO));
        Ok(())
    });
    assert_green(report, "talkers");
}

#[test]
fn an_answer_may_be_a_line() {
    let report = judge(|c| {
        let server = start_as(c, "last-words", "line")?;
        let mut clients = server.connect_talkative(1, Answer::Line)?;
        let one = Talk {
            answer: Answer::Line,
            messages: 1,
            ..TALK
        };
        clients.talk(c, one).map(drop)
    });
    assert_green(report, "line");
}

#[test]
fn a_program_that_dies_while_many_talk_is_told_of() {
    let report = judge(|c| {
        let server = start_as(c, "leaves-midway", "dies")?;
        let mut clients = server.connect_talkative(1, Answer::Line)?;
        clients.talk(c, TALK).map(drop)
    });
    assert_red(report, "dies", "with exit code 3");
}

#[test]
fn system_calls_are_counted_under_strace_and_nothing_is_left() {
    let report = judge(|c| {
        let log = std::env::temp_dir().join(mark("log"));
        let started = c.start_traced(zoo(), &["stays", &mark("traced")], &log);
        let _ = fs::remove_file(&log);
        let (server, mut trace) = started?;
        let mut clients = server.connect_talkative(10, Answer::Echo)?;
        let one = Talk {
            messages: 1,
            ..TALK
        };
        let calls = trace.calls_for_each(20, TALK.at_most, || clients.talk(c, one).map(drop))?;
        // An echo takes a read and a write.
        assert!((1.9..2.5).contains(&calls), "{calls}");
        Ok(())
    });
    let Some(report) = report else { return };
    assert_over(&report, "traced");
    assert!(
        matches!(report.verdict, Verdict::Green | Verdict::Skipped { .. }),
        "{report:?}"
    );
}

#[test]
fn a_program_that_calls_is_received_and_its_refusals_are_counted() {
    let report = judge(|c| {
        let listener = Listener::open()?;
        let arguments = ["calls", &mark("calls"), &listener.address()];
        let (program, mut trace) = c.spawn_traced(zoo(), &arguments)?;
        let near = listener.receives(&program)?;
        program.sleeps_in(&[Call::Read])?;
        near.leave()?;
        assert!(program.ends()?.success());
        trace.is_complete()?;
        assert_eq!(trace.refusals(&["recvfrom"], "EAGAIN")?, 1);
        assert_eq!(trace.times(&["recvfrom"])?, 2);
        Ok(())
    });
    let Some(report) = report else { return };
    assert_over(&report, "calls");
    assert!(
        matches!(report.verdict, Verdict::Green | Verdict::Skipped { .. }),
        "{report:?}"
    );
}

#[test]
fn a_program_that_calls_nobody_is_told_of() {
    let report = judge(|c| {
        let listener = Listener::open()?;
        let program = c.spawn(zoo(), &["silent", &mark("calls-nobody")])?;
        listener.receives(&program).map(drop)
    });
    assert_red(report, "calls-nobody", "nobody has connected");
}

/// Asserts what holds for every check, red or green: it ends in time and leaves no process behind.
fn assert_over(report: &Report, species: &str) {
    assert!(
        report.millis < LIMIT_MILLIS,
        "{species} took {} ms",
        report.millis
    );
    assert!(!is_left(&mark(species)), "something is left of {species}");
}

fn assert_red(report: Option<Report>, species: &str, saw: &str) {
    let Some(report) = report else { return };
    assert_over(&report, species);
    let Verdict::Red { failure } = &report.verdict else {
        panic!("{species}: {report:?}")
    };
    assert!(
        failure.saw.contains(saw),
        "{species} is told of as:\n{failure}"
    );
}

fn assert_green(report: Option<Report>, species: &str) {
    let Some(report) = report else { return };
    assert_over(&report, species);
    assert_eq!(report.verdict, Verdict::Green, "{species}");
}

fn echoes(check: &mut Check, species: &str) -> Checked {
    let server = start(check, species)?;
    echo::comes_back(check, &server)
}

fn is_idle(check: &mut Check, species: &str) -> Checked {
    let server = start(check, species)?;
    server.idles_in(&[Call::Accept])
}

#[test]
fn a_program_that_exits_at_once_is_told_so() {
    let report = judge(|c| echoes(c, "exits"));
    assert_red(report, "exits", "ended by itself, with exit code 0");
}

#[test]
fn a_program_that_panics_at_start_is_quoted() {
    let report = judge(|c| echoes(c, "panics"));
    assert_red(report, "panics", ": no luck today");
}

#[test]
fn a_todo_is_not_written_yet_and_says_where() {
    let Some(report) = judge(|c| echoes(c, "unwritten")) else {
        return;
    };
    let Verdict::Red {
        failure: Failure {
            unwritten: Some(todo),
            ..
        },
    } = report.verdict
    else {
        panic!("{report:?}");
    };
    assert_eq!(todo.words, "everything");
    assert!(
        todo.file.ends_with("zoo/main.rs") && todo.line > 0,
        "{todo:?}"
    );
}

#[test]
fn a_program_that_panics_after_it_has_said_where_it_listens_is_not_told_about_its_address() {
    let report = judge(|c| echoes(c, "panics-later"));
    let Some(report) = report else { return };
    let Verdict::Red { failure } = &report.verdict else {
        panic!("{report:?}")
    };
    assert!(failure.saw.contains(": no luck after that"), "{failure}");
    assert!(
        failure
            .why
            .contains("a program that has ended listens nowhere"),
        "{failure}"
    );
}

#[test]
fn a_program_without_an_address_is_not_waited_for_long() {
    let report = judge(|c| echoes(c, "silent"));
    assert_red(report, "silent", "no such line among the 0 bytes");
}

#[test]
fn an_address_where_nobody_listens_is_found_out() {
    let report = judge(|c| echoes(c, "unreachable"));
    assert_red(
        report,
        "unreachable",
        "the kernel knows of no listener there",
    );
}

#[test]
fn an_address_that_is_open_to_the_network_is_refused() {
    let report = judge(|c| echoes(c, "everywhere"));
    assert_red(report, "everywhere", "`listening on 0.0.0.0:1`");
}

#[test]
fn a_program_that_never_accepts_is_given_up() {
    let report = judge(|c| echoes(c, "never-accepts"));
    assert_red(report, "never-accepts", "0 of 1 bytes came back");
}

#[test]
fn a_program_that_hangs_on_its_first_client_is_given_up() {
    let report = judge(|c| echoes(c, "hangs"));
    assert_red(report, "hangs", "0 of 1 bytes came back");
}

#[test]
fn a_program_that_spins_while_its_client_does_not_read_is_told_so() {
    let report = judge(|c| {
        let server = c.start_with(zoo(), &["spins", &mark("spins under pressure")])?;
        let stream = Stream::new(c.payload(1_000_003));
        let mut client = server.connect_with_small_window(16 * 1024)?;
        client.press(&stream).map(drop)
    });
    assert_red(report, "spins under pressure", "it does not come to rest");
}

#[test]
fn a_program_that_calls_can_be_pressed_too() {
    let report = judge(|c| {
        let listener = Listener::open()?;
        let program = c.spawn(zoo(), &["calls", &mark("pressed"), &listener.address()])?;
        let stream = Stream::new(c.payload(1_000_003));
        let mut near = listener.receives(&program)?;
        // The program reads everything and writes nothing, so it holds all of it.
        assert!(near.press(&stream)?.held > 0);
        Ok(())
    });
    assert_green(report, "pressed");
}

#[test]
fn a_line_that_never_comes_is_missed_among_all_that_were_printed() {
    let report = judge(|c| {
        let program = c.spawn(zoo(), &["chatters", &mark("chatters")])?;
        program.says("of farewell", |line| (line == "farewell").then_some(()))
    });
    assert_red(
        report,
        "chatters",
        "no line of farewell among the 3000 lines it printed",
    );
}

#[test]
fn a_client_has_left_once_its_goodbye_has_arrived() {
    let report = judge(|c| {
        let server = c.start_with(zoo(), &["never-accepts", &mark("is left")])?;
        server.connect()?.leave()
    });
    assert_green(report, "is left");
}

#[test]
fn a_program_that_leaves_midway_is_told_so() {
    let report = judge(|c| echoes(c, "leaves-midway"));
    assert_red(report, "leaves-midway", "ended by itself, with exit code 3");
}

#[test]
fn a_spinning_thread_is_seen() {
    let report = judge(|c| is_idle(c, "spins"));
    assert_red(report, "spins", "it spins");
}

#[test]
fn a_thread_that_spins_politely_is_seen() {
    let report = judge(|c| is_idle(c, "yields"));
    assert_red(report, "yields", "it spins");
}

/// Lets the program spin until there is enough to judge by; returns whether it spins in its own
/// code.
fn spins_in_its_own_code(check: &mut Check, species: &str) -> Checked<bool> {
    let server = start(check, species)?;
    server.idles_in(&[Call::Accept]).expect_err("it spins");
    Ok(server.spins_in_its_own_code())
}

#[test]
fn a_thread_that_asks_the_kernel_for_nothing_spins_in_its_own_code() {
    let report = judge(|c| spins_in_its_own_code(c, "spins").map(|own| assert!(own)));
    assert_green(report, "spins");
}

#[test]
fn a_thread_that_makes_a_call_each_time_round_does_not() {
    let report = judge(|c| spins_in_its_own_code(c, "yields").map(|own| assert!(!own)));
    assert_green(report, "yields");
}

#[test]
fn a_thread_that_dozes_a_millisecond_at_a_time_is_seen() {
    let report = judge(|c| is_idle(c, "dozes"));
    assert_red(report, "dozes", "although nothing happened");
}

#[test]
fn a_thread_that_wakes_seldom_is_seen_in_a_longer_window() {
    let report = judge(|c| {
        let calls = [Call::Accept, Call::Sleep];
        start(c, "naps")?.idles_for(Duration::from_millis(1100), &calls)
    });
    assert_red(report, "naps", "although nothing happened");
}

#[test]
fn a_program_without_address_space_gets_no_thread() {
    let report = judge(|c| {
        let server = start(c, "stays")?;
        // No client leaves before: a thread that has ended leaves its stack for the next one.
        let _busy = server.connect_many(3)?;
        server.limit_address_space(Some(1 << 20))?;
        server.connect()?.echo(b"and another")
    });
    assert_red(report, "stays", "failed to spawn thread");
}

#[test]
fn a_flood_of_output_is_stopped() {
    let report = judge(|c| echoes(c, "floods"));
    assert_red(report, "floods", "had printed more than 64 MiB");
}

#[test]
fn a_program_that_eats_memory_is_stopped() {
    let report = judge(|c| {
        let server = start(c, "eats")?;
        server.owes_within(Duration::from_secs(10), || None::<()>);
        Err(server.red("it ate its fill"))
    });
    assert_red(report, "eats", "held more than 512 MiB");
}

#[test]
fn children_end_with_the_check_wherever_they_went() {
    let report = judge(|c| {
        let server = start(c, "multiplies")?;
        let mut client = server.connect()?;
        client.echo(b"are they there?")
    });
    assert_green(report, "multiplies");
}

#[test]
fn a_child_that_is_nobodys_ends_with_the_check_although_its_parent_ended_first() {
    let report = judge(|c| {
        let program = c.spawn(zoo(), &["leaves-a-stray", &mark("leaves-a-stray")])?;
        assert!(program.ends()?.success());
        Ok(())
    });
    assert_green(report, "leaves-a-stray");
}

#[test]
fn many_children_are_stopped_although_their_parent_has_ended() {
    let report = judge(|c| {
        let program = c.spawn(
            zoo(),
            &["leaves-many-children", &mark("leaves-many-children")],
        )?;
        program.ends()?;
        let soon = Instant::now() + Duration::from_secs(5);
        let stopped = wait::until(soon, || {
            (!is_left(&mark("leaves-many-children"))).then_some(())
        });
        assert!(stopped.is_some(), "it is stopped before the check ends");
        Err(program.red("it has left many children"))
    });
    assert_red(report, "leaves-many-children", "more than 64 processes");
}

#[test]
fn a_file_without_end_is_stopped() {
    let report = judge(|c| {
        let program = c.spawn(zoo(), &["fills-the-disk", &mark("fills-the-disk")])?;
        let core = fs::read_to_string(format!("/proc/{}/limits", program.pid()))?;
        let core = core
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let core = core.and_then(|line| line.split_whitespace().nth(4));
        assert_eq!(core, Some("0"), "no file of its last memory");
        program.owes_within(Duration::from_secs(10), || None::<()>);
        Err(program.red("it fills the disk"))
    });
    assert_red(report, "fills-the-disk", "a file longer than 256 MiB");
}

#[test]
fn a_program_that_ignores_sigterm_ends_all_the_same() {
    let report = judge(|c| echoes(c, "stays"));
    assert_green(report, "stays");
}

#[test]
fn output_that_is_held_is_said_once_it_is_read_again() {
    let held = judge(|c| {
        let program = start(c, "tells-of-bytes")?;
        let mut client = program.connect()?;
        program.sleeps_in(&[Call::Read])?;
        let held = program.hold_output()?;
        client.send(b"12345")?;
        program.sleeps_over_its_output()?;
        let before = program.lines().len();
        drop(held);
        program.says("`read 5 bytes`", |line| {
            (line == "read 5 bytes").then_some(())
        })?;
        assert_eq!(
            (before, program.lines().len()),
            (1, 2),
            "no line of the kit's"
        );
        Ok(())
    });
    assert_green(held, "tells-of-bytes");
}

#[test]
fn closing_stdout_after_the_address_is_no_fault() {
    let report = judge(|c| echoes(c, "closes-stdout"));
    assert_green(report, "closes-stdout");
}

#[test]
fn output_that_is_not_text_is_no_fault() {
    let report = judge(|c| echoes(c, "invalid-utf8"));
    assert_green(report, "invalid-utf8");
}

#[test]
fn one_wrong_byte_in_a_million_is_found() {
    let report = judge(|c| {
        let server = start(c, "one-wrong-byte")?;
        let bytes = c.payload(1_200_000);
        server.connect()?.echo(&bytes)
    });
    assert_red(report, "one-wrong-byte", "byte 1000003 of 1200000 came as");
}

#[test]
fn a_client_knows_how_it_is_registered_with_epoll() {
    let report = judge(|c| {
        let server = start(c, "hangs-a-bell")?;
        let client = server.connect()?;
        let bell = server.owes(|| client.registration());
        let bell = bell.ok_or_else(|| server.red("no registration"))?;
        assert_eq!(bell.data, 7);
        assert!(bell.wants_to_read() && !bell.wants_to_write());
        Ok(())
    });
    assert_green(report, "hangs-a-bell");
}

#[test]
fn last_words_are_heard() {
    let report = judge(|c| {
        (0..50).try_for_each(|_| {
            let program = start(c, "last-words")?;
            program.connect()?.send(b"!")?;
            program.says("`that was all`", |line| {
                (line == "that was all").then_some(())
            })
        })
    });
    assert_green(report, "last-words");
}

#[test]
fn a_suspended_program_ends_with_the_check() {
    let report = judge(|c| start(c, "never-accepts")?.suspend());
    assert_green(report, "never-accepts");
}

/// Waits for something that the program does not owe. A check that has waited twice has no time for
/// a third full wait.
fn waits_in_vain(server: &Program) -> Checked {
    for _ in 0..3 {
        server.owes(|| None::<()>);
    }
    Err(server.red("nothing"))
}

#[test]
fn a_program_that_is_slow_because_it_sleeps_is_red() {
    let report = judge(|c| {
        let server = start_as(c, "sleeps-over-a-client", "slow")?;
        server.connect()?.send(b"anybody there?")?;
        waits_in_vain(&server)
    });
    assert_red(
        report,
        "slow",
        "when the check's time was up, bytes lay unread and the program was asleep in",
    );
}

#[test]
fn a_check_that_runs_out_of_time_is_not_red_while_the_program_works() {
    let report = judge(|c| waits_in_vain(&start_as(c, "spins", "works")?));
    let Some(report) = report else { return };
    assert_over(&report, "works");
    assert!(
        matches!(report.verdict, Verdict::CouldNotJudge { .. }),
        "{report:?}"
    );
}

/// The process that starts a container stays outside. The first processes inside inherit its group
/// and its session, which have no number there.
#[test]
fn children_end_with_the_check_in_a_container_too() {
    let container = || {
        let mut unshare = Command::new("unshare");
        unshare.args([
            "--user",
            "--map-root-user",
            "--pid",
            "--fork",
            "--kill-child",
        ]);
        unshare.arg("--mount-proc");
        unshare
    };
    if !container().arg("true").status().is_ok_and(|s| s.success()) {
        println!("skipped: this system lets nobody make a container with unshare");
        return;
    }
    let output = container()
        .arg(env::current_exe().expect("this binary"))
        .args(["--exact", "--test-threads=1"])
        .arg("children_end_with_the_check_wherever_they_went")
        .arg("a_child_that_is_nobodys_ends_with_the_check_although_its_parent_ended_first")
        .output()
        .expect("it was started just now");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("2 passed; 0 failed"), "{told}");
}

/// Waits until no process with this in its command line is left.
fn assert_gone(mark: &str) {
    let gone = wait::until(Instant::now() + wait::PATIENCE, || {
        (!is_left(mark)).then_some(())
    });
    assert!(gone.is_some(), "{mark} is left");
}

mod interrupted {
    //! A grader that is ended in the middle of a check: this test binary, run again with one check
    //! that hangs.

    use std::process::{Child, Stdio};
    use std::thread;

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    const MARK: &str = "GRADER_TEST_MARK";

    /// No test of its own: the other tests start and end it.
    #[test]
    #[ignore = "hangs on purpose, until it is ended"]
    fn a_check_that_hangs() {
        judge(|c| {
            let mark = env::var(MARK).expect("started by one of the tests below");
            // The signal may come while the program still starts; the check must hang even if that
            // fails then.
            let _server = c.start_with(zoo(), &["multiplies", &mark]);
            loop {
                thread::park();
            }
        });
    }

    fn hanging_check(mark: &str) -> Child {
        let child = Command::new(env::current_exe().expect("this binary"))
            .args([
                "--exact",
                "interrupted::a_check_that_hangs",
                "--ignored",
                "--nocapture",
            ])
            .env(MARK, mark)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this binary runs again");
        let there = wait::until(Instant::now() + wait::PATIENCE, || {
            is_left(mark).then_some(())
        });
        assert!(
            there.is_some(),
            "the hanging check did not start its program"
        );
        child
    }

    fn ends_with(signal: Signal, mark: &str) {
        let mut grader = hanging_check(mark);
        kill_process(Pid::from_child(&grader), signal).expect("the grader runs");
        let status = grader.wait().expect("the grader ends");
        assert!(!status.success());
        assert_gone(mark);
    }

    #[test]
    fn ctrl_c_leaves_nothing() {
        ends_with(Signal::INT, &mark("interrupt"));
    }

    #[test]
    fn a_terminated_grader_leaves_nothing() {
        ends_with(Signal::TERM, &mark("terminate"));
    }

    #[test]
    fn a_killed_grader_leaves_nothing() {
        ends_with(Signal::KILL, &mark("kill"));
    }
}
