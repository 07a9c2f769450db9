//! The processes that the course starts: cargo, and one for each check.
//!
//! Each leads a process group of its own: to end cargo is to end the compilers that it has started.
//!
//! Invariant: every live process is in a registry, by its handle and not by its number, which the
//! kernel may reuse. So an interrupted course ends exactly the processes it has started. If the
//! course itself is killed, a watchdog process ends them.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

pub use grader::stood_watch;
use grader::{Watchdog, lock};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Every process that has been started and not been waited for.
static LIVE: Mutex<Vec<Arc<Mutex<Child>>>> = Mutex::new(Vec::new());

/// Whether this program can also run as the watchdog. False until [`end_children_when_interrupted`]
/// sets it; a test binary of the library never does.
static HAS_WATCHDOG: AtomicBool = AtomicBool::new(false);

/// How often a running process and its [`Cancel`] are polled.
const POLL_EVERY: Duration = Duration::from_millis(5);
/// How long a process may take to clean up after it was asked to end.
const GRACE: Duration = Duration::from_secs(3);

/// A request to stop a run, shared between threads. It starts unset; once set, it stays set.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the run has been asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// How a process came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Exited(ExitStatus),
    /// The course ended it, because its time was up.
    OutOfTime,
    /// The course ended it, because the run was cancelled.
    Cancelled,
}

/// Runs `command` until it exits, its time `limit` is over, or it is cancelled.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &mut Command, limit: Option<Duration>, cancel: &Cancel) -> io::Result<Ended> {
    let begun = Instant::now();
    let child = start(command)?;
    let ended = loop {
        if let Some(status) = lock(&child).try_wait()? {
            break Ended::Exited(status);
        }
        if cancel.is_cancelled() {
            end(&child);
            break Ended::Cancelled;
        }
        if limit.is_some_and(|limit| begun.elapsed() > limit) {
            end(&child);
            break Ended::OutOfTime;
        }
        thread::sleep(POLL_EVERY);
    };
    lock(&LIVE).retain(|live| !Arc::ptr_eq(live, &child));
    if let Some(watchdog) = watchdog() {
        watchdog.waited_for(&lock(&child));
    }
    Ok(ended)
}

/// Starts a child. The registry is locked meanwhile, so that the thread that ends all children
/// misses none.
fn start(command: &mut Command) -> io::Result<Arc<Mutex<Child>>> {
    let mut live = lock(&LIVE);
    command.stdin(Stdio::null());
    let child = match watchdog() {
        Some(watchdog) => watchdog.start(command)?,
        None => command.process_group(0).spawn()?,
    };
    let child = Arc::new(Mutex::new(child));
    live.push(Arc::clone(&child));
    Ok(child)
}

/// The one watchdog of this process, begun with the first child.
fn watchdog() -> Option<&'static Watchdog> {
    static WATCHDOG: OnceLock<Option<Watchdog>> = OnceLock::new();
    let begin = || Watchdog::begin(&[]).ok();
    HAS_WATCHDOG
        .load(Ordering::SeqCst)
        .then(|| WATCHDOG.get_or_init(begin).as_ref())
        .flatten()
}

/// Ends a process and its group: by SIGTERM first, so that the kit can clean up what it has
/// started, then by SIGKILL.
fn end(child: &Mutex<Child>) {
    send(&mut lock(child), Signal::TERM);
    let begun = Instant::now();
    while begun.elapsed() < GRACE {
        if !matches!(lock(child).try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(POLL_EVERY);
    }
    let mut child = lock(child);
    send(&mut child, Signal::KILL);
    let _ = child.wait();
}

/// Sends a signal to the child's group, unless the child has already been waited for: then its
/// number may be another's.
fn send(child: &mut Child, signal: Signal) {
    if let (Ok(None), Some(group)) = (child.try_wait(), Pid::from_raw(child.id() as i32)) {
        let _ = kill_process_group(group, signal);
    }
}

/// From now on, the end of the course ends its children too, be it by Ctrl-C, a signal to the
/// course alone, a terminal that is closed, or `kill -9`. If `farewell` returns an exit code, the
/// course exits with it after Ctrl-C; otherwise the signal has its default effect. The program must
/// call [`stood_watch`] at the beginning of `main`.
///
/// # Errors
/// When the signals cannot be watched.
pub fn end_children_when_interrupted(farewell: fn() -> Option<i32>) -> io::Result<()> {
    HAS_WATCHDOG.store(true, Ordering::SeqCst);
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::Builder::new().spawn(move || {
        for signal in &mut signals {
            // This lock is held until the process ends, so that no further child is started.
            let live = lock(&LIVE);
            live.iter()
                .for_each(|child| send(&mut lock(child), Signal::TERM));
            // `farewell` prints, so it is called for Ctrl-C only: a closed terminal shows nothing.
            if signal == SIGINT
                && let Some(code) = farewell()
            {
                std::process::exit(code);
            }
            let _ = emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// The cargo that runs this course, without the environment variables that an outer cargo has set:
/// build scripts and test binaries would take them for their own.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    without_marks(
        &mut command,
        &[
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_TERM_",
            "CARGO_NET_",
            "CARGO_HTTP_",
            "CARGO_INCREMENTAL",
        ],
    );
    command
}

/// This machine's target triple: `x86_64-unknown-linux-gnu`.
pub fn host() -> Option<&'static str> {
    static HOST: OnceLock<Option<String>> = OnceLock::new();
    let ask = || {
        let rustc = Command::new("rustc").arg("-vV").output().ok()?;
        let rustc = String::from_utf8(rustc.stdout).ok()?;
        let host = rustc.lines().find_map(|line| line.strip_prefix("host: "))?;
        Some(host.to_owned())
    };
    HOST.get_or_init(ask).as_deref()
}

/// Removes from `command` every variable that an outer cargo has set, but for those that begin with
/// one of `keep`.
pub fn without_marks(command: &mut Command, keep: &[&str]) {
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let is_mark =
            name.starts_with("CARGO_") || name.starts_with("RUST_TEST_") || name == "OUT_DIR";
        let is_ours = name == "COURSE_VERDICT" || name.starts_with("GRADER_");
        if (is_mark || is_ours) && !keep.iter().any(|kept| name.starts_with(kept)) {
            command.env_remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_over_its_time_is_ended() {
        let mut command = Command::new("sleep");
        let limit = Some(Duration::from_millis(50));
        assert_eq!(
            run(command.arg("600"), limit, &Cancel::default()).unwrap(),
            Ended::OutOfTime
        );
    }

    #[test]
    fn a_cancelled_process_is_ended_even_if_it_ignores_the_request() {
        let cancel = Cancel::default();
        cancel.cancel();
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' TERM; exec sleep 600"]);
        assert_eq!(run(&mut command, None, &cancel).unwrap(), Ended::Cancelled);
    }

    #[test]
    fn what_a_cancelled_process_has_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("pid");
        let cancel = Cancel::default();
        let ended = thread::scope(|scope| {
            let run = scope.spawn(|| {
                let mut command = Command::new("sh");
                let script = format!("sleep 600 & echo $! > {}; wait", told.display());
                run(command.args(["-c", &script]), None, &cancel).unwrap()
            });
            let started = || std::fs::read_to_string(&told).is_ok_and(|pid| pid.ends_with('\n'));
            while !started() {
                thread::sleep(POLL_EVERY);
            }
            cancel.cancel();
            run.join().unwrap()
        });
        assert_eq!(ended, Ended::Cancelled);
        let pid = std::fs::read_to_string(told).unwrap();
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        let begun = Instant::now();
        while state().is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(begun.elapsed() < GRACE, "it still runs");
            thread::sleep(POLL_EVERY);
        }
    }

    #[test]
    fn a_process_that_exits_tells_its_status() {
        let ended = run(&mut Command::new("true"), None, &Cancel::default()).unwrap();
        assert!(matches!(ended, Ended::Exited(status) if status.success()));
    }
}
