//! Modules use each other in one direction only: who reads one has read all that it stands on,
//! and no two are one thing.
//!
//! A parent and its child count as two. A crate's root is a table of contents: it names all, and
//! nobody names what it re-exports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use crate::modules::{Use, uses};

/// Which crates are held to it, and which of their modules may be a knot: the kernel's own files
/// describe one thing, and know each other.
const CRATES: [(&str, &[&str]); 4] = [
    ("lessons/grader/src", &["kernel"]),
    ("lessons/course/src", &[]),
    ("book/server/src", &[]),
    ("book/claims/src", &[]),
];

#[test]
fn modules_use_each_other_in_one_direction_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut circles = Vec::new();
    for (src, exempt) in CRATES {
        let mut uses = uses(&root.join(src));
        uses.retain(|module, _| !is_below(module, exempt));
        for used in uses.values_mut() {
            used.retain(|one| !is_below(&one.to, exempt));
        }
        circles.extend(shortest_circle(&uses).map(|circle| told(&circle, &root)));
    }
    assert!(circles.is_empty(), "\n{}", circles.join("\n\n"));
}

fn is_below(module: &str, exempt: &[&str]) -> bool {
    exempt
        .iter()
        .any(|of| module == *of || module.starts_with(&format!("{of}::")))
}

fn told(circle: &[Use], root: &Path) -> String {
    let lines = circle.iter().map(|one| {
        let file = one.file.strip_prefix(root).unwrap_or(&one.file).display();
        let to = if one.to.is_empty() {
            "the crate's root"
        } else {
            &one.to
        };
        format!("  {file}:{} uses {to}", one.line)
    });
    let lines: Vec<_> = lines.collect();
    format!("these go round in a circle:\n{}", lines.join("\n"))
}

/// The shortest way from a module back to itself.
fn shortest_circle(uses: &BTreeMap<String, Vec<Use>>) -> Option<Vec<Use>> {
    let circles = uses.keys().filter_map(|module| way_back(module, uses));
    circles.min_by_key(Vec::len)
}

fn way_back(module: &str, uses: &BTreeMap<String, Vec<Use>>) -> Option<Vec<Use>> {
    let mut seen = BTreeSet::new();
    let mut ways: VecDeque<Vec<Use>> = VecDeque::from([Vec::new()]);
    while let Some(way) = ways.pop_front() {
        let at = way.last().map_or(module, |last| &last.to);
        for next in uses.get(at).into_iter().flatten() {
            let longer = [way.clone(), vec![next.clone()]].concat();
            if next.to == module {
                return Some(longer);
            }
            if seen.insert(next.to.clone()) {
                ways.push_back(longer);
            }
        }
    }
    None
}

#[test]
fn a_circle_of_two_is_found_and_a_chain_is_none() {
    let one = |to: &str| Use {
        file: "a.rs".into(),
        line: 1,
        to: to.into(),
    };
    let graph = |edges: &[(&str, &str)]| {
        let mut uses: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        for (from, to) in edges {
            uses.entry((*from).into()).or_default().push(one(to));
        }
        uses
    };
    assert_eq!(
        shortest_circle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])),
        None
    );
    let circle = shortest_circle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(circle.len(), 2);
}
