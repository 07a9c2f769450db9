//! A program under judgement: started in a process group of its own, watched, and gone when the check is over.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group, prlimit};

use crate::kernel::epoll::{self, Instance, Registration};
use crate::kernel::files::{self, OpenFile};
use crate::kernel::poll::{self, Question};
use crate::kernel::process;
use crate::kernel::tcp;
use crate::kernel::threads::{self, Thread};
use crate::mutex::lock;
use crate::protocol::{ROLE, TAG};
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;
use crate::{machine_check, reach, wait};

pub(crate) mod cleanup;
pub(crate) mod exit;
pub(crate) mod limits;
pub(crate) mod output;
mod red;
pub(crate) mod seed;

use self::cleanup::Cleanup;
use self::exit::Panic;
use self::limits::Excess;
use self::output::Output;
use self::seed::Seed;

/// How long after a program's end its output is still read: it is there, but may not have been read yet, on a machine that is
/// busy with other things. Such a long wait happens only where something that the program has started keeps it open.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A running program. Clones are the same program; it ends with the check that started it.
#[derive(Clone)]
pub struct Program(Arc<Running>);

pub(crate) struct Running {
    cleanup: &'static Cleanup,
    tag: String,
    pid: Pid,
    /// Locked to ask whether it has ended, and to wait for its end; never across anything slow.
    child: Mutex<Child>,
    stdout: Arc<Output>,
    stderr: Arc<Output>,
    /// Set once, when the program was first seen to have ended.
    ended_at: OnceLock<Instant>,
    /// Set once, when the program has said where it listens.
    address: OnceLock<SocketAddr>,
    /// Set once, by the watch over its limits, when the program took more than it may and was killed for it.
    excess: Arc<OnceLock<Excess>>,
    /// Dropped to end that watch.
    watch: Mutex<Option<Sender<()>>>,
    /// Where the check's payloads come from, told with every failure of a check that has made some.
    seed: Arc<Seed>,
    /// Set when a wait was cut short because the check had no time left: nothing red follows from that.
    cut_short: AtomicBool,
    /// Set when the kit took something from the program on purpose: what it says of that is its own affair.
    held_short: AtomicBool,
    /// What the reader of the verdict has to know, whatever the verdict is.
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
            // Nobody would hear it or hold it back: it does not get to run.
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
            notes: Mutex::default(),
        })))
    }

    /// Waits for the line `listening on ADDR`; the address must be one of 127.0.0.1, and the kernel must know of a
    /// listener there.
    pub(crate) fn wait_for_address(&self) -> Checked<SocketAddr> {
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
    /// When it was started without waiting for its address.
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

    /// Its process id, which is also its group's.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.0.pid
    }

    /// Its threads, as the kernel sees them now.
    #[must_use]
    pub fn threads(&self) -> Vec<Thread> {
        threads::of(self.0.pid)
    }

    /// Its open files now.
    #[must_use]
    pub fn open_files(&self) -> Vec<OpenFile> {
        files::of(self.0.pid)
    }

    /// What it has registered with epoll now.
    #[must_use]
    pub fn registrations(&self) -> Vec<Registration> {
        epoll::registrations(self.0.pid)
    }

    /// Its epoll instances now, and which of its threads sleep in which.
    #[must_use]
    pub fn epoll_instances(&self) -> Vec<Instance> {
        epoll::instances(self.0.pid)
    }

    /// What it asks poll, where it is in poll just now.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        poll::questions(self.0.pid)
    }

    /// The complete lines it has printed to its standard output, the first thousand.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.stdout.first()
    }

    /// Waits for a line on its standard output that `found` makes something of.
    ///
    /// # Errors
    /// Red, when no such line comes; `what` names it.
    pub fn says<T>(&self, what: &str, found: impl Fn(&str) -> Option<T>) -> Checked<T> {
        self.owes(|| self.0.stdout.find(&found)).ok_or_else(|| {
            let lines = self.0.stdout.lines();
            self.red(format!("no line {what} among the {lines} lines it printed"))
        })
    }

    /// Waits until it has ended by itself and all its output is read, and tells how it ended.
    ///
    /// # Errors
    /// Red, when it runs on.
    pub fn ends(&self) -> Checked<ExitStatus> {
        let ended = self.owes(|| self.ended().filter(|_| self.has_said_all()));
        ended
            .or_else(|| self.ended())
            .ok_or_else(|| self.red("it runs on"))
    }

    /// The memory it really occupies now, in bytes; 0 when it has ended.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        process::look(self.0.pid).map_or(0, |process| process.resident_bytes)
    }

    /// The address space it has reserved now, in bytes, used or not; 0 when it has ended.
    #[must_use]
    pub fn reserved_bytes(&self) -> u64 {
        process::look(self.0.pid).map_or(0, |process| process.reserved_bytes)
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

    /// Stops every thread of it, as Ctrl-Z would, and waits until the kernel shows them stopped.
    ///
    /// # Errors
    /// Could not judge, when they do not stop.
    pub fn suspend(&self) -> Checked {
        kill_process_group(self.0.pid, Signal::STOP)?;
        reach("the suspended program in state T", || {
            threads::all_stopped(self.0.pid)
        })
    }

    /// Lets it run on after [`Program::suspend`].
    ///
    /// # Errors
    /// Could not judge, when it cannot be continued.
    pub fn resume(&self) -> Checked {
        Ok(kill_process_group(self.0.pid, Signal::CONT)?)
    }

    /// Lets it open no more than `more` further files.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not allow it.
    pub fn limit_files(&self, more: usize) -> Checked {
        let taken: Vec<i32> = self.open_files().iter().map(|file| file.fd).collect();
        let last = (0..)
            .filter(|fd| !taken.contains(fd))
            .nth(more)
            .expect("descriptors are endless");
        let maximum = getrlimit(Resource::Nofile).maximum;
        let last = last as u64;
        if maximum.is_some_and(|maximum| maximum < last) {
            return Err(machine_check::too_few_files(last as usize));
        }
        self.0.held_short.store(true, Ordering::SeqCst);
        let limit = Rlimit {
            current: Some(last),
            maximum,
        };
        prlimit(Some(self.0.pid), Resource::Nofile, limit)?;
        Ok(())
    }

    /// Lets it reserve no more than `more_bytes` of further address space; `None` lets it reserve what this machine allows
    /// again.
    /// Less than a stack, and it gets no further thread.
    ///
    /// # Errors
    /// Red, when it has ended; could not judge, when the kernel does not allow it.
    pub fn limit_address_space(&self, more_bytes: Option<u64>) -> Checked {
        let allowed = getrlimit(Resource::As);
        let current = match more_bytes.map(|more| self.reserved_bytes() + more) {
            Some(less) => Some(allowed.current.map_or(less, |allowed| allowed.min(less))),
            None => allowed.current,
        };
        self.0.held_short.store(true, Ordering::SeqCst);
        let limit = Rlimit {
            current,
            maximum: allowed.maximum,
        };
        match prlimit(Some(self.0.pid), Resource::As, limit) {
            Err(_) if self.ended().is_some() => Err(self.red("it is gone")),
            other => Ok(other.map(drop)?),
        }
    }

    /// Looks until `look` sees what the program owes; `None` when it has ended, when it sleeps so that nothing can
    /// ever wake it, or when its time is up.
    pub fn owes<T>(&self, look: impl FnMut() -> Option<T>) -> Option<T> {
        self.owes_within(wait::PATIENCE, look)
    }

    /// As [`Program::owes`], with a patience of its own.
    pub fn owes_within<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        let (deadline, is_the_checks) = wait::deadline(patience);
        let mut hope = Hope::begin();
        let seen = wait::until(deadline, || {
            if let Some(seen) = look() {
                return Some(Some(seen));
            }
            // One more look after its last word: its last act may be the one that is waited for.
            (self.is_over() || hope.is_lost(self)).then(&mut look)
        });
        if seen.is_none() && is_the_checks {
            self.cut_short();
        }
        seen.flatten()
    }

    /// Notes that a wait was cut short because the check had no time left: nothing red follows from that.
    pub(crate) fn cut_short(&self) {
        self.0.cut_short.store(true, Ordering::SeqCst);
    }

    /// Whether it has ended and all its output is read. Output that is still open some time after the end is held open
    /// by someone else, and not waited for.
    fn is_over(&self) -> bool {
        if self.ended().is_none() {
            return false;
        }
        let ended_at = self.0.ended_at.get_or_init(Instant::now);
        self.has_said_all() || ended_at.elapsed() > LAST_WORDS
    }

    fn has_said_all(&self) -> bool {
        self.0.stdout.is_closed() && self.0.stderr.is_closed()
    }

    /// The latest lines it has printed, to standard output and to standard error.
    pub(crate) fn last_lines(&self) -> [Vec<String>; 2] {
        [self.0.stdout.last(), self.0.stderr.last()]
    }

    /// The latest lines it has printed to its standard output.
    pub(crate) fn latest_lines(&self) -> Vec<String> {
        self.0.stdout.last()
    }

    /// The latest step that it has said.
    pub(crate) fn step(&self) -> Option<String> {
        self.0.stdout.step()
    }

    /// The panics that its standard error tells of, the first and the latest.
    pub(crate) fn panics(&self) -> Vec<Panic> {
        let mut lines = self.0.stderr.first();
        lines.extend(self.0.stderr.last());
        exit::panics(&lines)
    }

    /// Notes what the reader of the verdict has to know, whatever the verdict is.
    pub(crate) fn note(&self, words: String) {
        lock(&self.0.notes).push(words);
    }

    /// What was noted.
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

/// Whether waiting for a program still makes sense.
///
/// It does not once every thread has been asleep, in a call without a time-out, without waking once, for a while in
/// which whatever was sent has long arrived: nothing of the program's own can end that sleep.
struct Hope {
    looked: Instant,
    asleep_since: Option<(Instant, Vec<Thread>)>,
}

impl Hope {
    const PAUSE: Duration = Duration::from_millis(100);
    const LONG_ENOUGH: Duration = Duration::from_millis(1500);

    fn begin() -> Self {
        Self {
            looked: Instant::now(),
            asleep_since: None,
        }
    }

    fn is_lost(&mut self, program: &Program) -> bool {
        if self.looked.elapsed() < Self::PAUSE {
            return false;
        }
        self.looked = Instant::now();
        let threads = program.threads();
        let asleep = !threads.is_empty() && threads.iter().all(|t| t.state == 'S' && t.for_good);
        match &self.asleep_since {
            Some((since, before)) if asleep && *before == threads => {
                since.elapsed() >= Self::LONG_ENOUGH
            }
            _ => {
                self.asleep_since = asleep.then(|| (Instant::now(), threads));
                false
            }
        }
    }
}
