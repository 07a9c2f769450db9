//! The lines of `explore`, and what two of its moments have to tell.

use std::fmt;

use grader::reading::is_heard;
use grader::{Cause, Checked, Client, Explain, Explanation, Program};

use crate::data;

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
    pub(crate) fn begins(&self, told: &str) -> bool {
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
pub(crate) fn parse(line: &str, moment: Moment) -> Option<Look> {
    let word = moment.word();
    let told = line.strip_prefix(word)?.strip_prefix(": ")?.to_owned();
    Some(Look { word, told })
}

/// Waits for the line of a moment.
pub(crate) fn looks(program: &Program, moment: Moment) -> Checked<Look> {
    let what = format!("`{}: readable: …`", moment.word());
    program.says(&what, |line| parse(line, moment))
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
    data::goodbye_is_no_data(program)?;
    if look.is("readable: true, writable: true, read-closed") {
        return Ok(());
    }
    Err(program.red(look.to_string()).explain(
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
    let look = looks(program, Moment::Shutdown).explain_when(
        Cause::Ended,
        "the moment has not come when the half is shut: it comes when the driver has heard of it, and the program has \
         not waited for that",
        "what stands between the shutdown and the end of the program",
    );
    let look = look.explain_by(|_| Explanation {
        expected: "when both halves are closed the program prints a line that begins with `shutdown:`",
        why: if program.spins_in_its_own_code() {
            "`ready` returns at once, because there is always room to write, and a loop around it never lets the \
             driver have its turn. As long as the driver does not turn, each look is the same as the one before: the \
             kernel knows that both halves are closed, and nobody asks it"
        } else {
            "the kernel tells the driver of it as of any other event, when the driver asks. It says then that both halves are \
             closed, and it has nothing more to say"
        },
        look: "what is waited for after the shutdown, and how",
    })?;
    if look.says("read-closed") && look.says("write-closed") {
        return Ok(());
    }
    Err(program.red(look.to_string()).explain(
        "with both halves closed the look says `read-closed` and `write-closed`",
        "`shutdown` speaks to the kernel, the look reads the driver's note, and between the two the driver has to turn. \
         Until then the note is what it was before",
        "what happens between the shutdown and this look: does the driver get a turn?",
    ))
}

/// Waits until the reset is told, as what it is.
pub(crate) fn reset(program: &Program) -> Checked {
    let look = looks(program, Moment::Reset).explain_by(|_| {
        let is_over = |line: &String| parse(line, Moment::Goodbye).is_some();
        Explanation {
            expected: "when the server resets the connection `explore` prints a line that begins with `reset:`",
            why: if program.lines().iter().any(is_over) {
                "the note says read-closed after a reset as well: nothing more will come, either way. It is the read \
                 that tells whether it was a goodbye or a reset, by its answer: 0 bytes, or ConnectionReset"
            } else {
                "a reset ends the wait for READABLE, and the read after it fails with ConnectionReset. Here that is a \
                 moment to be told, and not a failure"
            },
            look: "what ends the reading, and what each error of the read makes the program do",
        }
    })?;
    if look.says("error") {
        return Ok(());
    }
    Err(program.red(look.to_string()).explain(
        "after a reset the look says `error`",
        "`ready` hands out those bits that its interest names, and ERROR is a name of its own: the note has it, and the \
         look did not ask",
        "the interest of the look that is printed",
    ))
}

/// Nothing is told after the reset: it is the last moment of a connection.
pub(crate) fn reset_is_the_last(program: &Program) -> Checked {
    let lines = program.lines();
    let later = [Moment::Goodbye, Moment::Shutdown].into_iter();
    let mut looks = later.filter_map(|moment| lines.iter().find_map(|line| parse(line, moment)));
    let Some(look) = looks.next() else {
        return Ok(());
    };
    Err(program.red(format!("`reset: …`, and also {look}")).explain(
        "a connection that was reset has no goodbye and no shutdown",
        "a reset is the end of both halves at once. The server has not said that it sends no more, and there is nothing left \
         to be shut",
        "where the program goes when it has told the reset",
    ))
}
