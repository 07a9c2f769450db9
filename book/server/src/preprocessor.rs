//! The preprocessor `course`: replaces every directive of every chapter, or says all that is wrong.
//!
//! `reader build` and plain `mdbook build` run this same code, one in-process and one through JSON
//! on a pipe, so their pages are equal byte for byte. It runs before mdBook's own `links`, on
//! chapters as they stand on disk: the lines in messages are the lines in the author's editor.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::directive::{self, Directive};
use crate::directives::{self, SHELVES, claim, include};
use crate::fault::{Fault, Faults, Problem};
use crate::page::{self, Entry, Page};
use crate::repository::{Repository, one_of};

/// What `book.toml` calls this preprocessor.
pub const NAME: &str = "course";

/// The course's preprocessor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Course;

impl Preprocessor for Course {
    fn name(&self) -> &str {
        NAME
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> Result<Book> {
        let repository = Repository::around(&context.root)?;
        Ok(transform(&repository, book)?)
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(renderer == "html")
    }
}

/// Replaces the directives of every chapter of `book`.
///
/// # Errors
/// With every fault of every chapter, and every quiz, diagram, transcript and claim that no chapter
/// uses.
pub fn transform(repository: &Repository, mut book: Book) -> std::result::Result<Book, Faults> {
    let contents = page::contents(&book);
    let mut run = Run {
        repository,
        contents,
        faults: Vec::new(),
        used: BTreeSet::new(),
    };
    run.items(&mut book.items);
    run.refuse_what_no_page_uses();
    run.refuse_claims_that_no_page_makes();
    run.refuse_what_summary_forgets();
    if run.faults.is_empty() {
        Ok(book)
    } else {
        Err(Faults(run.faults))
    }
}

/// One pass over the book.
struct Run<'a> {
    repository: &'a Repository,
    contents: Vec<Entry>,
    /// All that went wrong so far.
    faults: Vec<Fault>,
    /// Each directive used so far, with its argument.
    used: BTreeSet<(String, String)>,
}

impl Run<'_> {
    /// Transforms the chapters among `items`, in the order of the book.
    fn items(&mut self, items: &mut [BookItem]) {
        for item in items {
            let BookItem::Chapter(chapter) = item else {
                continue;
            };
            if let Some(path) = chapter.source_path.clone() {
                chapter.content = self.chapter(&path, &chapter.content);
            }
            self.items(&mut chapter.sub_items);
        }
    }

    fn chapter(&mut self, path: &Path, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for found in directive::find(text) {
            let replaced = found.and_then(|d| self.replace(path, &d).map(|new| (d, new)));
            match replaced {
                Ok((directive, new)) => {
                    out.push_str(&text[done..directive.range.start]);
                    out.push_str(new.as_deref().unwrap_or(&text[directive.range.clone()]));
                    done = directive.range.end;
                }
                Err((line, problem)) => {
                    self.faults.push(Fault {
                        file: Path::new("book/src").join(path),
                        line,
                        problem,
                    });
                }
            }
        }
        out.push_str(&text[done..]);
        out
    }

    /// What stands in the directive's place; nothing where mdBook itself will replace it.
    fn replace(
        &mut self,
        path: &Path,
        directive: &Directive<'_>,
    ) -> std::result::Result<Option<String>, (usize, Problem)> {
        let Directive {
            name,
            argument,
            line,
            alone,
            ..
        } = *directive;
        let page = Page {
            repository: self.repository,
            path,
            contents: &self.contents,
        };
        if include::NAMES.contains(&name) {
            if name != "title" {
                include::check(&page, argument).map_err(|problem| (line, problem))?;
            }
            return Ok(None);
        }
        let kind = directives::find(name).map_err(|problem| (line, problem))?;
        self.used.insert((name.to_owned(), argument.to_owned()));
        if kind.block && !alone {
            let what = format!("`{{{{#{name}}}}}` becomes a block and shares its line");
            let remedy =
                "put it on a line of its own, at the left edge, with empty lines around it";
            return Err((line, Problem::new(what, remedy)));
        }
        let rendered = (kind.render)(&page, argument).map_err(|problem| (line, problem))?;
        // What a repository's file says in double braces is text, even to mdBook's `links`.
        let rendered = rendered.replace("{{#", "\\{{#");
        Ok(Some(if kind.block {
            format!("\n{rendered}\n")
        } else {
            rendered
        }))
    }

    fn refuse_what_no_page_uses(&mut self) {
        for (directive, folder, extension) in SHELVES {
            for name in self.repository.names(folder, extension) {
                if self.used.contains(&((*directive).to_owned(), name.clone())) {
                    continue;
                }
                let pages: Vec<String> = self.contents.iter().filter_map(chapter_name).collect();
                let remedy = format!(
                    "write {{{{#{directive} {name}}}}} in a chapter ({}), or remove the file",
                    one_of(&pages)
                );
                let file = Path::new(folder).join(format!("{name}.{extension}"));
                self.faults.push(Fault {
                    file,
                    line: 0,
                    problem: Problem::new("no page uses it", remedy),
                });
            }
        }
    }

    /// A claim that no page shows is refused: it would hold no sentence of the book.
    fn refuse_claims_that_no_page_makes(&mut self) {
        // If the claims cannot be read, each directive that asked for one has reported that
        // already.
        for claim in claim::all(self.repository).unwrap_or_default() {
            if self
                .used
                .contains(&("claim".to_owned(), claim.name.clone()))
            {
                continue;
            }
            let what = format!("no page makes the claim `{}`", claim.name);
            let remedy = format!(
                "write {{{{#claim {}}}}} in a chapter, or remove the test",
                claim.name
            );
            self.faults.push(Fault {
                file: claim.file,
                line: claim.line,
                problem: Problem::new(what, remedy),
            });
        }
    }

    /// A chapter that SUMMARY.md does not list would be neither built nor checked.
    fn refuse_what_summary_forgets(&mut self) {
        for name in self.repository.names("book/src", "md") {
            let file = PathBuf::from(format!("{name}.md"));
            if name == "SUMMARY" || self.contents.contains(&Entry::Chapter(file.clone())) {
                continue;
            }
            let remedy = "list it in book/src/SUMMARY.md, or remove it";
            let problem = Problem::new("SUMMARY.md does not list it", remedy);
            self.faults.push(Fault {
                file: Path::new("book/src").join(file),
                line: 0,
                problem,
            });
        }
    }
}

fn chapter_name(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Chapter(path) => Some(path.display().to_string()),
        Entry::Part(_) => None,
    }
}
