//! The terminal, if there is one: its width, whether lines may be redrawn, the pager, and questions.

use std::env;
use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::process::{Command, Stdio};

use anstream::{AutoStream, ColorChoice};
use course::report::WIDTH;
use course::style::{QUIET, paint};

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

/// Says what is being done, in a line that the next one replaces; where lines cannot be drawn over, says nothing.
pub(crate) fn tell(what: &str) {
    if is_lively() {
        let line: String = what.chars().take(width().saturating_sub(3)).collect();
        anstream::print!("\r\x1b[2K  {}", paint(QUIET, line));
        let _ = stdout().flush();
    }
}

/// Takes away the line that [`tell`] has left.
pub(crate) fn wipe() {
    if is_lively() {
        anstream::print!("\r\x1b[2K");
        let _ = stdout().flush();
    }
}

/// Whether somebody can answer a question.
pub(crate) fn can_ask() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Asks, and returns the line that was typed; `None` when the input has ended.
pub(crate) fn ask(question: &str) -> io::Result<Option<String>> {
    anstream::print!("{question} ");
    stdout().flush()?;
    let mut answer = String::new();
    let read = stdin().read_line(&mut answer)?;
    Ok((read > 0).then(|| answer.trim().to_owned()))
}

/// Shows a long text: through `$PAGER` on a terminal, or `less`, or as it is.
pub(crate) fn page(text: &str) -> io::Result<()> {
    let pager = env::var("PAGER").unwrap_or("less -FRX".into());
    if !stdout().is_terminal() || pager.trim().is_empty() {
        return print(text);
    }
    // $PAGER is a command line; the shell splits it as its owner meant it.
    let mut pager = match Command::new("sh")
        .args(["-c", &pager])
        .stdin(Stdio::piped())
        .spawn()
    {
        Ok(pager) => pager,
        Err(_) => return print(text),
    };
    if let Some(mut input) = pager.stdin.take() {
        let choice = if has_colour() {
            ColorChoice::AlwaysAnsi
        } else {
            ColorChoice::Never
        };
        let mut shown = AutoStream::new(Vec::new(), choice);
        shown.write_all(text.as_bytes())?;
        // A reader who has seen enough quits, and the pipe breaks: that is no error.
        let _ = input.write_all(&shown.into_inner());
    }
    if pager.wait()?.code() == Some(127) {
        print(text)
    } else {
        Ok(())
    }
}

fn print(text: &str) -> io::Result<()> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
