//! How each claim was made red once: falsifications, as edits of tokio, of mio, or of a claim's own
//! test, read from `falsify/*.toml`.
//!
//! All edits are made in one copy of the sources and built once. Each takes effect only in a
//! process whose environment names its falsification ([`SWITCH`]), so that one build serves all
//! claims. In a `replace`, the word [`FALSE`] stands for that condition.
//!
//! Invariant: each `find` stands exactly once in the text that the edits before it have left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// In the environment of a process in which one falsification takes effect: its name.
pub const SWITCH: &str = "FALSIFY";
/// In a `replace`: whether the falsification takes effect in this process.
pub const FALSE: &str = "FALSE";

/// What is added to the root of each edited crate.
pub const FUNCTION: &str = r#"
/// Whether the falsification called `name` takes effect in this process.
#[allow(dead_code)]
pub(crate) fn falsified(name: &str) -> bool {
    static NAME: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    NAME.get_or_init(|| std::env::var("FALSIFY").ok()).as_deref() == Some(name)
}
"#;

/// One way in which the statements of some claims are made false.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Falsification {
    /// Its name, unique over all files.
    pub name: String,
    /// What is different, in a sentence.
    pub story: String,
    /// The claims that must go red.
    pub red: Vec<String>,
    /// What makes the difference.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// One replacement in one file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The crate whose source is edited, `tokio` or `mio`; without it the claims' own tests are.
    pub of: Option<String>,
    /// The file: from the crate's folder, or from `tests/claims`.
    pub file: PathBuf,
    /// What stands there, exactly once.
    pub find: String,
    /// What shall stand there instead.
    pub replace: String,
}

/// A claim that no program can make red, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByReading {
    /// The claim.
    pub claim: String,
    /// Why it is held by reading the source.
    pub because: String,
}

/// All that `falsify/*.toml` says, in the order of the files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Falsifications {
    /// The falsifications.
    #[serde(default, rename = "falsification")]
    pub made: Vec<Falsification>,
    /// The claims without one.
    #[serde(default)]
    pub by_reading: Vec<ByReading>,
}

impl Falsifications {
    /// Reads the files in `folder`.
    ///
    /// # Errors
    /// When one is damaged, or two falsifications have one name.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut files: Vec<PathBuf> = fs::read_dir(folder)?
            .flatten()
            .map(|entry| entry.path())
            .filter(|file| file.extension().is_some_and(|e| e == "toml"))
            .collect();
        files.sort();
        let mut all = Self::default();
        for file in files {
            let text = fs::read_to_string(&file)?;
            let one: Self = toml_edit::de::from_str(&text)
                .with_context(|| format!("cannot read {}", file.display()))?;
            all.made.extend(one.made);
            all.by_reading.extend(one.by_reading);
        }
        let mut names = BTreeSet::new();
        for made in &all.made {
            if !names.insert(&made.name) {
                bail!("two falsifications are called `{}`", made.name);
            }
        }
        Ok(all)
    }

    /// The files of crate `of`, or of the claims' tests, with all edits made, by their path from
    /// there; `read` gives the text of one as it stands.
    ///
    /// # Errors
    /// When there is no such file, or an edit does not fit exactly once.
    pub fn edited(
        &self,
        of: Option<&str>,
        read: impl Fn(&Path) -> Result<String>,
    ) -> Result<BTreeMap<PathBuf, String>> {
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        for made in &self.made {
            for edit in made.edits.iter().filter(|edit| edit.of.as_deref() == of) {
                let text = match texts.remove(&edit.file) {
                    Some(text) => text,
                    None => read(&edit.file)?,
                };
                let text = edit.apply(&made.name, &text);
                let text = text.with_context(|| format!("the falsification `{}`", made.name))?;
                texts.insert(edit.file.clone(), text);
            }
        }
        Ok(texts)
    }
}

impl Edit {
    fn apply(&self, name: &str, text: &str) -> Result<String> {
        let count = text.matches(&self.find).count();
        if count != 1 {
            let file = self.file.display();
            bail!("{file} has this {count} times: {}", self.find);
        }
        let condition = format!("crate::falsified(\"{name}\")");
        let replace = self.replace.replace(FALSE, &condition);
        Ok(text.replacen(&self.find, &replace, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_fits_once_and_names_its_condition() {
        let edit = Edit {
            of: None,
            file: "edges.rs".into(),
            find: "act();".into(),
            replace: "if !FALSE { act(); }".into(),
        };
        let made = edit.apply("no-act", "act(); look();").unwrap();
        assert_eq!(made, "if !crate::falsified(\"no-act\") { act(); } look();");
        assert!(edit.apply("no-act", "look();").is_err());
        assert!(edit.apply("no-act", "act(); act();").is_err());
    }
}
