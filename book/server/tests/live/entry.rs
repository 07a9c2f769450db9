//! The book by the eyes of another user of the machine: everything that a request says is right,
//! and the token is missing.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::chapter::lay_out_a_book;
use crate::checkout::Scratch;
use crate::server::{Answer, LONG, Server};

/// Every kind of thing that can be asked for, and the status of its answer to the reader.
const ASKED: [(&str, &str, &str, u16); 11] = [
    ("GET", "/", "", 200),
    ("HEAD", "/", "", 200),
    ("GET", "/01-tiny.html", "", 200),
    ("GET", "/live/live.css", "", 200),
    ("GET", "/live/lessons/01", "", 200),
    ("GET", "/not-there.html", "", 404),
    ("POST", "/live/lessons/01/compare", "{\"sure\":true}", 200),
    (
        "POST",
        "/live/lessons/01/hint",
        "{\"check\":\"echoes_again\"}",
        200,
    ),
    ("POST", "/live/on-save", "{\"on\":false}", 200),
    ("POST", "/live/stop", "", 200),
    ("POST", "/live/lessons/02/check", "", 200),
];

fn served() -> (Scratch, Server) {
    let scratch = Scratch::new();
    lay_out_a_book(&scratch);
    let server = Server::start(&scratch, &[]);
    (scratch, server)
}

/// Asks with the right names, and with `more` headers.
fn ask(server: &Server, method: &str, path: &str, body: &str, more: &str) -> Answer {
    let host = format!("127.0.0.1:{}", server.port);
    server.say(&format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{more}Content-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}

#[test]
fn nothing_is_answered_without_the_token_and_all_of_it_with_it() {
    let (scratch, server) = served();
    let wrong = "0".repeat(server.token.len());
    let cookie = format!("Cookie: course-book-{}={wrong}\r\n", server.port);
    for (method, path, body, _) in ASKED {
        for (path, more) in [
            (path.to_owned(), ""),
            (path.to_owned(), &*cookie),
            (format!("{path}?token={wrong}"), ""),
            (format!("{path}?token="), ""),
        ] {
            let answer = ask(&server, method, &path, body, more);
            assert_eq!(answer.status, 403, "{method} {path} {more}");
            let is_told = answer.text().contains("open the address that `cargo book`");
            assert!(is_told || method == "HEAD", "{}", answer.text());
            assert!(!answer.head.contains("set-cookie"), "{}", answer.head);
        }
    }
    let events = ask(&server, "GET", "/live/events", "", "");
    assert_eq!(events.status, 403);
    assert!(!scratch.root.join(".course/progress.json").exists());
    for (method, path, body, status) in ASKED {
        let answer = ask(&server, method, path, body, &server.cookie);
        assert_eq!(answer.status, status, "{method} {path}");
    }
    let events = server.head("/live/events");
    assert!(events.contains("text/event-stream"), "{events}");
}

#[test]
fn the_token_is_exchanged_for_a_cookie_and_leaves_the_address() {
    let (_scratch, server) = served();
    let (port, token) = (server.port, &server.token);
    let path = format!("//evil.example/01-tiny.html?token={token}&highlight=small");
    let answer = ask(&server, "GET", &path, "", "");
    assert_eq!(answer.status, 303);
    for part in [
        &format!("location: http://127.0.0.1:{port}//evil.example/01-tiny.html?highlight=small\n"),
        &format!("set-cookie: course-book-{port}="),
        "; path=/; httponly; samesite=lax",
        "cache-control: no-store",
    ] {
        assert!(
            format!("{}\n", answer.head.replace('\r', "")).contains(part),
            "{part}: {}",
            answer.head
        );
    }
}

#[test]
fn only_the_owner_can_read_where_the_book_is_open_and_a_new_start_has_a_new_token() {
    let (scratch, server) = served();
    let file = scratch.root.join(".course/book.lock");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let told = |line: usize| {
        let text = fs::read_to_string(&file).unwrap();
        let line = text.lines().nth(line).unwrap();
        line.split_once("/?token=").unwrap().1.to_owned()
    };
    assert_eq!(told(0), server.token);
    // What a browser is started with stands in its command line for all to read, so it is good
    // once.
    let once = format!("/?token={}", told(1));
    assert!(server.open(&once).is_some());
    assert!(server.open(&once).is_none());
    assert!(server.open(&format!("/?token={}", told(1))).is_some());
    let (port, cookie, token) = (server.port, server.cookie.clone(), server.token.clone());
    server.end(Signal::INT);
    let next = Server::start(&scratch, &["--port", &port.to_string()]);
    assert_eq!(ask(&next, "GET", "/", "", &cookie).status, 403);
    assert!(next.open(&format!("/?token={token}")).is_none());
}

#[test]
fn half_a_request_is_not_waited_for_and_the_line_to_a_page_is_not_cut() {
    let (scratch, server) = served();
    let events = server.listen();
    events.course("the first edition", |course| course["edition"] == 1);
    let (host, cookie) = (format!("127.0.0.1:{}", server.port), &server.cookie);
    let act = format!("POST /live/on-save HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n");
    let whole = format!("GET /live/live.css HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n");
    let halves = [
        String::new(),
        "GET / HTTP/1.1\r\nHost: 127".to_owned(),
        format!("{act}Content-Length: 20\r\n\r\n{{"),
        format!("{act}{cookie}Content-Length: 20\r\n\r\n{{"),
        format!("{act}{cookie}Transfer-Encoding: chunked\r\n\r\n5\r\n{{"),
        format!("{whole}GET / HT"),
    ];
    let begun = Instant::now();
    let streams = halves.map(|half| {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.write_all(half.as_bytes()).unwrap();
        (half, stream)
    });
    for (half, mut stream) in streams {
        stream.set_read_timeout(Some(LONG)).unwrap();
        let closed = stream.read_to_end(&mut Vec::new());
        assert!(closed.is_ok(), "it stays open: {half}");
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
    // By now that line is older than any request may take to arrive.
    scratch.replace("book/src/01-tiny.md", "As *small*", "As *little*");
    events.course("the second edition", |course| course["edition"] == 2);
}

#[test]
fn what_is_longer_than_anything_a_page_asks_is_refused() {
    let (_scratch, server) = served();
    let body = format!("{{\"on\":false{}}}", " ".repeat(100_000));
    assert_eq!(server.ask("POST", "/live/on-save", &body).status, 413);
}
