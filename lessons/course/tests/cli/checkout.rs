//! A scratch copy of the course: the real kit, two tiny lessons, and a target folder of its own.
//!
//! There is one, always at the same place, so that cargo builds the kit once; each test puts it
//! back as it was and has it for itself. The book's server is tried on the same one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use course::catalog::sources::Sources;
use toml_edit::{DocumentMut, value};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The scratch copy, as a fresh clone has it.
pub(crate) struct Scratch {
    pub(crate) root: PathBuf,
    _mine: MutexGuard<'static, ()>,
    /// Tests of another crate may run at the same time, in another terminal.
    _alone: File,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let mine = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course-cli");
        fs::create_dir_all(&shelf).unwrap();
        let alone = course::system::lock::wait_for(&shelf.join("lock")).unwrap();
        let root = shelf.join("checkout");
        let _ = fs::remove_dir_all(root.join(".course"));
        let _ = fs::remove_file(root.join(".course"));
        let _ = fs::remove_dir_all(root.join("book"));
        for made in [
            "solutions/01-tiny/alternatives",
            "solutions/03-new",
            "lessons/03-new",
        ] {
            let _ = fs::remove_dir_all(root.join(made));
        }
        let scratch = Self {
            root,
            _mine: mine,
            _alone: alone,
        };
        scratch.lay_out_the_course();
        for (name, number) in [("01-tiny", "01"), ("02-next", "02")] {
            scratch.lay_out_a_lesson(name, number);
        }
        scratch
    }

    fn lay_out_the_course(&self) {
        let course = course();
        let kit = Sources::read(&course.join("lessons/grader/src")).unwrap();
        kit.write(&self.root.join("lessons/grader/src")).unwrap();
        let copy = |file: &str| fs::read_to_string(course.join(file)).unwrap();
        self.keep(
            "lessons/grader/Cargo.toml",
            &copy("lessons/grader/Cargo.toml"),
        );
        self.keep("Cargo.lock", &copy("Cargo.lock"));
        self.keep(
            "lessons/course/Cargo.toml",
            "[package]\nname = \"course\"\nedition = \"2024\"\n",
        );
        self.keep("lessons/course/src/lib.rs", "//! Nothing.\n");
        let mut manifest: DocumentMut = copy("Cargo.toml").parse().unwrap();
        for members in ["members", "default-members"] {
            let globs = ["lessons/*", "solutions/*"]
                .into_iter()
                .skip(usize::from(members == "default-members"));
            manifest["workspace"][members] = value(globs.collect::<toml_edit::Array>());
        }
        self.keep("Cargo.toml", &manifest.to_string());
    }

    fn lay_out_a_lesson(&self, name: &str, number: &str) {
        let fixture = course().join("lessons/course/tests/fixture");
        for (from, to) in [("lesson", "lessons"), ("solution", "solutions")] {
            let mut files = Sources::read(&fixture.join(from)).unwrap();
            for text in files.0.values_mut() {
                *text = text
                    .replace("-01\"", &format!("-{number}\""))
                    .replace("01-tiny", name);
            }
            if from == "lesson" {
                let solution = Sources::read(&fixture.join("solution/src")).unwrap();
                let stub = course::catalog::stubs::derive(&solution).unwrap();
                files.0.extend(
                    stub.0
                        .into_iter()
                        .map(|(path, text)| (Path::new("src").join(path), text)),
                );
            }
            files.write(&self.root.join(to).join(name)).unwrap();
        }
    }

    /// Writes a file only if it reads otherwise, so that cargo does not build again for nothing.
    pub(crate) fn keep(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).ok().as_deref() != Some(text) {
            fs::write(path, text).unwrap();
        }
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).unwrap()
    }

    pub(crate) fn replace(&self, file: &str, find: &str, replace: &str) {
        let text = self.read(file);
        assert_eq!(text.matches(find).count(), 1, "{find} in {file}:\n{text}");
        fs::write(self.root.join(file), text.replace(find, replace)).unwrap();
    }

    /// Fills in the first lesson, as the reference does.
    pub(crate) fn solve(&self) {
        self.keep(
            "lessons/01-tiny/src/main.rs",
            &self.read("solutions/01-tiny/src/main.rs"),
        );
    }

    /// Puts the first lesson's stub back.
    #[allow(dead_code, reason = "only the book's server is tried with it")]
    pub(crate) fn unsolve(&self) {
        let solution = Sources::read(&self.root.join("solutions/01-tiny/src")).unwrap();
        let stub = course::catalog::stubs::derive(&solution).unwrap();
        stub.write(&self.root.join("lessons/01-tiny/src")).unwrap();
    }

    /// Fills in the first lesson, but for its second `todo!`.
    pub(crate) fn solve_half(&self) {
        let listens = "println!(\"listening on {}\", listener.local_addr()?);";
        self.replace(
            "lessons/01-tiny/src/main.rs",
            "todo!(\"say where the program listens\");",
            listens,
        );
    }

    /// The environment variables that are added to a test's commands.
    pub(crate) fn surroundings(&self) -> [(&'static str, PathBuf); 3] {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course-cli/target");
        [
            ("CARGO_TARGET_DIR", target),
            ("CARGO_NET_OFFLINE", "true".into()),
            ("NO_COLOR", "1".into()),
        ]
    }
}

/// The course that this test was compiled in; every crate that shares this file lies
/// two folders below its root.
fn course() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).unwrap()
}
