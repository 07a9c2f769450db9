//! The command line, called on the scratch copy of the course.

use std::fs;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin_cmd;

pub(crate) use crate::checkout::Scratch;

impl Scratch {
    pub(crate) fn remove(&self, path: &str) {
        let path = self.root.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// `cargo course ARGUMENTS`, typed at the root.
    pub(crate) fn course(&self, arguments: &[&str]) -> Command {
        let mut command = cargo_bin_cmd!("course");
        command.args(arguments).current_dir(&self.root);
        for (name, value) in self.surroundings() {
            command.env(name, value);
        }
        command
    }

    /// Runs `cargo course ARGUMENTS`, and holds it to an exit code.
    pub(crate) fn ends_with(&self, code: i32, arguments: &[&str]) -> Assert {
        self.course(arguments).assert().code(code)
    }
}

/// What an assertion's command printed on stdout.
pub(crate) fn said(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// What it printed on stderr.
pub(crate) fn complained(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}
