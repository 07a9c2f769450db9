//! Mistakes: plausible wrong programs that a grader must catch, as edits of the solution.
//!
//! Invariant: an edit's `find` stands exactly once in the solution's file, so a mistake can never
//! quietly turn into the solution itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;
use crate::catalog::workspace::Workspace;
use crate::error::Error;
use crate::grade::scratch_package::ScratchPackage;

/// A wrong program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// Its name, as the learner types it after `break`.
    pub name: String,
    /// How a programmer comes to write it, in two sentences.
    pub story: String,
    /// The check that must go red.
    pub red: String,
    /// Words that this check's message contains, and no other's.
    pub words: String,
    /// What makes the solution wrong.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// One replacement in one file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file, relative to the package: `src/server.rs`.
    pub file: PathBuf,
    /// What stands there, exactly once.
    pub find: String,
    /// What shall stand there instead.
    pub replace: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistakes {
    #[serde(default, rename = "mistake")]
    mistakes: Vec<Mistake>,
}

impl Mistake {
    /// Every mistake of a lesson; none when there is no file.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn all(lesson: &Lesson) -> Result<Vec<Self>> {
        match fs::read_to_string(lesson.mistakes()) {
            Ok(text) => {
                parse(&text).with_context(|| format!("cannot read {}", lesson.mistakes().display()))
            }
            Err(_) => Ok(Vec::new()),
        }
    }

    /// The mistake with this name.
    ///
    /// # Errors
    /// When the lesson has none of that name; the error lists those it has.
    pub fn named<'a>(name: &str, mistakes: &'a [Self], lesson: &Lesson) -> Result<&'a Self, Error> {
        mistakes
            .iter()
            .find(|mistake| mistake.name == name)
            .ok_or_else(|| Error::UnknownMistake {
                asked: name.to_owned(),
                package: lesson.package(),
                all: mistakes
                    .iter()
                    .map(|mistake| mistake.name.clone())
                    .collect(),
            })
    }

    /// The solution, made wrong.
    ///
    /// # Errors
    /// When an edit does not fit exactly once.
    pub fn make(&self, solution: &Sources) -> Result<Sources> {
        let mut wrong = solution.clone();
        for edit in &self.edits {
            let path = edit.file.strip_prefix("src").unwrap_or(&edit.file);
            edit.apply(path, &mut wrong)
                .with_context(|| format!("the mistake `{}`", self.name))?;
        }
        Ok(wrong)
    }

    /// Lays out the wrong program, made of `solution`, as a scratch package of the mistake's name.
    ///
    /// # Errors
    /// When an edit does not fit exactly once, or the package cannot be written.
    pub fn lay_out(
        &self,
        workspace: &Workspace,
        lesson: &Lesson,
        solution: &Sources,
    ) -> Result<ScratchPackage> {
        ScratchPackage::lay_out(workspace, lesson, &self.name, &self.make(solution)?)
    }
}

impl Edit {
    fn apply(&self, path: &Path, sources: &mut Sources) -> Result<()> {
        let Some(text) = sources.0.get_mut(path) else {
            bail!("there is no file {}", self.file.display())
        };
        match text.matches(&self.find).count() {
            1 => *text = text.replacen(&self.find, &self.replace, 1),
            0 => bail!("{} does not contain\n{}", self.file.display(), self.find),
            n => bail!(
                "{} contains this {n} times, and not once:\n{}",
                self.file.display(),
                self.find
            ),
        }
        Ok(())
    }
}

fn parse(text: &str) -> Result<Vec<Mistake>> {
    Ok(toml_edit::de::from_str::<Mistakes>(text)?.mistakes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
[[mistake]]
name = "accept-once"
story = "One event, one client. It looks right."
red = "accepts_every_pending_client"
words = "still waiting"
[[mistake.edit]]
file = "src/main.rs"
find = "loop"
replace = "once"
"#;

    fn solution(text: &str) -> Sources {
        Sources([("main.rs".into(), text.to_owned())].into())
    }

    #[test]
    fn a_mistake_is_the_solution_with_its_edits() {
        let mistake = &parse(TOML).unwrap()[0];
        assert_eq!(
            mistake.make(&solution("loop {}")).unwrap(),
            solution("once {}")
        );
    }

    #[test]
    fn an_edit_that_fits_twice_or_never_is_refused() {
        let mistake = &parse(TOML).unwrap()[0];
        let twice = format!(
            "{:#}",
            mistake.make(&solution("loop { loop {} }")).unwrap_err()
        );
        assert!(
            twice.contains("accept-once") && twice.contains("2 times"),
            "{twice}"
        );
        let never = format!("{:#}", mistake.make(&solution("while {}")).unwrap_err());
        assert!(never.contains("does not contain"), "{never}");
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        assert!(parse(&TOML.replace("words", "wrods")).is_err());
    }
}
