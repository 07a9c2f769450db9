//! Every citation of a crate's source, in chapters and in doc comments, names a file and a symbol
//! that exist in the version that `Cargo.lock` pins.
//!
//! In chapters: `{{#cite CRATE:FILE:SYMBOL}}`. In Rust sources, in a doc comment: `CRATE VERSION:
//! FILE, SYMBOL`. Symbols are searched as text; that is enough to notice when one is renamed or
//! moved.

mod folder;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use course::claims::crate_sources::{Source, sources};
use reader::directive;
use reader::directives::cite::Citation;
use reader::directives::unheld;
use regex::Regex;

/// A citation and where it stands.
struct Cited {
    /// File and line, for the message.
    place: String,
    /// The version that the text names; chapters name none.
    version: Option<String>,
    citation: Citation,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// What is wrong with a citation.
fn fault(cited: &Cited, sources: &BTreeMap<String, Source>) -> Option<String> {
    let Citation {
        krate,
        path,
        symbol,
    } = &cited.citation;
    let Some(source) = sources.get(krate) else {
        return Some(format!("{krate} is not in Cargo.lock"));
    };
    if cited
        .version
        .as_ref()
        .is_some_and(|version| *version != source.version)
    {
        return Some(format!(
            "names another version of {krate} than {}",
            source.version
        ));
    }
    let Ok(text) = fs::read_to_string(source.folder.join(path)) else {
        return Some(format!("{krate} {} has no file {path}", source.version));
    };
    let missing = |part: &&str| {
        !Regex::new(&format!(r"\b{}\b", regex::escape(part)))
            .unwrap()
            .is_match(&text)
    };
    let missing = symbol.split("::").find(missing)?;
    Some(format!(
        "{krate} {}: {path} does not mention {missing}",
        source.version
    ))
}

fn in_chapters() -> Vec<Cited> {
    let folder = root().join("book/src");
    let mut found = Vec::new();
    for file in folder::files(&folder)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|e| e == "md"))
    {
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        for directive in directive::find(&text)
            .into_iter()
            .flatten()
            .filter(|d| d.name == "cite")
        {
            let place = format!("book/src/{}:{}", file.display(), directive.line);
            let citation = Citation::parse(directive.argument)
                .unwrap_or_else(|p| panic!("{place}: {}", p.what));
            found.push(Cited {
                place,
                version: None,
                citation,
            });
        }
    }
    found
}

fn in_rust(place: &str, text: &str) -> Vec<Cited> {
    let form = Regex::new(
        r"//[/!].*?\b([a-z][a-z0-9_-]*) (\d+\.\d+\.\d+): `?(src/[\w/]+\.rs)`?, `?([\w:]+)`?",
    )
    .unwrap();
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            form.captures_iter(line)
                .map(move |captures| (index, captures))
        })
        .map(|(index, captures)| {
            let part = |i: usize| captures[i].to_owned();
            let citation = Citation {
                krate: part(1),
                path: part(3),
                symbol: part(4),
            };
            Cited {
                place: format!("{place}:{}", index + 1),
                version: Some(part(2)),
                citation,
            }
        })
        .collect()
}

/// What statements without a test rest on.
fn in_statements() -> Vec<Cited> {
    let folder = root().join(unheld::FOLDER);
    let files = if folder.is_dir() {
        folder::files(&folder)
    } else {
        Vec::new()
    };
    let form = Regex::new(r#""([a-z]+:src/[^"]+)""#).unwrap();
    let mut found = Vec::new();
    for file in files {
        let place = format!("{}/{}", unheld::FOLDER, file.display());
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        found.extend(form.captures_iter(&text).map(|captures| Cited {
            place: place.clone(),
            version: None,
            citation: Citation::parse(&captures[1]).unwrap(),
        }));
    }
    found
}

/// Stubs are left out: they are derived from the solutions, and by now they are the learner's own.
fn in_sources() -> Vec<Cited> {
    let root = root();
    let is_stub = |path: &str| {
        path.starts_with("lessons/")
            && path.split('/').nth(2) == Some("src")
            && path["lessons/".len()..].starts_with(|c: char| c.is_ascii_digit())
    };
    let mut found = Vec::new();
    for area in [
        "lessons",
        "solutions",
        "book/samples",
        "book/server",
        "book/claims",
    ] {
        let folder = root.join(area);
        let files = if folder.is_dir() {
            folder::files(&folder)
        } else {
            Vec::new()
        };
        for path in files
            .iter()
            .map(|file| format!("{area}/{}", file.display()))
        {
            if path.ends_with(".rs") && !is_stub(&path) {
                found.extend(in_rust(
                    &path,
                    &fs::read_to_string(root.join(&path)).unwrap(),
                ));
            }
        }
    }
    found
}

/// Runs `check` on the pinned sources; without them says so, except in CI.
fn with_sources(check: impl FnOnce(&BTreeMap<String, Source>)) {
    match sources(&root()) {
        Some(sources) => check(&sources),
        None if env::var_os("CI").is_some() => {
            panic!("cargo metadata --offline finds no sources; run `cargo fetch`")
        }
        None => println!(
            "skipped: the pinned sources are not on this machine; `cargo fetch` brings them"
        ),
    }
}

#[test]
fn every_cited_symbol_exists_in_the_pinned_version() {
    with_sources(|sources| {
        let mut wrong = Vec::new();
        let cited = in_chapters().into_iter().chain(in_sources());
        for cited in cited.chain(in_statements()) {
            wrong.extend(fault(&cited, sources).map(|fault| format!("{}: {fault}", cited.place)));
        }
        assert!(
            wrong.is_empty(),
            "these citations are stale:\n{}",
            wrong.join("\n")
        );
    });
}

#[test]
fn a_stale_citation_is_found() {
    with_sources(|sources| {
        let check = |text: &str| {
            let found = in_rust("a.rs", text);
            assert_eq!(found.len(), 1, "{text}");
            fault(&found[0], sources)
        };
        let prefix = concat!("/// Mirrors tokio", " 1.54.1: src/runtime/io/");
        assert_eq!(check(&format!("{prefix}driver.rs, Driver::turn.")), None);
        assert!(
            check(&format!("{prefix}driver.rs, `spin`"))
                .unwrap()
                .contains("does not mention spin")
        );
        assert!(
            check(&format!("{prefix}driven.rs, turn"))
                .unwrap()
                .contains("no file")
        );
        let old = prefix.replace("54.1", "30.0");
        assert!(
            check(&format!("{old}driver.rs, turn"))
                .unwrap()
                .contains("another version")
        );
    });
}
