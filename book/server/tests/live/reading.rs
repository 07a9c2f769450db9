//! The pages: served as they were built, small on the way, and new when a chapter was saved.

use std::fs;
use std::net::TcpListener;

use rustix::process::Signal;

use crate::chapter::lay_out_a_book;
use crate::checkout::Scratch;
use crate::server::Server;

fn laid_out() -> Scratch {
    let scratch = Scratch::new();
    lay_out_a_book(&scratch);
    scratch
}

#[test]
fn a_page_is_packed_for_who_takes_it_so_and_sent_once() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let ask = |more: &str| {
        let host = format!("Host: 127.0.0.1:{}\r\n{}", server.port, server.cookie);
        server.say(&format!(
            "GET /01-tiny.html HTTP/1.1\r\n{host}{more}Connection: close\r\n\r\n"
        ))
    };
    let plain = ask("");
    assert!(plain.text().contains("As <em>small</em> as can be."));
    let packed = ask("Accept-Encoding: gzip\r\n");
    assert!(packed.head.contains("content-encoding: gzip"));
    assert!(packed.body.len() * 2 < plain.body.len());
    let tag = plain
        .head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    assert_eq!(ask(&format!("If-None-Match: {tag}\r\n")).status, 304);
}

#[test]
fn a_page_that_is_not_there_says_so() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let answer = server.ask("GET", "/99-nothing.html", "");
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("<html"));
}

#[test]
fn a_saved_chapter_is_a_new_edition_and_a_fault_leaves_the_last() {
    let scratch = laid_out();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    events.course("the first edition", |course| course["edition"] == 1);
    scratch.replace("book/src/01-tiny.md", "As *small*", "As *little*");
    events.course("the second edition", |course| course["edition"] == 2);
    assert!(
        server
            .ask("GET", "/01-tiny.html", "")
            .text()
            .contains("As <em>little</em>")
    );
    scratch.replace("book/src/01-tiny.md", "{{#lesson 01}}", "{{#lesson 77}}");
    let course = events.course("the fault", |course| course["fault"] != "");
    let fault = course["fault"].as_str().unwrap();
    assert!(
        fault.contains("01-tiny.md:3") && fault.contains("77"),
        "{fault}"
    );
    assert!(
        server
            .ask("GET", "/01-tiny.html", "")
            .text()
            .contains("As <em>little</em>")
    );
    scratch.replace("book/src/01-tiny.md", "{{#lesson 77}}", "{{#lesson 01}}");
    events.course("that it is mended", |course| course["fault"] == "");
}

#[test]
fn a_book_that_does_not_build_is_served_as_its_fault_until_it_does() {
    let scratch = laid_out();
    scratch.replace(
        "book/src/01-tiny.md",
        "{{#lesson 01}}",
        "{{#lesson <script>}}",
    );
    let server = Server::start(&scratch, &[]);
    server.complains("does not build");
    let page = server.ask("GET", "/", "").text();
    assert!(
        page.contains("&lt;script&gt;") && !page.contains("{{#lesson <script>"),
        "{page}"
    );
    let events = server.listen();
    scratch.replace(
        "book/src/01-tiny.md",
        "{{#lesson <script>}}",
        "{{#lesson 01}}",
    );
    events.course("that it is mended", |course| course["fault"] == "");
    assert!(server.ask("GET", "/", "").text().contains("Begin here"));
}

#[test]
fn a_port_that_is_taken_is_said_and_without_one_the_next_is_found() {
    let scratch = laid_out();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_reader"))
        .args(["serve", "--no-open", "--port", &port])
        .arg(scratch.root.join("book"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && said.contains(&format!("port {port} is not available")),
        "{said}"
    );
    assert!(Server::start(&scratch, &[]).port >= 3000);
}

#[test]
fn a_second_server_of_a_checkout_says_where_the_first_is() {
    let scratch = laid_out();
    let first = Server::start(&scratch, &[]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_reader"))
        .args(["serve", "--no-open"])
        .arg(scratch.root.join("book"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let (port, token) = (first.port, &first.token);
    let where_it_is = format!("open already: http://127.0.0.1:{port}/?token={token}\n");
    assert!(said.contains(&where_it_is), "{said}");
}

#[test]
fn ctrl_c_closes_the_book_and_leaves_nothing_behind() {
    let scratch = laid_out();
    let shelf = scratch.surroundings()[0].1.join("course");
    let files = || fs::read_dir(&shelf).map_or(0, Iterator::count);
    let before = files();
    let server = Server::start(&scratch, &[]);
    let events = server.listen();
    scratch.replace("book/src/01-tiny.md", "As *small*", "As *little*");
    events.course("the second edition", |course| course["edition"] == 2);
    assert_eq!(server.end(Signal::INT).code(), Some(0));
    assert_eq!(files(), before);
}
