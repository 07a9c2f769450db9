//! The server answers only this machine's reader, and only with files of the book.

use std::net::TcpStream;

use crate::chapter::lay_out_a_book;
use crate::checkout::Scratch;
use crate::server::Server;

fn served() -> (Scratch, Server) {
    let scratch = Scratch::new();
    lay_out_a_book(&scratch);
    let server = Server::start(&scratch, &[]);
    (scratch, server)
}

#[test]
fn only_the_loopback_answers() {
    let (_scratch, server) = served();
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = format!(":{:04X} ", server.port);
    let listening: Vec<_> = sockets
        .lines()
        .filter_map(|line| {
            line.split_whitespace()
                .nth(1)
                .map(|local| format!("{local} "))
        })
        .filter(|local| local.ends_with(&port))
        .collect();
    assert!(!listening.is_empty());
    assert!(
        listening.iter().all(|local| local.starts_with("0100007F:")),
        "{listening:?}"
    );
    assert!(TcpStream::connect(("::1", server.port)).is_err());
}

#[test]
fn a_request_under_another_name_is_refused_on_every_path() {
    let (_scratch, server) = served();
    let (port, cookie) = (server.port, &server.cookie);
    for path in [
        "/",
        "/01-tiny.html",
        "/live/events",
        "/live/lessons/01",
        "/live/live.js",
    ] {
        for host in [
            "evil.example",
            &format!("evil.example:{port}"),
            "127.0.0.1:1",
        ] {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}Connection: close\r\n\r\n");
            assert_eq!(server.say(&request).status, 403, "{path} as {host}");
        }
    }
    let right =
        format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n{cookie}Connection: close\r\n\r\n");
    assert_eq!(server.say(&right).status, 200);
}

#[test]
fn a_page_of_another_site_can_neither_ask_nor_read() {
    let (_scratch, server) = served();
    let (port, cookie) = (server.port, &server.cookie);
    let ours = format!("http://127.0.0.1:{port}");
    for origin in [
        "http://evil.example",
        "null",
        &format!("https://127.0.0.1:{port}"),
        "http://localhost:1",
        // Sent twice, one of them right.
        &format!("{ours}\r\nOrigin: http://evil.example"),
        &format!("http://evil.example\r\nOrigin: {ours}"),
    ] {
        for request in ["POST /live/lessons/01/check", "GET /live/events", "GET /"] {
            let request = format!(
                "{request} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookie}Origin: {origin}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            assert_eq!(server.say(&request).status, 403, "{request}");
        }
    }
    let lesson = server.listen().lesson("how the lesson stands", |_| true);
    assert!(lesson["doing"].is_null(), "{lesson}");
}

#[test]
fn nothing_that_acts_is_a_get() {
    let (_scratch, server) = served();
    for path in ["check", "hint", "compare", "mistake"] {
        let path = format!("/live/lessons/01/{path}");
        assert_eq!(server.ask("GET", &path, "").status, 405, "{path}");
    }
    assert_eq!(server.ask("GET", "/live/on-save", "").status, 405);
    assert_eq!(server.ask("POST", "/01-tiny.html", "{}").status, 405);
    assert_eq!(server.ask("DELETE", "/01-tiny.html", "").status, 405);
}

#[test]
fn no_path_leaves_the_book() {
    let (_scratch, server) = served();
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "/css/../../../Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/.%2e/.course/book.json",
        "/..\\Cargo.toml",
        "/\0",
    ] {
        let answer = server.ask("GET", path, "");
        assert!(
            [400, 404].contains(&answer.status),
            "{path}: {}",
            answer.head
        );
        assert!(!answer.text().contains("[workspace]"), "{path}");
    }
}

#[test]
fn a_lesson_is_named_only_from_the_list() {
    let (_scratch, server) = served();
    for name in [
        "99",
        "1",
        "01-tiny",
        "lesson-01",
        "..",
        "%2e%2e%2f01",
        "grader",
    ] {
        for (method, path) in [("GET", ""), ("POST", "/check"), ("POST", "/hint")] {
            let path = format!("/live/lessons/{name}{path}");
            let answer = server.ask(method, &path, r#"{"check":"echoes_once_more"}"#);
            assert!(
                [404, 405].contains(&answer.status),
                "{path}: {}",
                answer.status
            );
        }
    }
    let check = r#"{"check":"../echoes_once_more"}"#;
    assert_eq!(
        server.ask("POST", "/live/lessons/01/hint", check).status,
        404
    );
    let mistake = r#"{"name":"../speechless","guess":""}"#;
    assert_eq!(
        server
            .ask("POST", "/live/lessons/01/mistake", mistake)
            .status,
        404
    );
}

#[test]
fn a_browser_is_told_to_fetch_nothing_from_elsewhere() {
    let (_scratch, server) = served();
    let head = server.ask("GET", "/01-tiny.html", "").head;
    for part in ["default-src 'self'", "frame-ancestors 'self'", "nosniff"] {
        assert!(head.contains(part), "{head}");
    }
}
