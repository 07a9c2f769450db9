//! Reads a built book as a browser would, and finds what leads nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use scraper::{ElementRef, Html, Selector};

use crate::folder::files;

/// The pages of a built book.
pub(crate) struct Site {
    root: PathBuf,
    /// Each page by its path from the root.
    pages: BTreeMap<PathBuf, Html>,
}

impl Site {
    /// Reads every page under `root`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut pages = BTreeMap::new();
        for file in files(root)
            .into_iter()
            .filter(|file| file.extension().is_some_and(|e| e == "html"))
        {
            let html = Html::parse_document(&fs::read_to_string(root.join(&file)).unwrap());
            pages.insert(file, html);
        }
        Self {
            root: root.to_owned(),
            pages,
        }
    }

    /// The page called `name`.
    pub(crate) fn page(&self, name: &str) -> &Html {
        &self.pages[Path::new(name)]
    }

    /// Everything that is wrong, a line each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (path, page) in &self.pages {
            let mut found = self.broken_links(path, page);
            found.extend(repeated_ids(page));
            found.extend(pictures_without_words(page));
            found.extend(directives_left_over(page));
            faults.extend(
                found
                    .iter()
                    .map(|fault| format!("{}: {fault}", path.display())),
            );
        }
        faults
    }

    fn broken_links(&self, path: &Path, page: &Html) -> Vec<String> {
        let mut broken = Vec::new();
        for element in select(page, "[href], [src]") {
            let name = element.value().name();
            let target = element
                .attr("href")
                .or(element.attr("src"))
                .unwrap_or_default();
            if name == "base" || target.is_empty() {
                continue;
            }
            let fault = if let Some(scheme) = scheme(target) {
                let a_link = matches!(name, "a");
                match (scheme, a_link) {
                    ("data" | "mailto", _) => None,
                    (_, false) => Some("asks another machine"),
                    ("https" | "http", true) => (!well_formed(target)).then_some("is no address"),
                    _ => Some("has a scheme that no page should have"),
                }
            } else {
                self.leads_nowhere(path, page, target)
            };
            broken.extend(fault.map(|fault| format!("<{name}> {target} {fault}")));
        }
        broken
    }

    /// Why `target`, a link within the book, leads nowhere.
    fn leads_nowhere(&self, path: &Path, page: &Html, target: &str) -> Option<&'static str> {
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        let file = file.split('?').next().unwrap_or_default();
        let here = if select(page, "base").next().is_some() {
            Path::new("")
        } else {
            path.parent().unwrap()
        };
        let to = if file.is_empty() {
            path.to_owned()
        } else {
            normalised(&here.join(file))
        };
        if !self.root.join(&to).is_file() {
            return Some("does not exist");
        }
        // `#` alone leads to the top of the page.
        let page = self.pages.get(&to)?;
        let missing = !fragment.is_empty()
            && !page
                .root_element()
                .descendent_elements()
                .any(|e| e.attr("id") == Some(fragment));
        missing.then_some("names an anchor that the page does not have")
    }
}

/// The elements of `page` that `selector` finds.
pub(crate) fn select<'a>(page: &'a Html, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).collect::<Vec<_>>().into_iter()
}

fn repeated_ids(page: &Html) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let ids = select(page, "[id]").filter_map(|element| element.attr("id").map(str::to_owned));
    ids.filter(|id| !seen.insert(id.clone()))
        .map(|id| format!("the id {id} stands twice"))
        .collect()
}

/// Pictures that say nothing to those who do not see them.
fn pictures_without_words(page: &Html) -> Vec<String> {
    let mut faults = Vec::new();
    for image in select(page, "main img") {
        if image.attr("alt").is_none_or(str::is_empty) {
            faults.push(format!(
                "the picture {} has no description",
                image.attr("src").unwrap_or("?")
            ));
        }
    }
    for svg in select(page, "main svg.diagram") {
        for element in ["title", "desc"] {
            let selector = Selector::parse(element).unwrap();
            if !svg.child_elements().any(|child| selector.matches(&child)) {
                faults.push(format!("a diagram has no {element}"));
            }
        }
    }
    faults
}

/// Directives that nothing replaced. In code they are meant as text.
fn directives_left_over(page: &Html) -> Vec<String> {
    let mut left = Vec::new();
    for node in page.tree.nodes() {
        let Some(text) = node.value().as_text().filter(|text| text.contains("{{#")) else {
            continue;
        };
        let meant = node
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|e| ["code", "script"].contains(&e.value().name()));
        if !meant {
            left.push(format!("a directive is left over: {}", text.trim()));
        }
    }
    left
}

/// The scheme of an address, `https` for example; nothing for a path.
fn scheme(target: &str) -> Option<&str> {
    let (scheme, _) = target.split_once(':')?;
    scheme
        .chars()
        .all(|c| c.is_ascii_alphabetic())
        .then_some(scheme)
}

fn well_formed(address: &str) -> bool {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && host.contains('.') && !address.contains(char::is_whitespace)
}

/// `path` without `.` and `..`.
fn normalised(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = clean.pop(),
            Component::Normal(part) => clean.push(part),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    clean
}
