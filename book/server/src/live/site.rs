//! One edition of the built book, held in memory as it is served.
//!
//! Invariant: a request's path is looked up in a map and nowhere else. No file is opened to answer
//! it, so no path can leave the book's folder. An edition is replaced as a whole, so no reader sees
//! a half-built page.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::markdown::escape;

/// A file of `book/theme/live`, under the name it is served by.
macro_rules! asset {
    ($name:literal) => {
        (
            concat!("live/", $name),
            include_str!(concat!("../../../theme/live/", $name)),
        )
    };
}

/// The files that the live book adds to the pages; the static book does not have them.
const ASSETS: &[(&str, &str)] = &[
    asset!("side_by_side.js"),
    asset!("connection.js"),
    asset!("dom.js"),
    asset!("editor.js"),
    asset!("live.css"),
    asset!("live.js"),
    asset!("mistakes.js"),
    asset!("panel.js"),
    asset!("verdict.js"),
];

/// A smaller file is sent uncompressed: gzip would make it larger, or save no packet.
const WORTH_PACKING_BYTES: usize = 1000;

/// The files of the book, by their path from its first page.
#[derive(Debug, Default)]
pub(super) struct Site(BTreeMap<String, Served>);

/// A file as it is sent.
#[derive(Debug)]
pub(super) struct Served {
    /// Its media type.
    pub(super) kind: &'static str,
    /// The body without compression.
    pub(super) body: Bytes,
    /// A hash of its content, in quotes, as the header ETag has it.
    pub(super) tag: String,
    /// The body in gzip, made at the first request for it; `None` if that is not smaller.
    packed: OnceLock<Option<Bytes>>,
}

impl Site {
    /// Reads every file below `folder`, and links the live book's files in each page. With an
    /// `index`, the pages search that one instead of their own.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub(super) fn read(folder: &Path, index: Option<(&str, &Served)>) -> io::Result<Self> {
        let mut site = Self::default();
        site.read_below(folder, "")?;
        if let Some((name, served)) = index {
            site.search_by(name, served.body.to_vec());
        }
        site.add_assets();
        let pages = site.0.iter_mut().filter(|(_, served)| served.kind == HTML);
        pages.for_each(|(_, page)| page.link());
        Ok(site)
    }

    /// The search index, and its name.
    pub(super) fn index(&self) -> Option<(&str, &Served)> {
        let mut files = self.0.iter();
        let found = files.find(|(name, _)| name.starts_with("searchindex"))?;
        Some((found.0, found.1))
    }

    /// Replaces the site's own search index.
    fn search_by(&mut self, name: &str, body: Vec<u8>) {
        let own = self.index().map(|(own, _)| own.to_owned());
        if let Some(own) = own {
            self.0.remove(&own);
            for page in self.0.values_mut().filter(|page| page.kind == HTML) {
                let text = String::from_utf8_lossy(&page.body).replace(&own, name);
                *page = Served::new(HTML, text.into_bytes());
            }
        }
        self.add(name, body);
    }

    /// A site of one page, for a book that does not build.
    pub(super) fn saying(fault: &str) -> Self {
        let mut site = Self::default();
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\" class=\"light\"><head><meta charset=\"UTF-8\"><title>The book does not build</title>\
             </head>\n<body><main><h1>The book does not build</h1>\n<p>Mend this, and the page comes by itself.</p>\n\
             <pre>{}</pre></main></body></html>",
            escape(fault)
        );
        for name in ["index.html", "404.html"] {
            let mut served = Served::new(HTML, page.clone().into_bytes());
            served.link();
            site.0.insert(name.to_owned(), served);
        }
        site.add_assets();
        site
    }

    fn add_assets(&mut self) {
        for (name, text) in ASSETS {
            self.add(name, text.as_bytes().to_vec());
        }
    }

    fn add(&mut self, name: &str, body: Vec<u8>) {
        self.0
            .insert(name.to_owned(), Served::new(kind(name), body));
    }

    /// Reads the files below `folder`. Symbolic links are not followed, since they may lead out of
    /// the book.
    fn read_below(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.read_below(&entry.path(), &format!("{name}/"))?;
            } else if kind.is_file() {
                self.add(&name, fs::read(entry.path())?);
            }
        }
        Ok(())
    }

    /// The file for a request's `path`.
    pub(super) fn find(&self, path: &str) -> Option<&Served> {
        let name = path.strip_prefix('/')?;
        let name = if name.is_empty() { "index.html" } else { name };
        self.0.get(name)
    }

    /// The page for a path that names nothing.
    pub(super) fn not_found(&self) -> Option<&Served> {
        self.0.get("404.html")
    }
}

impl Served {
    fn new(kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            kind,
            tag: format!("\"{}\"", mark(&body)),
            body: body.into(),
            packed: OnceLock::new(),
        }
    }

    /// Writes the page's tag into it, by which it notices that it has changed, and links the live
    /// book's files. A page of the static book has neither and makes no requests.
    fn link(&mut self) {
        let mark = self.tag.trim_matches('"');
        let links = format!(
            "<meta name=\"course-page\" content=\"{mark}\">\n<link rel=\"stylesheet\" href=\"/live/live.css\">\n\
             <script type=\"module\" src=\"/live/live.js\"></script>\n</head>"
        );
        let text = String::from_utf8_lossy(&self.body);
        self.body = text.replacen("</head>", &links, 1).into();
    }

    /// The body in gzip, where that is worth it.
    pub(super) fn packed(&self) -> Option<Bytes> {
        let pack = || {
            if self.body.len() < WORTH_PACKING_BYTES || !is_text(self.kind) {
                return None;
            }
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&self.body).ok()?;
            let packed = encoder.finish().ok()?;
            (packed.len() < self.body.len()).then(|| packed.into())
        };
        self.packed.get_or_init(pack).clone()
    }
}

/// A hash of `content` and of this program: pages also change when the files that the program adds
/// change.
fn mark(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    (content, ASSETS).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

const HTML: &str = "text/html; charset=utf-8";

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "toml" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn is_text(kind: &str) -> bool {
    kind.contains("charset") || kind.contains("json") || kind.contains("svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("book")).unwrap();
        fs::create_dir(folder.path().join("book/css")).unwrap();
        fs::write(folder.path().join("secret.html"), "secret").unwrap();
        fs::write(folder.path().join("book/index.html"), "<head></head>").unwrap();
        fs::write(folder.path().join("book/css/a.css"), "a { }".repeat(1000)).unwrap();
        let link = folder.path().join("book/link.html");
        std::os::unix::fs::symlink(folder.path().join("secret.html"), link).unwrap();
        Site::read(&folder.path().join("book"), None).unwrap()
    }

    #[test]
    fn no_path_leaves_the_folder() {
        let site = site();
        assert!(site.find("/css/a.css").is_some());
        for path in [
            "/../secret.html",
            "/css/../../secret.html",
            "//secret.html",
            "/%2e%2e/secret.html",
            "/link.html",
            "/css",
            "secret.html",
            "/etc/passwd",
        ] {
            assert!(site.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_page_links_what_makes_it_live_and_a_style_does_not() {
        let site = site();
        let text = |path| String::from_utf8(site.find(path).unwrap().body.to_vec()).unwrap();
        assert!(text("/").contains("name=\"course-page\""));
        assert!(text("/").contains("/live/live.js"));
        assert!(!text("/css/a.css").contains("live"));
    }

    #[test]
    fn text_is_packed_and_stays_the_same() {
        let site = site();
        let served = site.find("/css/a.css").unwrap();
        let packed = served.packed().unwrap();
        assert!(packed.len() < 200);
        let mut text = Vec::new();
        io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text).unwrap();
        assert_eq!(text, served.body);
    }

    #[test]
    fn a_later_edition_searches_by_the_index_of_the_first() {
        let edition = |index: &str, text: &str| {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(format!("searchindex-{index}.js")), text).unwrap();
            let page = format!("<head></head>searchindex-{index}.js");
            fs::write(folder.path().join("index.html"), page).unwrap();
            folder
        };
        let first = Site::read(edition("a1", "words").path(), None).unwrap();
        let later = Site::read(edition("b2", "none").path(), first.index()).unwrap();
        let text = |path| String::from_utf8(later.find(path).unwrap().body.to_vec()).unwrap();
        assert_eq!(text("/searchindex-a1.js"), "words");
        assert!(later.find("/searchindex-b2.js").is_none());
        assert!(text("/").contains("searchindex-a1.js"));
        assert_eq!(later.find("/").unwrap().tag, first.find("/").unwrap().tag);
    }

    #[test]
    fn what_a_fault_says_is_text() {
        let site = Site::saying("<script>alert(1)</script>");
        let body = String::from_utf8(site.find("/").unwrap().body.to_vec()).unwrap();
        assert!(body.contains("&lt;script&gt;alert"), "{body}");
    }
}
