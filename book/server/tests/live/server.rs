//! A server of the live book, and a client that says exactly what a test wants said.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::checkout::Scratch;

/// A time-out: longer than any step takes on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// A running `reader serve`.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    /// The token in the address that it has printed.
    pub(crate) token: String,
    /// The line by which the reader's browser is known.
    pub(crate) cookie: String,
    /// What it says on standard error.
    complaints: Receiver<String>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Serves the book of the scratch copy, and waits until it says where.
    pub(crate) fn start(scratch: &Scratch, arguments: &[&str]) -> Self {
        Self::start_with(scratch, arguments, &[])
    }

    /// As [`Server::start`], with something more in its environment.
    pub(crate) fn start_with(
        scratch: &Scratch,
        arguments: &[&str],
        more: &[(&str, &OsStr)],
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reader"))
            .arg("serve")
            .arg(scratch.root.join("book"))
            .arg("--no-open")
            .args(arguments)
            .envs(scratch.surroundings())
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, complaints) = mpsc::channel();
        thread::spawn(move || {
            heard
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let address = said.next().expect("it says where the book is").unwrap();
        let (address, token) = address.split_once("/?token=").expect("it has a token");
        let port = address.rsplit_once(':').unwrap().1;
        let mut server = Self {
            child,
            port: port.parse().unwrap(),
            token: token.to_owned(),
            cookie: String::new(),
            complaints,
        };
        server.cookie = server.open(&format!("/?token={token}")).unwrap();
        server
    }

    /// Opens an address as a browser does that is not known yet; the cookie that it
    /// gets for that, as a line.
    pub(crate) fn open(&self, path: &str) -> Option<String> {
        let answer = self.say(&format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        ));
        let mut lines = answer.head.lines();
        let cookie = lines.find_map(|line| line.strip_prefix("set-cookie: "))?;
        Some(format!("Cookie: {}\r\n", cookie.split(';').next()?))
    }

    /// Asks as the reader's own browser does.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let host = format!("127.0.0.1:{}", self.port);
        self.say(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{}Origin: http://{host}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.cookie,
            body.len()
        ))
    }

    /// How the answer to a page's question begins, where it never ends.
    pub(crate) fn head(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let Self { port, cookie, .. } = self;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookie}\r\n"
        )
        .unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        head.join("\n").to_lowercase()
    }

    /// Sends `request` as it stands.
    pub(crate) fn say(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("an answer has a head");
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: answer[end + 4..].to_vec(),
        }
    }

    /// Listens to what the pages are told.
    pub(crate) fn listen(&self) -> Events {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "GET /live/events HTTP/1.1\r\nHost: localhost:{}\r\n{}\r\n",
            self.port, self.cookie
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (sender, news) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(stream).lines().map_while(Result::ok);
            let told =
                lines.filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
            for news in told {
                if sender.send(news).is_err() {
                    return;
                }
            }
        });
        Events { news }
    }

    /// Waits until it complains of something with these words in it.
    pub(crate) fn complains(&self, words: &str) {
        loop {
            let line = self.complaints.recv_timeout(LONG);
            if line
                .unwrap_or_else(|_| panic!("never said: {words}"))
                .contains(words)
            {
                return;
            }
        }
    }

    /// Ends it, and waits until it has ended.
    pub(crate) fn end(mut self, signal: Signal) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < LONG, "{signal:?} does not end it");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Closes what it complains to, as a terminal does that is closed.
    pub(crate) fn stop_listening(&mut self) {
        self.complaints = mpsc::channel().1;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let begun = Instant::now();
            while begun.elapsed() < LONG && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(10));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What one page hears.
pub(crate) struct Events {
    news: Receiver<Value>,
}

impl Events {
    /// Waits until lesson 01 is told to be so.
    pub(crate) fn lesson(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        self.hear(what, |news| news["number"] == "01" && is_so(news))
    }

    /// Waits until lesson 02 is told to be so.
    pub(crate) fn next_lesson(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        self.hear(what, |news| news["number"] == "02" && is_so(news))
    }

    /// Waits until the course is told to be so.
    pub(crate) fn course(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        self.hear(what, |news| news["edition"].is_u64() && is_so(news))
    }

    fn hear(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let left = LONG.saturating_sub(begun.elapsed());
            let news = self
                .news
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("never told: {what}"));
            if is_so(&news) {
                return news;
            }
        }
    }
}

/// The verdicts of a lesson's checks.
pub(crate) fn verdicts(lesson: &Value) -> Vec<&str> {
    let checks = lesson["checks"].as_array().unwrap().iter();
    checks
        .map(|check| check["judged"]["verdict"].as_str().unwrap_or("none"))
        .collect()
}

/// Whether a grading has ended, with these verdicts.
pub(crate) fn came_to(lesson: &Value, wanted: &[&str]) -> bool {
    lesson["doing"].is_null() && verdicts(lesson) == wanted
}
