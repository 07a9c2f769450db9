//! A program under judgement: started in a process group of its own, watched, and gone when the
//! check is over.
//!
//! Invariant: a program that was started is drained, held to its limits and known to the clean-up,
//! or it does not get to run.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::kernel::tcp;
use crate::mutex::lock;
use crate::protocol::{ROLE, TAG};
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

pub(crate) mod cleanup;
mod control;
pub(crate) mod exit;
pub(crate) mod held_output;
pub(crate) mod limits;
mod observations;
pub(crate) mod output;
mod patience;
pub(crate) mod reads;
mod red;
pub(crate) mod seed;
mod sent;

use self::cleanup::Cleanup;
use self::exit::Panic;
use self::limits::Excess;
use self::output::Output;
use self::reads::Reads;
use self::seed::Seed;
use self::sent::Sent;

/// A running program. Clones are the same program; it ends with the check that started it.
#[derive(Clone)]
pub struct Program(Arc<Running>);

pub(crate) struct Running {
    /// The clean-up of this process, which knows the program by its `tag`.
    cleanup: &'static Cleanup,
    /// The value of [`TAG`] in the environment of the program and of all that it starts.
    tag: String,
    pid: Pid,
    /// Locked to ask whether it has ended, and to wait for the end of a process that was killed;
    /// never across anything slow.
    child: Mutex<Child>,
    stdout: Arc<Output>,
    stderr: Arc<Output>,
    /// When the program was first seen to have ended; set once, by `is_over`.
    ended_at: OnceLock<Instant>,
    /// Where the program listens; set once, by [`Program::wait_for_address`].
    address: OnceLock<SocketAddr>,
    /// What the program took too much of, and was killed for; set at most once, by the watch over
    /// its limits.
    excess: Arc<OnceLock<Excess>>,
    /// Ends the watch over its limits when it is dropped; `None` once the program was ended.
    watch: Mutex<Option<Sender<()>>>,
    /// The seed of the check's random bytes: a failure tells it, where the check has made some.
    seed: Arc<Seed>,
    /// Set when a wait was cut short because the check had no time left; never unset. From then on
    /// the program is not red: the check could not judge.
    cut_short: AtomicBool,
    /// Set when the kit has lowered one of the program's limits on purpose; never unset. From then
    /// on its complaints about that limit say nothing about this machine.
    held_short: AtomicBool,
    /// What its clients have sent.
    sent: Sent,
    /// Sentences that go with the verdict, green or red. [`Program::note`] adds one.
    notes: Mutex<Vec<String>>,
}

impl Program {
    pub(crate) fn start(
        cleanup: &'static Cleanup,
        mut command: Command,
        seed: Arc<Seed>,
    ) -> io::Result<Self> {
        let tag = cleanup.announce()?;
        let started = Self::start_as(&tag, cleanup, &mut command, seed);
        if started.is_err() {
            let _ = cleanup.end(&tag);
        }
        started
    }

    fn start_as(
        tag: &str,
        cleanup: &'static Cleanup,
        command: &mut Command,
        seed: Arc<Seed>,
    ) -> io::Result<Self> {
        let mut child = command
            .env(TAG, tag)
            .env_remove(ROLE)
            .env_remove("COURSE_VERDICT")
            .env("RUST_BACKTRACE", "0")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pid = Pid::from_child(&child);
        let (stay, over) = mpsc::channel();
        let attended = || {
            cleanup.started(tag, pid)?;
            limits::limit_files_of(pid);
            let stdout = Output::drain(child.stdout.take().expect("its stdout is piped"))?;
            let stderr = Output::drain(child.stderr.take().expect("its stderr is piped"))?;
            let excess = limits::watch(pid, [Arc::clone(&stdout), Arc::clone(&stderr)], over)?;
            Ok((stdout, stderr, excess))
        };
        let attended: io::Result<_> = attended();
        let (stdout, stderr, excess) = attended.inspect_err(|_| {
            // Without its watch the program could harm the machine: it does not get to run.
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = child.wait();
        })?;
        Ok(Self(Arc::new(Running {
            cleanup,
            tag: tag.to_owned(),
            pid,
            child: Mutex::new(child),
            stdout,
            stderr,
            ended_at: OnceLock::new(),
            address: OnceLock::new(),
            excess,
            watch: Mutex::new(Some(stay)),
            seed,
            cut_short: AtomicBool::new(false),
            held_short: AtomicBool::new(false),
            sent: Sent::default(),
            notes: Mutex::default(),
        })))
    }

    /// Waits for the line `listening on ADDR`; the address must be one of 127.0.0.1, and the kernel
    /// must know of a listener there.
    ///
    /// # Errors
    /// Red, when it does not say so, or does not listen there.
    pub fn wait_for_address(&self) -> Checked<SocketAddr> {
        let announced = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
        let expected = "the program prints `listening on 127.0.0.1:PORT` and listens there";
        let red = |saw: String, why: &str| {
            let ended = "a program that has ended listens nowhere. The lines above say how it ended: by a panic, by an error \
                         that went up to `main`, or because `main` had nothing left to do";
            Err(self.red(saw))
                .explain_when(Cause::Ended, ended, "what ended it, and where")
                .suggest(expected, why, "the first lines of `main`")
        };
        let Some(word) = self.owes(|| self.0.stdout.find(announced)) else {
            let printed = self.0.stdout.bytes();
            let saw =
                format!("no such line among the {printed} bytes it wrote to its standard output");
            return red(
                saw,
                "every check begins by connecting to the address that stands in this line",
            );
        };
        let Ok(address) = word.trim().parse::<SocketAddr>() else {
            return red(
                format!("`listening on {word}`, which is no address"),
                "an address is an IP and a port",
            );
        };
        if address.ip() != std::net::Ipv4Addr::LOCALHOST {
            return red(
                format!("`listening on {address}`"),
                "127.0.0.1 is reached from this machine only; any other address offers your program to the network",
            );
        }
        let listens = || tcp::listener(address).ok()?.map(drop);
        if self.owes(listens).is_none() {
            return red(
                format!("`listening on {address}`, but the kernel knows of no listener there"),
                "the line must name the port that the listener really got: ask it with `local_addr()`",
            );
        }
        Ok(*self.0.address.get_or_init(|| address))
    }

    /// Where it listens.
    ///
    /// # Panics
    /// When the program was started without waiting for its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        *self
            .0
            .address
            .get()
            .expect("a program that has said where it listens")
    }

    /// Whether it has said where it listens.
    fn listens(&self) -> bool {
        self.0.address.get().is_some()
    }

    /// Its process id, which is also the id of its process group.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.0.pid
    }

    /// The complete lines it has printed to its standard output, the first thousand.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.stdout.first()
    }

    /// What the lines `read N bytes` on its standard output say, all of them.
    #[must_use]
    pub fn reads(&self) -> Reads {
        self.0.stdout.reads()
    }

    /// Waits for a line on its standard output for which `found` returns something, and returns
    /// that.
    ///
    /// # Errors
    /// Red, when no such line comes; `what` names it.
    pub fn says<T>(&self, what: &str, found: impl Fn(&str) -> Option<T>) -> Checked<T> {
        self.owes(|| self.0.stdout.find(&found)).ok_or_else(|| {
            let lines = self.0.stdout.lines();
            self.red(format!("no line {what} among the {lines} lines it printed"))
        })
    }

    /// The first result that `found` gives for a line on its standard output, without waiting:
    /// among the first thousand lines and the latest fifty.
    pub(crate) fn finds_line<T>(&self, found: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.0.stdout.find(found)
    }

    /// Waits until it has ended by itself and all its output is read; returns how it ended.
    ///
    /// # Errors
    /// Red, when it does not end.
    pub fn ends(&self) -> Checked<ExitStatus> {
        let ended = self.owes(|| self.ended().filter(|_| self.has_said_all()));
        ended
            .or_else(|| self.ended())
            .ok_or_else(|| self.red("it runs on"))
    }

    /// Its standard output.
    fn output(&self) -> &Output {
        &self.0.stdout
    }

    /// How many bytes it has printed to its standard output.
    pub(crate) fn printed_bytes(&self) -> u64 {
        self.0.stdout.bytes()
    }

    /// Waits at most `at_most` until it has printed more than `bytes`.
    pub(crate) fn prints_beyond(&self, bytes: u64, at_most: Duration) -> bool {
        self.0.stdout.waits_beyond(bytes, at_most)
    }

    /// How it ended, or `None` while it runs.
    #[must_use]
    pub fn ended(&self) -> Option<ExitStatus> {
        lock(&self.0.child).try_wait().ok().flatten()
    }

    /// The latest lines it has printed, to standard output and to standard error.
    pub(crate) fn last_lines(&self) -> [Vec<String>; 2] {
        [self.0.stdout.last(), self.0.stderr.last()]
    }

    /// The latest lines it has printed to its standard output.
    pub(crate) fn latest_lines(&self) -> Vec<String> {
        self.0.stdout.last()
    }

    /// The latest step that it has printed.
    pub(crate) fn step(&self) -> Option<String> {
        self.0.stdout.step()
    }

    /// The panics that its standard error tells of, the first and the latest.
    pub(crate) fn panics(&self) -> Vec<Panic> {
        let mut lines = self.0.stderr.first();
        lines.extend(self.0.stderr.last());
        exit::panics(&lines)
    }

    /// What its clients have sent so far.
    pub(crate) fn sent(&self) -> &Sent {
        &self.0.sent
    }

    /// Adds a sentence that goes with the verdict, green or red.
    pub(crate) fn note(&self, words: String) {
        lock(&self.0.notes).push(words);
    }

    /// The sentences that go with the verdict.
    pub(crate) fn notes(&self) -> Vec<String> {
        lock(&self.0.notes).clone()
    }

    /// Ends it and all that it started.
    pub(crate) fn end(&self) {
        self.0.end();
    }
}

impl Running {
    fn end(&self) {
        drop(lock(&self.watch).take());
        let mut child = lock(&self.child);
        let _ = kill_process_group(self.pid, Signal::KILL);
        let _ = child.wait();
        let _ = self.cleanup.end(&self.tag);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({})", self.0.pid)
    }
}
