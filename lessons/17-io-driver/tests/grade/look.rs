//! The lines of `explore`, and what two of its moments have to tell.

use std::fmt;

use grader::reading::is_heard;
use grader::{Checked, Client, Explain, Program};

/// The moments that are told of, by the word that their lines begin with.
#[derive(Clone, Copy)]
pub(crate) enum Moment {
    Connected,
    Data,
    Goodbye,
    Shutdown,
    Reset,
}

/// One line: `data: readable: true, writable: true, read-closed`.
pub(crate) struct Look {
    word: &'static str,
    /// What stands behind the word.
    told: String,
}

impl Moment {
    fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Data => "data",
            Self::Goodbye => "goodbye",
            Self::Shutdown => "shutdown",
            Self::Reset => "reset",
        }
    }
}

impl Look {
    /// Whether it tells this and nothing else.
    pub(crate) fn is(&self, told: &str) -> bool {
        self.told == told
    }

    /// Whether it tells this, and perhaps more.
    fn begins(&self, told: &str) -> bool {
        self.told.starts_with(told)
    }

    /// Whether this word is among those at its end.
    pub(crate) fn says(&self, word: &str) -> bool {
        self.told.split(", ").any(|told| told == word)
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}: {}`", self.word, self.told)
    }
}

/// The look that a line tells of, if it is one of this moment.
fn parse(line: &str, moment: Moment) -> Option<Look> {
    let word = moment.word();
    let told = line.strip_prefix(word)?.strip_prefix(": ")?.to_owned();
    Some(Look { word, told })
}

/// Waits for the line of a moment.
pub(crate) fn looks(program: &Program, moment: Moment) -> Checked<Look> {
    let what = format!("`{}: readable: …`", moment.word());
    program.says(&what, |line| parse(line, moment))
}

/// So many messages have been read: each of them was announced by a look, or by several.
pub(crate) fn data(program: &Program, messages: usize) -> Checked {
    let expected = "each chunk that is read is announced by `data: readable: true, writable: true`";
    let lines = program.lines();
    let looks = lines.iter().filter_map(|line| parse(line, Moment::Data));
    let looks: Vec<Look> = looks.collect();
    if looks.len() < messages {
        let saw = format!("{} lines `data: …` for {messages} messages", looks.len());
        return Err(program.red(saw).explained(
            expected,
            "the look is taken when the wait is over and before the read, once for each chunk",
            "what happens between the return of `readable` and the line `read N bytes`",
        ));
    }
    let is_right = |look: &Look| look.begins("readable: true, writable: true");
    match looks.iter().find(|look| !is_right(look)) {
        None => Ok(()),
        Some(wrong) => Err(program.red(wrong.to_string()).explained(
            expected,
            "what `ready` returns is a copy, and it does not change when the note does. A look from before an await \
             tells of before; a look with half of the interest tells half",
            "which `Ready` is printed, when it was asked for, and with which interest",
        )),
    }
}

/// Waits until all bytes before the goodbye are read, and the goodbye is told as what it is.
pub(crate) fn goodbye(program: &Program, server: &mut Client) -> Checked {
    is_heard(server).explain(
        "bytes that came together with the goodbye are read like all others",
        "the note says read-closed as soon as the goodbye has arrived, and by then nobody may have read the last bytes. \
         It tells how the stream will end, and not that it has",
        "what makes the reading stop: the note, or a read of 0 bytes",
    )?;
    let look = looks(program, Moment::Goodbye).explain(
        "when a read has brought 0 bytes the program prints a line that begins with `goodbye:`",
        "0 bytes are the end of what the server sends, and not an empty message: from now on `readable` returns at \
         once, for ever, and every read brings 0 bytes again",
        "what a read of 0 bytes makes the loop do",
    )?;
    if look.is("readable: true, writable: true, read-closed") {
        return Ok(());
    }
    Err(program.red(look.to_string()).explained(
        "the server has closed its write half: `goodbye: readable: true, writable: true, read-closed`",
        "that half is this program's read side, and it counts as readable, since a read would not wait. Of its write \
         side nothing is known: the server may still want to read",
        "when this look is taken, and with which interest",
    ))
}

/// Waits until the program has closed its own write half, and has seen that both are closed now.
pub(crate) fn shutdown(program: &Program, server: &mut Client) -> Checked {
    server.expect_goodbye().explain(
        "after the goodbye the program closes its own write half, and the server reads the end",
        "the server is not going to close what is yours. Write-closed means that both directions are shut, and this \
         one waits for you",
        "what the program does between `goodbye` and the wait for write-closed",
    )?;
    let look = looks(program, Moment::Shutdown).explain(
        "when both halves are closed the program prints a line that begins with `shutdown:`",
        "the kernel tells the driver of it as of any other event, when the driver asks",
        "what is waited for after the shutdown",
    )?;
    if look.says("read-closed") && look.says("write-closed") {
        return Ok(());
    }
    Err(program.red(look.to_string()).explained(
        "with both halves closed the look says `read-closed` and `write-closed`",
        "`shutdown` speaks to the kernel, the look reads the driver's note, and between the two the driver has to turn. \
         Until then the note is what it was before",
        "what happens between the shutdown and this look: does the driver get a turn?",
    ))
}
