//! The edition of the book that is served now, and the building of the next.
//!
//! Invariant: only a complete edition is served. If the book does not build, the last good edition
//! stays, and the live state says what is wrong.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use anyhow::{Context, Result};
use course::Workspace;
use course::grade::compile;

use super::console::{say, whole};
use super::live_state::LiveState;
use super::site::Site;
use crate::builder::{self, Search};

/// The book, in the edition that is served now.
#[derive(Debug)]
pub(super) struct Edition {
    /// The folder of `book.toml`.
    book: PathBuf,
    /// An edition is built in this workspace's target folder, then read into memory.
    workspace: Workspace,
    site: RwLock<Arc<Site>>,
}

/// How many pages were built, and how long that took.
#[derive(Debug)]
pub(super) struct Built {
    chapters: usize,
    seconds: f64,
}

impl Edition {
    /// Builds the first edition; if the book does not build, makes a page that says why.
    pub(super) fn first(book: &Path, workspace: &Workspace) -> (Self, Result<Built>) {
        let (site, built) = match build(book, workspace, None) {
            Ok((site, built)) => (site, Ok(built)),
            Err(error) => (Site::saying(&format!("{error:#}")), Err(error)),
        };
        let edition = Self {
            book: book.to_owned(),
            workspace: workspace.clone(),
            site: RwLock::new(Arc::new(site)),
        };
        (edition, built)
    }

    /// The edition that is served now.
    pub(super) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Builds the next edition whenever `saves` receives a message: a source of the book was saved.
    pub(super) fn keep_up(&self, saves: &Receiver<()>, state: &LiveState) {
        while saves.recv().is_ok() {
            // Several saves during the last build need only one new build.
            while saves.try_recv().is_ok() {}
            match build(&self.book, &self.workspace, Some(&self.site())) {
                Ok((site, built)) => {
                    say(&built.told());
                    *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
                    state.change_course(|course| {
                        course.edition += 1;
                        course.fault.clear();
                    });
                }
                Err(error) => {
                    say(&format!(
                        "the book does not build, so its last edition stays:\n{error:#}"
                    ));
                    state.change_course(|course| course.fault = format!("{error:#}"));
                }
            }
        }
    }
}

impl Built {
    pub(super) fn told(&self) -> String {
        let pages = if self.chapters == 1 { "page" } else { "pages" };
        format!("built {} {pages} in {:.1} s", self.chapters, self.seconds)
    }
}

/// Builds an edition. After the first, the search index is kept instead of rebuilt: it is a third
/// of the work, and an author who saves a chapter rarely searches it.
fn build(book: &Path, workspace: &Workspace, last: Option<&Site>) -> Result<(Site, Built)> {
    let begun = Instant::now();
    let folder = compile::scratch(workspace)?;
    let index = last.and_then(Site::index);
    let search = index.map_or(Search::Indexed, |_| Search::Unindexed);
    let built = whole(|| builder::build_with(book, Some(folder.path()), search))?;
    let site = Site::read(&built.folder, index).context("cannot read the pages that were built")?;
    Ok((
        site,
        Built {
            chapters: built.chapters,
            seconds: begun.elapsed().as_secs_f64(),
        },
    ))
}
