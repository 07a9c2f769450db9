//! A program's threads: asleep or running, in which system call, and how much processor time they
//! wanted.

use std::fs;
use std::io;
use std::time::Duration;

use rustix::net::sockopt::Timeout;
use rustix::process::Pid;

mod call;

pub use self::call::Call;
use super::socket;

/// One thread of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its id; the first thread's is the program's.
    pub id: i32,
    /// Its name, of which the kernel keeps 15 bytes. A thread without a name of its own has that of
    /// the thread that started it.
    pub name: String,
    /// `R` running or waiting for a core, `S` asleep, `T` stopped, and so on.
    pub state: char,
    /// The system call it is in.
    pub call: Call,
    /// Whether that call sleeps without a time-out: only an event ends it.
    pub for_good: bool,
    /// After how long that call returns without an event; `None` when it does not, and where the
    /// kernel does not tell.
    pub time_out: Option<Duration>,
    /// Time on a core, since the thread began.
    pub ran: Duration,
    /// Time on a core plus time waiting for one, since the thread began.
    pub wanted: Duration,
    /// How often it went to sleep of its own accord, since it began.
    pub sleeps: u64,
}

/// Every thread of the process; empty when it has ended.
#[must_use]
pub fn of(pid: Pid) -> Vec<Thread> {
    let Ok(entries) = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|id| look(pid, id))
        .collect()
}

/// Whether this machine lets a grader see the system calls of a program it started.
///
/// # Errors
/// The reason, when it does not. `/proc/PID/syscall` is missing from some kernels and closed in
/// some sandboxes, and the kit knows the numbers of two processors only.
pub fn calls_are_visible() -> io::Result<()> {
    if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        return Err(io::Error::other("this processor's numbers are not known"));
    }
    fs::read_to_string("/proc/self/syscall").map(drop)
}

fn look(pid: Pid, id: i32) -> Option<Thread> {
    let task = format!("/proc/{}/task/{id}", pid.as_raw_nonzero());
    let schedstat = fs::read_to_string(format!("{task}/schedstat")).ok()?;
    let mut nanoseconds = schedstat
        .split_ascii_whitespace()
        .map_while(|n| n.parse::<u64>().ok());
    let ran = Duration::from_nanos(nanoseconds.next()?);
    let wanted = ran + Duration::from_nanos(nanoseconds.next()?);
    let status = fs::read_to_string(format!("{task}/status")).ok()?;
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let line = fs::read_to_string(format!("{task}/syscall")).unwrap_or_default();
    let state = field("State:")?.chars().next()?;
    let (call, mut time_out) = parse_call(&line);
    if state == 'S' && time_out == TimeOut::Never {
        time_out = of_socket(pid, call, &line);
    }
    Some(Thread {
        id,
        name: field("Name:")?.to_owned(),
        state,
        call,
        for_good: time_out == TimeOut::Never,
        time_out: match time_out {
            TimeOut::After(time_out) => time_out,
            TimeOut::Never => None,
        },
        ran,
        wanted,
        sleeps: field("voluntary_ctxt_switches:")?.parse().ok()?,
    })
}

/// Whether a call returns without an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeOut {
    /// It does not: it sleeps for good.
    Never,
    /// It does after so long; `None` where the kernel does not tell.
    After(Option<Duration>),
}

fn parse_call(line: &str) -> (Call, TimeOut) {
    let Some((number, arguments)) = numbers(line) else {
        return (Call::Running, TimeOut::After(None));
    };
    let call = Call::from_number(number);
    if call.sleeps_for_good(number, &arguments) {
        (call, TimeOut::Never)
    } else {
        (call, TimeOut::After(call.milliseconds(number, &arguments)))
    }
}

/// The time-out that the socket has at which a thread waits in a read, a write or an accept.
fn of_socket(pid: Pid, call: Call, line: &str) -> TimeOut {
    let socket = numbers(line).and_then(|(_, arguments)| arguments.first().copied());
    let asked = match call {
        Call::Read | Call::Accept => Timeout::Recv,
        Call::Write => Timeout::Send,
        _ => return TimeOut::Never,
    };
    let of = |fd: u64| socket::time_out(pid, i32::try_from(fd).ok()?, asked);
    match socket.and_then(of) {
        Some(time_out) => TimeOut::After(Some(time_out)),
        None => TimeOut::Never,
    }
}

/// A system call's number and arguments: `NUMBER ARG0 … ARG5 SP PC` with the arguments in
/// hexadecimal. `None` for `running`.
pub(super) fn numbers(line: &str) -> Option<(i64, Vec<u64>)> {
    let mut words = line.split_ascii_whitespace();
    let number = words.next()?.parse().ok()?;
    let arguments = words
        .filter_map(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok())
        .take(6)
        .collect();
    Some((number, arguments))
}

/// Whether every thread of the process is stopped.
#[must_use]
pub fn all_stopped(pid: Pid) -> bool {
    let threads = of(pid);
    !threads.is_empty() && threads.iter().all(|t| t.state == 'T')
}

impl Thread {
    /// Whether the thread sleeps in a call that ends by itself after a while: a time-out that the
    /// kernel shows. A call that was taken up again after a stop shows none.
    #[must_use]
    pub fn has_a_time_out(&self) -> bool {
        self.state == 'S' && !self.for_good && !matches!(self.call, Call::Restart | Call::Other(_))
    }

    /// `, with a time-out of 400 ms`, or whatever the kernel tells of the call's time-out.
    #[must_use]
    pub(crate) fn tell_time_out(&self) -> String {
        match (self.call, self.time_out) {
            (_, Some(time_out)) => format!(", with a time-out of {} ms", time_out.as_millis()),
            // Where a socket cannot be looked at, nothing is known of its time-out.
            (Call::Poll | Call::Epoll | Call::Futex, None) if self.for_good => {
                ", without a time-out".into()
            }
            (Call::Poll | Call::Epoll | Call::Futex, None) => ", with a time-out".into(),
            _ => String::new(),
        }
    }

    /// Whether the thread sleeps in one of `calls`, or has taken one of them up again after a stop.
    #[must_use]
    pub fn sleeps_in(&self, calls: &[Call]) -> bool {
        self.state == 'S' && (calls.contains(&self.call) || self.call == Call::Restart)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::Instant;

    use rustix::process::getpid;

    use super::*;
    use crate::wait;

    #[test]
    fn a_sleeping_thread_tells_its_call() {
        let (mut silent, other_end) = UnixStream::pair().expect("a pair of sockets");
        let reader = thread::spawn(move || silent.read(&mut [0]));
        let asleep_in_read = |t: Thread| t.state == 'S' && t.call == Call::Read && t.for_good;
        let seen = wait::until(Instant::now() + wait::PATIENCE, || {
            of(getpid()).into_iter().any(asleep_in_read).then_some(())
        });
        drop(other_end);
        assert_eq!(
            reader.join().expect("the reader ends").expect("a goodbye"),
            0
        );
        assert!(seen.is_some());
    }

    #[test]
    fn a_thread_without_a_name_has_that_of_the_thread_that_started_it() {
        let (mut silent, other_end) = UnixStream::pair().expect("a pair of sockets");
        let named = thread::Builder::new().name("starter".into());
        let started = named.spawn(move || {
            let unnamed = thread::spawn(move || silent.read(&mut [0]));
            unnamed.join().expect("the reader ends").expect("a goodbye")
        });
        let started = started.expect("a thread");
        let seen = wait::until(Instant::now() + wait::PATIENCE, || {
            let namesakes = of(getpid()).into_iter().filter(|t| t.name == "starter");
            (namesakes.count() == 2).then_some(())
        });
        drop(other_end);
        started.join().expect("the starter ends");
        assert!(seen.is_some());
    }

    #[test]
    fn a_read_with_a_time_out_does_not_sleep_for_good() {
        let (mut silent, other_end) = UnixStream::pair().expect("a pair of sockets");
        let minute = Duration::from_secs(60);
        silent.set_read_timeout(Some(minute)).expect("a time-out");
        let named = thread::Builder::new().name("a minute".into());
        let reader = named
            .spawn(move || silent.read(&mut [0]))
            .expect("a thread");
        let asleep = |t: &Thread| t.name == "a minute" && t.state == 'S' && t.call == Call::Read;
        let seen = wait::until(Instant::now() + wait::PATIENCE, || {
            of(getpid()).into_iter().find(asleep)
        });
        drop(other_end);
        reader.join().expect("the reader ends").expect("a goodbye");
        let seen = seen.expect("it sleeps");
        assert_eq!((seen.for_good, seen.time_out), (false, Some(minute)));
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_time_out_is_told_from_none() {
        assert_eq!(
            parse_call("232 0x3 0x7f 0x400 0xffffffff 0x0 0x0 0x7f 0x7f"),
            (Call::Epoll, TimeOut::Never)
        );
        let after_a_millisecond = TimeOut::After(Some(Duration::from_millis(1)));
        assert_eq!(
            parse_call("232 0x3 0x7f 0x400 0x1 0x0 0x0 0x7f 0x7f"),
            (Call::Epoll, after_a_millisecond)
        );
        assert_eq!(
            parse_call("271 0x7f 0x2 0x0 0x0 0x8 0x0 0x7f 0x7f"),
            (Call::Poll, TimeOut::Never)
        );
        assert_eq!(
            parse_call("running\n"),
            (Call::Running, TimeOut::After(None))
        );
    }
}
