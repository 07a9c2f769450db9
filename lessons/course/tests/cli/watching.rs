//! `watch`: a save is a check, a newer save replaces an older one, and an
//! interruption leaves nothing.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::scratch::Scratch;

/// A time-out: longer than any step takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A `cargo course` that goes on by itself, and the lines it prints.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(scratch: &Scratch, arguments: &[&str]) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("course"));
        command
            .args(arguments)
            .current_dir(&scratch.root)
            .envs(scratch.surroundings());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// Waits until a line says `words`.
    fn says(&self, words: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(LONG)
                .unwrap_or_else(|_| panic!("never said: {words}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    fn interrupt(mut self, signal: Signal) -> std::process::ExitStatus {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that hangs before it says where it listens, and writes down its process number and its
/// parent's.
fn hang(scratch: &Scratch) {
    let file = scratch.root.join(".course/pids");
    let pids = "std::process::id(), std::os::unix::process::parent_id()";
    let hang = format!(
        "std::fs::write({:?}, format!(\"{{}} {{}} .\", {pids})).unwrap();\n    loop {{ std::thread::park(); }}",
        file.display().to_string()
    );
    scratch.replace(
        "lessons/01-tiny/src/main.rs",
        "todo!(\"say where the program listens\");",
        &hang,
    );
}

/// Waits until the hanging program has written its number and that of its check.
fn pids(scratch: &Scratch) -> Vec<u32> {
    let file = scratch.root.join(".course/pids");
    until("the program runs", || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let pids = text
            .strip_suffix(" .")?
            .split(' ')
            .map(|pid| pid.parse().unwrap());
        Some(pids.collect())
    })
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < LONG, "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A process that has ended may stay a zombie for a while, or for ever where
/// nobody waits for orphans.
fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}

#[test]
fn a_save_is_checked_at_once_and_ctrl_c_is_no_failure() {
    let scratch = Scratch::new();
    let watch = Running::start(&scratch, &["watch", "1"]);
    watch.says("Not started yet");
    watch.says("Watching");
    scratch.solve_half();
    watch.says("not written yet  echoes_once_more");
    watch.says("Watching");
    scratch.solve();
    watch.says("All 3 checks hold.");
    assert_eq!(watch.interrupt(Signal::INT).code(), Some(0));
}

#[test]
fn where_nobody_tells_of_saves_the_files_are_looked_at() {
    let scratch = Scratch::new();
    let watch = Running::start(&scratch, &["watch", "1", "--poll"]);
    watch.says("Watching");
    scratch.solve();
    watch.says("All 3 checks hold.");
}

#[test]
fn a_newer_save_takes_over_from_a_check_that_still_runs() {
    let scratch = Scratch::new();
    let watch = Running::start(&scratch, &["watch", "1"]);
    watch.says("Watching");
    hang(&scratch);
    let running = pids(&scratch);
    scratch.solve();
    watch.says("All 3 checks hold.");
    assert!(running.into_iter().all(is_gone));
}

#[test]
fn a_check_that_is_ended_ends_what_it_started() {
    let scratch = Scratch::new();
    hang(&scratch);
    fs::create_dir_all(scratch.root.join(".course")).unwrap();
    let check = Running::start(&scratch, &["check", "1"]);
    let running = pids(&scratch);
    let status = check.interrupt(Signal::TERM);
    assert_eq!(status.signal(), Some(15));
    until("both are gone", || {
        running.iter().all(|pid| is_gone(*pid)).then_some(())
    });
    scratch.ends_with(0, &["check", "1", "--solution"]);
}
