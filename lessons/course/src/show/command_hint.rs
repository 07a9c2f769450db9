//! The commands that messages tell the learner to type: `just check` where `just` is installed,
//! otherwise `cargo course check`.

use std::env;
use std::sync::LazyLock;

static HAS_JUST: LazyLock<bool> = LazyLock::new(|| {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("just").is_file())
});

/// The command line for `arguments`, ready to be typed on this machine.
pub fn command_hint(arguments: &str) -> String {
    if *HAS_JUST {
        format!("just {arguments}")
    } else {
        format!("cargo course {arguments}")
    }
}

/// The command that opens the book; a recipe of its own, since the book is another program.
pub fn book_hint() -> &'static str {
    if *HAS_JUST { "just book" } else { "cargo book" }
}
