//! The terminal, if there is one: what is written to it, its width, whether lines may be redrawn,
//! the pager, and questions.
//!
//! Invariant: everything that a command says goes through [`out!`], [`outln!`], [`err!`] or
//! [`errln!`], never through `println!`, which panics when nobody reads what it writes.

use std::env;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal, Write, stderr, stdin, stdout};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use course::error::Exit;
use course::show::report::WIDTH;
use course::show::style::{QUIET, paint};

/// The error of the first write to standard output that failed; empty until then. Only [`keep`]
/// sets it, once.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// As `print!`, and never panics.
macro_rules! out {
    ($($words:tt)*) => { $crate::cli::screen::write(format_args!($($words)*)) };
}

/// As `println!`, and never panics.
macro_rules! outln {
    () => { $crate::cli::screen::write(format_args!("\n")) };
    ($($words:tt)*) => { $crate::cli::screen::write(format_args!("{}\n", format_args!($($words)*))) };
}

/// As `eprint!`, and never panics.
macro_rules! err {
    ($($words:tt)*) => { $crate::cli::screen::complain(format_args!($($words)*)) };
}

/// As `eprintln!`, and never panics.
macro_rules! errln {
    ($($words:tt)*) => { $crate::cli::screen::complain(format_args!("{}\n", format_args!($($words)*))) };
}

/// Writes to standard output. After a failed write, that text and all further text is dropped, but
/// the command goes on, so that its work is still done: a verdict is still recorded.
pub(crate) fn write(words: Arguments<'_>) {
    keep(|| anstream::stdout().write_all(words.to_string().as_bytes()));
}

/// Writes to standard error. A failure is ignored, since there is nowhere else to report it.
pub(crate) fn complain(words: Arguments<'_>) {
    let _ = AutoStream::auto(stderr()).write_all(words.to_string().as_bytes());
}

/// Flushes text that was written without the end of a line.
pub(crate) fn flush() {
    keep(|| stdout().flush());
}

/// Writes, unless an earlier write has failed, and keeps the failure.
fn keep(write: impl FnOnce() -> io::Result<()>) {
    if !is_lost()
        && let Err(error) = write()
    {
        LOST.get_or_init(|| error);
    }
}

/// Whether nothing can be written to standard output any more.
pub(crate) fn is_lost() -> bool {
    LOST.get().is_some()
}

/// The exit code of a command that would end with `code`. A broken pipe (`| head -1`) does not
/// change the code: the reader has seen enough. If words were lost for another reason, the code is
/// 3, because the verdict could not be shown.
pub(crate) fn code(code: Exit) -> Exit {
    flush();
    match LOST.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            errln!("error: what there was to say could not be written: {error}");
            Exit::CouldNotJudge
        }
        _ => code,
    }
}

/// How wide text may be: 80 columns, or less on a narrower terminal.
pub(crate) fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(stdout()).ok();
    let columns = size.map_or(WIDTH, |size| usize::from(size.ws_col));
    if columns == 0 {
        WIDTH
    } else {
        columns.clamp(30, WIDTH)
    }
}

/// Whether a line may be drawn over: on a terminal that wants colours.
pub(crate) fn is_lively() -> bool {
    stdout().is_terminal() && has_colour()
}

fn has_colour() -> bool {
    AutoStream::choice(&stdout()) != ColorChoice::Never
}

/// Shows the present step in a line that the next one replaces; prints nothing where lines cannot
/// be drawn over.
pub(crate) fn tell(what: &str) {
    if is_lively() {
        let line: String = what.chars().take(width().saturating_sub(3)).collect();
        out!("\r\x1b[2K  {}", paint(QUIET, line));
        flush();
    }
}

/// Removes the line that [`tell`] has drawn.
pub(crate) fn wipe() {
    if is_lively() {
        out!("\r\x1b[2K");
        flush();
    }
}

/// Whether somebody can answer a question.
pub(crate) fn can_ask() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Asks, and returns the line that was typed; `None` when the input has ended.
pub(crate) fn ask(question: &str) -> io::Result<Option<String>> {
    out!("{question} ");
    flush();
    let mut answer = String::new();
    let read = stdin().read_line(&mut answer)?;
    Ok((read > 0).then(|| answer.trim().to_owned()))
}

/// Shows a long text: through `$PAGER` on a terminal, or `less`, or as it is.
pub(crate) fn page(text: &str) -> io::Result<()> {
    let pager = env::var("PAGER").unwrap_or("less -FRX".into());
    if !stdout().is_terminal() || pager.trim().is_empty() {
        out!("{text}");
        return Ok(());
    }
    // $PAGER may hold arguments and quotes, so a shell splits it.
    let mut pager = match Command::new("sh")
        .args(["-c", &pager])
        .stdin(Stdio::piped())
        .spawn()
    {
        Ok(pager) => pager,
        Err(_) => {
            out!("{text}");
            return Ok(());
        }
    };
    if let Some(mut input) = pager.stdin.take() {
        let choice = if has_colour() {
            ColorChoice::AlwaysAnsi
        } else {
            ColorChoice::Never
        };
        let mut shown = AutoStream::new(Vec::new(), choice);
        shown.write_all(text.as_bytes())?;
        // A broken pipe is no error: the reader has quit the pager early.
        let _ = input.write_all(&shown.into_inner());
    }
    if pager.wait()?.code() == Some(127) {
        out!("{text}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// The lines in this folder that use a print macro which may panic.
    fn panicking(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(panicking(&path));
                continue;
            }
            // The templates of a new lesson's programs are no code of the course's.
            if path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let prints = |line: &&str| line.contains("print!(") || line.contains("println!(");
            let lines = text.lines().filter(prints);
            // The two in this test are no calls.
            let lines = lines.filter(|line| !line.contains("line.contains("));
            found.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
        }
        found
    }

    #[test]
    fn nothing_is_printed_but_through_these_macros() {
        let found = panicking(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert!(
            found.is_empty(),
            "use out! and its like:\n{}",
            found.join("\n")
        );
    }
}
