//! A bounded load: many clients, of whom one in ten talks, and the time that each message waits for
//! its answer.
//!
//! Invariant: one message is under way at a time, from a talker chosen at random. So the measured
//! time is the program's, without a queue in front of it; and no program profits from going round
//! its clients in the order in which they came.

use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::check::Check;
use crate::client::clients::Clients;
use crate::client::{Client, SLICE};
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// How long a message is, in bytes: a line of text.
const MESSAGE_BYTES: usize = 64;

/// How a program answers a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The bytes come back.
    #[default]
    Echo,
    /// A line appears on its standard output.
    Line,
}

/// How much the talkers say.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    /// How the program answers.
    pub answer: Answer,
    /// How many messages are sent, if there is time for them; at least one is.
    pub messages: usize,
    /// After this, no further message is sent.
    pub at_most: Duration,
}

impl Program {
    /// Connects `count` clients to a program that answers in this way, and returns when the last of
    /// them is served.
    ///
    /// # Errors
    /// As [`Program::connect_many`].
    pub fn connect_talkative(&self, count: usize, answer: Answer) -> Checked<Clients> {
        if answer == Answer::Echo {
            return self.connect_many(count);
        }
        let clients = self.connect_unanswered(count)?;
        let all_in = || clients.iter().all(Client::is_accepted).then_some(());
        match self.owes(all_in) {
            Some(()) => Ok(clients),
            None => Err(self
                .red("a client has connected, and the program does not accept it")
                .suggest("the program accepts its clients", "", "where it accepts")),
        }
    }
}

impl Clients {
    /// How many of these clients talk: one in ten, at least one.
    #[must_use]
    pub fn talkers(&self) -> usize {
        (self.len() / 10).max(1)
    }

    /// Lets the talkers take turns, and returns how long each message waited for its answer.
    ///
    /// # Errors
    /// Red, when an answer is wrong or does not come.
    pub fn talk(&mut self, check: &mut Check, talk: Talk) -> Checked<Vec<Duration>> {
        let begun = Instant::now();
        let talkers = self.talkers();
        let mut waited = Vec::with_capacity(talk.messages);
        while waited.len() < talk.messages.max(1) {
            let talker = check.any_below(talkers) * 10;
            let message = check.payload(MESSAGE_BYTES);
            waited.push(self[talker].ask(&message, talk.answer)?);
            if begun.elapsed() >= talk.at_most {
                break;
            }
        }
        Ok(waited)
    }
}

impl Client {
    /// Sends a message, waits for the answer, and returns how long that took.
    fn ask(&mut self, message: &[u8], answer: Answer) -> Checked<Duration> {
        let program = self.program().clone();
        let printed = program.printed_bytes();
        let begun = Instant::now();
        match answer {
            Answer::Echo => self.echo(message)?,
            Answer::Line => {
                self.send(message)?;
                let heard = program.owes(|| program.prints_beyond(printed, SLICE).then_some(()));
                let silent = || program.red("no line appeared after a message was sent");
                heard.ok_or_else(silent).suggest(
                    "the program prints a line when it has read a message",
                    "standard output is kept back until it is flushed, where the end of a line does not flush it",
                    "what is printed after a read",
                )?;
            }
        }
        Ok(begun.elapsed())
    }
}
