//! The lessons of the course, listed from the folder of solutions.
//!
//! Invariant: the list comes from `solutions/` alone, so a learner can damage or delete a lesson
//! and the course still knows that it exists, what it is called and how to bring it back.
//!
//! Longer than others: it says what each field of a manifest means.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use grader::Answer;
use serde::Deserialize;

use crate::catalog::sources::Sources;
use crate::catalog::stubs;
use crate::catalog::workspace::Workspace;
use crate::error::Error;

/// The parts of the course, by number from 1.
pub const PARTS: [(&str, &str); 3] = [
    ("I. Async I/O foundations", "what the kernel offers"),
    ("II. Build a small tokio", "one floor a lesson"),
    ("III. Inside tokio", "read, measure, extend"),
];

/// A phrase from the header of every stub; the learner deletes the header when they begin.
const HEADERS_REASON: &str = "a stub: delete this attribute when you begin";

/// One lesson: what it is called and where its files lie.
#[derive(Clone, Debug)]
pub struct Lesson {
    root: PathBuf,
    /// Folder and chapter name, `06-echo-server`.
    pub name: String,
    /// What the solution's manifest says of it.
    pub about: About,
}

/// `[package.metadata.lesson]` of a solution's manifest.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct About {
    /// The title, as the map and the book show it.
    pub title: String,
    /// The lesson in one picture.
    pub motto: String,
    /// Which part of the course it belongs to, from 1.
    pub part: usize,
    /// How long it takes, roughly.
    pub minutes: u32,
    /// Whether it is on the short path through the course.
    pub short_path: bool,
    /// What a learner knows once it is green.
    pub learned: String,
    /// Whether it is still being written: then the course does not know of it yet.
    #[serde(default)]
    pub draft: bool,
    /// How its program is measured, when it is a server.
    pub measure: Option<Measure>,
    /// The check that is built with the feature `model` and runs once all others hold, if there is
    /// one.
    pub model: Option<String>,
}

/// How a server program is measured: `measure = {}` for one that any number of clients may ask.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Measure {
    /// The arguments it is started with.
    pub arguments: Vec<String>,
    /// How many clients it serves at the same time; without this, any number.
    pub serves: Option<usize>,
    /// How it answers: `"echo"`, or `"line"` for one that only prints what it has read.
    pub answers: Answer,
}

impl Lesson {
    /// Every lesson, in order, but for drafts.
    ///
    /// # Errors
    /// When a solution's manifest is missing, damaged, says nothing about its lesson, or names a
    /// part that the course does not have.
    pub fn all(workspace: &Workspace) -> Result<Vec<Self>> {
        let solutions = workspace.root().join("solutions");
        let mut names = Vec::new();
        for entry in
            fs::read_dir(&solutions).with_context(|| format!("cannot list {solutions:?}"))?
        {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(|first: char| first.is_ascii_digit()) {
                names.push(name);
            }
        }
        names.sort();
        let read = names.into_iter().map(|name| Self::read(workspace, name));
        let is_draft = |lesson: &Result<Self>| lesson.as_ref().is_ok_and(|it| it.about.draft);
        read.filter(|lesson| !is_draft(lesson)).collect()
    }

    fn read(workspace: &Workspace, name: String) -> Result<Self> {
        let manifest = workspace
            .root()
            .join("solutions")
            .join(&name)
            .join("Cargo.toml");
        let about = fs::read_to_string(&manifest)
            .map_err(anyhow::Error::from)
            .and_then(|text| Ok(toml_edit::de::from_str::<Manifest>(&text)?))
            .with_context(|| format!("cannot read {}", workspace.relative(&manifest).display()))?
            .package
            .metadata
            .lesson;
        check_part(&name, about.part)?;
        Ok(Self {
            root: workspace.root().to_owned(),
            name,
            about,
        })
    }

    /// The lesson that `asked` means: `lesson-06`, `6`, `06`, `06-echo-server` or `echo-server`.
    ///
    /// # Errors
    /// When there is no such lesson; the error suggests the nearest.
    pub fn named<'a>(asked: &str, lessons: &'a [Self]) -> Result<&'a Self, Error> {
        let asked = asked.trim().trim_end_matches('/').to_lowercase();
        let asked = asked.strip_prefix("lessons/").unwrap_or(&asked);
        lessons
            .iter()
            .find(|lesson| lesson.goes_by(asked))
            .ok_or_else(|| unknown(asked, lessons))
    }

    fn goes_by(&self, asked: &str) -> bool {
        let number = asked.strip_prefix("lesson-").unwrap_or(asked);
        asked == self.name
            || asked == self.slug()
            || number
                .parse::<u32>()
                .is_ok_and(|number| Ok(number) == self.number().parse())
    }

    /// The number as the folder writes it: `06`.
    pub fn number(&self) -> &str {
        self.name
            .split_once('-')
            .map_or(&self.name, |(number, _)| number)
    }

    /// The name without its number: `echo-server`.
    pub fn slug(&self) -> &str {
        self.name.split_once('-').map_or("", |(_, slug)| slug)
    }

    /// The learner's package, and the name to type: `lesson-06`.
    pub fn package(&self) -> String {
        format!("lesson-{}", self.number())
    }

    /// The reference's package: `solution-06`.
    pub fn solution_package(&self) -> String {
        format!("solution-{}", self.number())
    }

    /// The learner's folder.
    pub fn folder(&self) -> PathBuf {
        self.root.join("lessons").join(&self.name)
    }

    /// What the learner writes in.
    pub fn src(&self) -> PathBuf {
        self.folder().join("src")
    }

    /// The one grader of the pair.
    pub fn grader(&self) -> PathBuf {
        self.folder().join("tests/grade.rs")
    }

    /// The reference's folder.
    pub fn solution(&self) -> PathBuf {
        self.root.join("solutions").join(&self.name)
    }

    /// The mistakes that the grader must catch.
    pub fn mistakes(&self) -> PathBuf {
        self.solution().join("mistakes.toml")
    }

    /// The chapter, relative to the root.
    pub fn chapter(&self) -> PathBuf {
        Path::new("book/src").join(format!("{}.md", self.name))
    }

    /// The learner's sources.
    ///
    /// # Errors
    /// When the lesson, or its `src/`, is gone.
    pub fn sources(&self) -> Result<Sources> {
        let sources = Sources::read(&self.src())?;
        let gone = !self.folder().join("Cargo.toml").is_file() || !self.grader().is_file();
        if gone || sources.0.is_empty() {
            return Err(Error::LessonGone {
                name: self.name.clone(),
                package: self.package(),
            }
            .into());
        }
        Ok(sources)
    }

    /// Whether the learner has written nothing yet: `sources`, the learner's, equal the stub
    /// derived from the solution. If the solution is withheld, sources with a stub's header and a
    /// `todo!(` count as untouched.
    ///
    /// # Errors
    /// When the solution cannot be read, or no stub can be derived from it.
    pub fn is_untouched(&self, sources: &Sources) -> Result<bool> {
        Ok(match self.reference()? {
            Some(solution) => stubs::derive(&solution)? == *sources,
            None => {
                let headed = sources.0.values().any(|text| text.contains(HEADERS_REASON));
                headed && sources.first_todo().is_some()
            }
        })
    }

    /// The reference's sources, markers included; `None` when a teacher has withheld them.
    ///
    /// # Errors
    /// When they are there and cannot be read.
    pub fn reference(&self) -> Result<Option<Sources>> {
        let sources = Sources::read(&self.solution().join("src"))?;
        Ok((!sources.is_blank()).then_some(sources))
    }

    /// The reference's sources, for a command that cannot work without them.
    ///
    /// # Errors
    /// When they are withheld; the message names the command's purpose, `wanted`.
    pub fn reference_for(&self, wanted: &'static str) -> Result<Sources> {
        let withheld = || Error::Withheld {
            package: self.package(),
            wanted,
        };
        Ok(self.reference()?.ok_or_else(withheld)?)
    }
}

/// Refuses a part that the course does not have: the map would leave the lesson out.
fn check_part(name: &str, part: usize) -> Result<()> {
    let parts: Vec<_> = (1..)
        .zip(PARTS)
        .map(|(number, (title, _))| format!("{number} ({title})"))
        .collect();
    ensure!(
        (1..=PARTS.len()).contains(&part),
        "solutions/{name}/Cargo.toml puts the lesson {name} into part {part}.\nThe parts are: {}.",
        parts.join(", ")
    );
    Ok(())
}

/// The error for a lesson that does not exist; it suggests the nearest.
fn unknown(asked: &str, lessons: &[Lesson]) -> Error {
    let likeness = |lesson: &&Lesson| {
        let names = [
            lesson.name.clone(),
            lesson.slug().to_owned(),
            lesson.package(),
        ];
        let best = names
            .iter()
            .map(|name| strsim::jaro_winkler(asked, name))
            .fold(0.0, f64::max);
        (best * 1000.0) as u32
    };
    let nearest = lessons
        .iter()
        .max_by_key(likeness)
        .filter(|lesson| likeness(lesson) > 600);
    Error::UnknownLesson {
        asked: asked.to_owned(),
        nearest: nearest.map(|lesson| lesson.name.clone()),
        all: lessons.iter().map(|lesson| lesson.name.clone()).collect(),
    }
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    lesson: About,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lessons() -> Vec<Lesson> {
        let about = About {
            title: "Echo".into(),
            motto: String::new(),
            part: 1,
            minutes: 1,
            short_path: false,
            learned: String::new(),
            draft: false,
            measure: None,
            model: None,
        };
        ["01-blocking", "06-echo-server"]
            .map(|name| Lesson {
                root: "/".into(),
                name: name.into(),
                about: about.clone(),
            })
            .to_vec()
    }

    #[test]
    fn a_lesson_goes_by_its_number_its_name_and_its_package() {
        let lessons = lessons();
        for asked in [
            "6",
            "06",
            "lesson-06",
            "lesson-6",
            "06-echo-server",
            "echo-server",
            "lessons/06-echo-server/",
        ] {
            assert_eq!(
                Lesson::named(asked, &lessons).unwrap().name,
                "06-echo-server",
                "{asked}"
            );
        }
    }

    #[test]
    fn a_lesson_in_a_part_that_there_is_not_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let solution = folder.path().join("solutions/20-name");
        fs::create_dir_all(&solution).unwrap();
        let read = |part: usize| {
            let manifest = format!(
                "[package.metadata.lesson]\ntitle = \"Name\"\nmotto = \"\"\npart = {part}\n\
                 minutes = 1\nshort-path = false\nlearned = \"\"\n"
            );
            fs::write(solution.join("Cargo.toml"), manifest).unwrap();
            Lesson::all(&Workspace::at(folder.path()))
        };
        assert_eq!(read(PARTS.len()).unwrap().len(), 1);
        for part in [0, PARTS.len() + 1] {
            let error = format!("{:#}", read(part).unwrap_err());
            assert!(error.contains("20-name"), "{error}");
            for (title, _) in PARTS {
                assert!(error.contains(title), "{error}");
            }
        }
    }

    #[test]
    fn a_draft_is_no_lesson_yet() {
        let folder = tempfile::tempdir().unwrap();
        for (name, draft) in [("20-name", "draft = true\n"), ("21-other", "")] {
            let solution = folder.path().join("solutions").join(name);
            fs::create_dir_all(&solution).unwrap();
            let manifest = format!(
                "[package.metadata.lesson]\ntitle = \"Name\"\nmotto = \"\"\npart = 1\n\
                 minutes = 1\nshort-path = false\nlearned = \"\"\n{draft}"
            );
            fs::write(solution.join("Cargo.toml"), manifest).unwrap();
        }
        let lessons = Lesson::all(&Workspace::at(folder.path())).unwrap();
        let names: Vec<_> = lessons.iter().map(|lesson| lesson.name.as_str()).collect();
        assert_eq!(names, ["21-other"]);
    }

    #[test]
    fn an_unknown_lesson_suggests_the_nearest() {
        let error = Lesson::named("ecko-server", &lessons())
            .unwrap_err()
            .to_string();
        assert!(error.contains("06-echo-server"), "{error}");
    }
}
