//! A server in a process of its own, and what the kernel says of it.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that was started, and is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts this program again, as a server.
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        Self::run(command.args(["serve", name]))
    }

    /// Starts a server under strace, which counts its system calls into a file.
    pub(crate) fn start_counted(name: &str, log: &Path) -> io::Result<Self> {
        let mut command = Command::new("strace");
        command.args(["-f", "-c", "-qq", "-o"]).arg(log);
        // It tells its own number, since the child is strace.
        Self::run(command.arg(env::current_exe()?).args(["serve", name]))
    }

    fn run(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut said)?;
        }
        let address = said.trim().strip_prefix("listening on ");
        let address = address.and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            return Err(io::Error::other(format!("a server said `{said}`")));
        };
        Ok(Self { child, address })
    }

    /// The processor time that all its threads have used, once it has nothing to do any more: while
    /// a thread runs, the kernel's count lags behind.
    pub(crate) fn used(&self) -> io::Result<Duration> {
        let begun = Instant::now();
        let mut before = self.used_so_far()?;
        loop {
            std::thread::sleep(Duration::from_millis(2));
            let now = self.used_so_far()?;
            if now == before || begun.elapsed() > Duration::from_secs(1) {
                return Ok(now);
            }
            before = now;
        }
    }

    fn used_so_far(&self) -> io::Result<Duration> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let counts = fs::read_to_string(task?.path().join("schedstat"))?;
            let ran = counts
                .split(' ')
                .next()
                .and_then(|ran| ran.parse::<u64>().ok());
            nanos += ran.unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// The memory that it occupies, in bytes.
    pub(crate) fn resident_bytes(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        Ok(kib.unwrap_or_default() * 1024)
    }

    /// Ends a server that runs under strace, so that strace writes its counts.
    pub(crate) fn end_counted(mut self) -> io::Result<()> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        for child in children.split_whitespace() {
            let child = child.parse().ok().and_then(rustix::process::Pid::from_raw);
            if let Some(child) = child {
                rustix::process::kill_process(child, rustix::process::Signal::KILL)?;
            }
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
