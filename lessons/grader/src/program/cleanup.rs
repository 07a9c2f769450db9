//! Clean-up: no program survives the check that started it, and none survives the grader.
//!
//! Every program gets a process group and an environment tag of its own. Three events end it,
//! whichever comes first: its check is over, the grader gets a signal (SIGINT, SIGTERM), or the
//! grader is gone. The last one is seen by the watchdog, a second process, when the grader's end of
//! a pipe closes, even after `kill -9`.
//!
//! Invariant: the watchdog knows a program's tag before the program starts, and its group as soon
//! as there is one.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, kill_process_group, set_child_subreaper,
    test_kill_process_group, waitpgid, waitpid,
};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::kernel::process::{self, Process};
use crate::kernel::rlimit;
use crate::mutex::lock;
use crate::protocol::{ISOLATED, ROLE, TAG, WATCHDOG, only};
use crate::verdict::stop::{Checked, Stop};
use crate::wait;

/// How long it may take to end a group; milliseconds are enough as a rule.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long a child may take from `fork` to `exec`; it needs far less than a millisecond.
const FROM_FORK_TO_EXEC: Duration = Duration::from_millis(100);

/// A second process that outlives this one by a moment and kills the programs that this one has
/// left, even after `kill -9`.
///
/// It is this program once more, so this program must call [`stood_watch`] before anything else.
#[derive(Debug)]
pub struct Watchdog(Mutex<ChildStdin>);

impl Watchdog {
    /// Starts this program once more, as a watchdog, with these arguments.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn begin(arguments: &[&str]) -> io::Result<Self> {
        let mut watchdog = Command::new(env::current_exe()?)
            .args(arguments)
            .env(ROLE, WATCHDOG)
            .env_remove(ISOLATED)
            .env_remove("COURSE_VERDICT")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let ear = watchdog.stdin.take().expect("its stdin is piped");
        Ok(Self(Mutex::new(ear)))
    }

    /// Starts a child that leads a process group of its own and outlives this process by no more
    /// than a moment. From then on the watchdog knows the child by its process number alone, so
    /// tell it with [`Watchdog::waited_for`] once the child has been waited for.
    ///
    /// # Errors
    /// When the child cannot be started. A watchdog that is gone is no error.
    pub fn start(&self, command: &mut Command) -> io::Result<Child> {
        // The watchdog hears of the tag before there is a child: this process may be killed before
        // it knows the child's number.
        let tag = new_tag();
        let _ = self.tell(&format!("program {tag}"));
        let started = command.env(TAG, &tag).process_group(0).spawn();
        if let Ok(child) = &started {
            let _ = self.tell(&format!("group child-{0} {0}", child.id()));
        }
        let _ = self.tell(&format!("gone {tag}"));
        started
    }

    /// Tells the watchdog that the child has been waited for: another process may get its number
    /// from now on.
    pub fn waited_for(&self, child: &Child) {
        let _ = self.tell(&format!("gone child-{}", child.id()));
    }

    fn tell(&self, line: &str) -> io::Result<()> {
        writeln!(lock(&self.0), "{line}")
    }
}

/// The programs that this process has started and not yet ended.
pub(crate) struct Cleanup {
    /// Hears of every tag and every group in `live`, and of their removal.
    watchdog: Watchdog,
    /// The programs by tag, each with its process group; `None` from [`Cleanup::announce`] to
    /// [`Cleanup::started`]. [`Cleanup::end`] removes a program.
    live: Mutex<BTreeMap<String, Option<Pid>>>,
}

/// The clean-up of this process; `check` is the test that the watchdog re-executes.
///
/// # Errors
/// Could not judge, when the watchdog cannot be started, or the thread that waits for signals.
pub(crate) fn cleanup(check: &str) -> Checked<&'static Cleanup> {
    static CLEANUP: OnceLock<Result<Cleanup, String>> = OnceLock::new();
    static SIGNALS: OnceLock<Result<(), String>> = OnceLock::new();
    let refused = |what: &str| {
        let what = what.to_owned();
        move |error: io::Error| rlimit::not_started(&what, &error)
    };
    let cleanup = CLEANUP.get_or_init(|| Cleanup::begin(check).map_err(refused("the watchdog")));
    let cleanup = cleanup
        .as_ref()
        .map_err(|words| Stop::CouldNotJudge(words.clone()))?;
    let heard = SIGNALS.get_or_init(|| {
        end_with_signals(cleanup).map_err(refused("the thread that waits for signals"))
    });
    heard.clone().map(|()| cleanup).map_err(Stop::CouldNotJudge)
}

impl Cleanup {
    fn begin(check: &str) -> io::Result<Self> {
        // The orphans of programs become children of this process, so that it can wait for their
        // end.
        set_child_subreaper(Some(getpid()))?;
        rlimit::raise();
        Ok(Self {
            watchdog: Watchdog::begin(&only(check))?,
            live: Mutex::default(),
        })
    }

    /// Announces a program that is about to start, and returns its tag, which must stand in its
    /// environment as [`TAG`].
    pub(crate) fn announce(&self) -> io::Result<String> {
        let tag = new_tag();
        lock(&self.live).insert(tag.clone(), None);
        self.watchdog.tell(&format!("program {tag}"))?;
        Ok(tag)
    }

    /// Notes the process group of an announced program.
    pub(crate) fn started(&self, tag: &str, group: Pid) -> io::Result<()> {
        lock(&self.live).insert(tag.to_owned(), Some(group));
        self.watchdog.tell(&format!("group {tag} {group}"))
    }

    /// Ends all that an announced program has started. The program's own process must have been
    /// waited for already, or never have been started.
    pub(crate) fn end(&self, tag: &str) -> io::Result<()> {
        let group = lock(&self.live).remove(tag).flatten();
        end_all(tag, group);
        self.watchdog.tell(&format!("gone {tag}"))
    }
}

/// A value of [`TAG`] that no other program has.
fn new_tag() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", getpid(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// In a process that was started as the watchdog: keeps watch for as long as the grader lives, ends
/// what the grader has left, and returns true. In any other process: returns false. A program that
/// starts programs with this kit must call this before anything else.
#[must_use]
pub fn stood_watch() -> bool {
    let is_watchdog = env::var_os(ROLE).is_some_and(|role| role == WATCHDOG);
    if is_watchdog {
        watch(io::stdin().lock());
    }
    is_watchdog
}

/// The watchdog's whole life: reads until the grader is gone, then ends the programs that the
/// grader has left.
fn watch(stdin: impl BufRead) {
    let mut left: BTreeMap<String, Option<Pid>> = BTreeMap::new();
    for line in stdin.lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["program", tag] => drop(left.insert(tag.to_owned(), None)),
            ["group", tag, group] => {
                left.insert(tag.to_owned(), group.parse().ok().and_then(Pid::from_raw));
            }
            ["gone", tag] => drop(left.remove(tag)),
            _ => {}
        }
    }
    if left.values().any(Option::is_none) {
        // The grader may have died between a fork and its exec, and the child has its tag only from
        // the exec on.
        thread::sleep(FROM_FORK_TO_EXEC);
    }
    for (tag, group) in left {
        end_all(&tag, group);
    }
}

/// Kills the group, every process with the tag, and all that these have started, until none is
/// left. Waits for those that became children of this process.
fn end_all(tag: &str, group: Option<Pid>) {
    let variable = format!("{TAG}={tag}");
    let mut family: Vec<Pid> = group.into_iter().collect();
    let mut killed = Vec::new();
    wait::until(Instant::now() + LAST_WORDS, || {
        // This look comes before the kill: a child's parent is known only while the parent lives.
        let strays = strays(&variable, &mut family);
        let group_is_gone = group.is_none_or(|group| {
            let _ = kill_process_group(group, Signal::KILL);
            while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
            test_kill_process_group(group).is_err()
        });
        // A watchdog among the strays is not killed: it belongs to a grader that is ended here,
        // ends what that grader has left, and then ends itself.
        let watchdog = format!("{ROLE}={WATCHDOG}");
        for stray in &strays {
            if !process::was_started_with(*stray, &watchdog) {
                let _ = kill_process(*stray, Signal::KILL);
            }
        }
        killed.extend(&strays);
        killed.retain(|pid| matches!(waitpid(Some(*pid), WaitOptions::NOHANG), Ok(None)));
        (group_is_gone && strays.is_empty() && killed.is_empty()).then_some(())
    });
}

/// Finds the live processes of a program, and adds them to its `family`: those that were started
/// with `variable`, those whose parent is of the family, and those that this process has adopted.
///
/// Adopted are the children of this process that are in another session and have no [`TAG`] in
/// their environment. Nothing shows which program has started them, so they end with the first
/// program that ends.
fn strays(variable: &str, family: &mut Vec<Pid>) -> Vec<Pid> {
    let all = process::all();
    let number = |pid: Pid| pid.as_raw_nonzero().get();
    let me = number(getpid());
    // In a container, a session whose leader is outside has the number 0.
    let my_session = process::look(getpid()).map(|me| me.session);
    let is_adopted = |p: &Process| {
        p.parent == me
            && Some(p.session) != my_session
            && !process::was_started_with_any(p.pid, TAG)
    };
    let theirs = all
        .iter()
        .filter(|p| process::was_started_with(p.pid, variable) || is_adopted(p));
    family.extend(theirs.map(|p| p.pid));
    let mut known = 0;
    while known < family.len() {
        let parent = number(family[known]);
        let children = all.iter().filter(|p| p.parent == parent).map(|p| p.pid);
        let new: Vec<Pid> = children.filter(|pid| !family.contains(pid)).collect();
        family.extend(new);
        known += 1;
    }
    all.iter()
        .filter(|p| p.state != 'Z' && family.contains(&p.pid))
        .map(|p| p.pid)
        .collect()
}

/// On SIGINT and SIGTERM ends every program, then does what the signal does by default.
fn end_with_signals(cleanup: &'static Cleanup) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let waits = thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            let live = lock(&cleanup.live).clone();
            for (tag, group) in live {
                end_all(&tag, group);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    waits.map(drop)
}
