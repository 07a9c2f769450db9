//! The built pages: every link leads somewhere, every picture has its words, and mdBook itself,
//! calling the preprocessor through its pipe, builds the very same bytes.

mod demo;
mod folder;
mod site;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use demo::Demo;
use folder::files;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use mdbook_preprocessor::MDBOOK_VERSION;
use reader::builder::build;
use reader::lessons;
use reader::repository::Repository;
use site::{Site, select};

/// The real book's folder.
fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

fn built(book: &Path) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    build(book, Some(folder.path())).unwrap();
    let site = Site::read(folder.path());
    (folder, site)
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let (_folder, site) = built(&book());
    assert_eq!(site.faults(), Vec::<String>::new());
}

#[test]
fn every_link_of_the_demo_leads_somewhere() {
    let (_folder, site) = built(&Demo::new().book());
    assert_eq!(site.faults(), Vec::<String>::new());
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let demo = Demo::new();
    demo.edit(
        "book/src/index.md",
        "In a hurry:",
        "[a](07.md) [b](06-echo-server.md#nothing) [c](http:///) ![d](d.png)",
    );
    let (_folder, site) = built(&demo.book());
    let faults = site.faults().join("\n");
    for part in [
        "07.html does not exist",
        "#nothing names an anchor",
        "http:/// is no address",
        "d.png does not exist",
    ] {
        assert!(faults.contains(part), "{part} is not among\n{faults}");
    }
}

#[test]
fn every_directive_of_the_demo_becomes_what_it_should() {
    let (_folder, site) = built(&Demo::new().book());
    let page = site.page("06-echo-server.html");
    let text = |selector: &str| -> String {
        select(page, selector)
            .flat_map(|element| element.text())
            .collect::<Vec<_>>()
            .join("")
    };
    assert!(text(".lesson").contains("lessons/06-echo-server/src/main.rs"));
    assert!(text(".lesson pre").contains("just check lesson-06"));
    assert_eq!(
        text("p > .cite"),
        "tokio 1.54.1 · src/runtime/io/driver.rs · add_source"
    );
    assert!(text("svg.diagram title").contains("One thread, two sockets"));
    assert!(text(".transcript kbd").starts_with("strace -f"));
    assert!(!text("figure.source").contains("// todo:"));
    assert!(text("figure.source").contains("todo!(\"accept every client that is waiting\")"));
    assert_eq!(select(page, ".measured tbody tr").count(), 2);
    assert!(text(".measured figcaption").contains("on Linux 6.12.0, 2 cores"));
    assert!(text(".claim > p").contains("registers a socket once, and"));
    assert!(text(".claim pre").contains("just claim an_edge_is_reported_once"));
    assert!(text(".claim pre").starts_with("fn an_edge_is_reported_once() {"));
    assert!(text(".unheld summary").contains("not held by a test: the course runs on Linux"));
    assert_eq!(select(page, ".unheld .cite, .unheld a").count(), 2);
    assert_eq!(select(page, ".quiz fieldset").count(), 2);
    assert_eq!(select(page, ".quiz details .quiz-because").count(), 5);
    assert_eq!(select(page, ".checks li[data-check]").count(), 2);
    assert!(
        text("details.mistake pre")
            .contains("-            Ok((client, _)) => clients.insert(client),")
    );
    assert_eq!(
        select(
            site.page("index.html"),
            "ul.map a[href='06-echo-server.html']"
        )
        .count(),
        1
    );
}

/// What mdBook does with `book.toml`, but with the `reader` of this test run as the command.
fn built_by_mdbook(book: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::from_disk(book.join("book.toml")).unwrap();
    config
        .set("preprocessor.course.command", env!("CARGO_BIN_EXE_reader"))
        .unwrap();
    config.build.build_dir = folder.path().to_owned();
    MDBook::load_with_config(book, config)
        .unwrap()
        .build()
        .unwrap();
    folder
}

fn assert_same(one: &Path, other: &Path) {
    assert_eq!(files(one), files(other));
    for file in files(one) {
        let same = fs::read(one.join(&file)).unwrap() == fs::read(other.join(&file)).unwrap();
        assert!(same, "{} differs", file.display());
    }
}

#[test]
fn mdbook_through_the_pipe_builds_the_same_bytes() {
    for book in [Demo::new(), Demo::new()]
        .iter()
        .map(Demo::book)
        .chain([book()])
    {
        let (folder, _) = built(&book);
        assert_same(folder.path(), built_by_mdbook(&book).path());
    }
}

#[test]
fn the_mdbook_on_the_path_builds_the_same_bytes() {
    let output = Command::new("mdbook").arg("--version").output();
    let version = output
        .map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
        .unwrap_or_default();
    if version != format!("mdbook v{MDBOOK_VERSION}") {
        println!(
            "skipped: no mdbook {MDBOOK_VERSION} is on the path; `cargo install mdbook` brings it"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("mdbook")
        .args(["build", "--dest-dir"])
        .arg(folder.path())
        .arg(book())
        .status();
    assert!(status.unwrap().success());
    let (ours, _) = built(&book());
    assert_same(ours.path(), folder.path());
}

#[test]
fn only_html_is_supported() {
    let supports = |renderer| {
        Command::new(env!("CARGO_BIN_EXE_reader"))
            .args(["supports", renderer])
            .status()
            .unwrap()
    };
    assert_eq!(supports("html").code(), Some(0));
    assert_eq!(supports("markdown").code(), Some(1));
}

/// Markup, styles and scripts before compression; fonts come on top, once, and are then kept.
#[test]
fn a_page_without_its_fonts_stays_under_400_kb() {
    let (folder, site) = built(&Demo::new().book());
    let page = site.page("06-echo-server.html");
    let assets = select(page, "link[rel=stylesheet], script[src]").map(|element| {
        element
            .attr("href")
            .or(element.attr("src"))
            .unwrap()
            .to_owned()
    });
    let bytes: u64 = assets
        .chain(["06-echo-server.html".to_owned()])
        .map(|file| fs::metadata(folder.path().join(file)).unwrap().len())
        .sum();
    assert!(bytes < 400_000, "{bytes} bytes");
}

#[test]
fn every_lesson_has_a_chapter() {
    let (_folder, site) = built(&book());
    let repository = Repository::around(&book()).unwrap();
    for lesson in lessons::all(&repository).unwrap() {
        let link = format!("ul.map a[href='{}.html']", lesson.name);
        assert_eq!(
            select(site.page("index.html"), &link).count(),
            1,
            "{} is not on the map",
            lesson.name
        );
    }
}

#[test]
fn the_map_has_no_part_without_lessons() {
    let (_folder, site) = built(&book());
    let parts: Vec<String> = select(site.page("index.html"), ".map-part")
        .map(|part| part.text().collect())
        .collect();
    let empty = parts.iter().find(|part| part.starts_with("Appendi"));
    assert!(!parts.is_empty());
    assert_eq!(empty, None, "a part without lessons is no part of the map");
}

/// What a program printed can become markup only where a script makes elements of text.
#[test]
fn only_two_scripts_make_elements_of_text() {
    let theme = book().join("theme");
    let makes_elements = |path: &PathBuf| {
        let text = fs::read_to_string(theme.join(path)).unwrap();
        [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "createContextualFragment",
            "DOMParser",
            "HTMLUnsafe",
            "document.write",
            "eval(",
            "srcdoc",
        ]
        .iter()
        .any(|way| text.contains(way))
    };
    let is_script = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "js");
    let scripts = files(&theme).into_iter().filter(is_script);
    let found: Vec<_> = scripts.filter(makes_elements).collect();
    assert_eq!(
        found,
        [Path::new("edges.js"), Path::new("live/dom.js")],
        "one draws a fixed picture, the other shows what the course's own files say"
    );
}

#[test]
#[ignore = "not a test: builds the demo into target/demo, to look at"]
fn leave_the_demo_to_look_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .unwrap()
        .join("demo");
    demo::copy_to(&folder);
    let built = build(&folder.join("book"), None).unwrap();
    println!("look at {}", built.folder.display());
}
