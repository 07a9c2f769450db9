//! Many clients at once, connected in waves.
//!
//! Invariant: no wave is larger than half of the usual backlog, so no connection request gets lost.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard};

use rustix::process::getpid;

use crate::check::Check;
use crate::client::Client;
use crate::kernel::rlimit;
use crate::kernel::{files, tcp};
use crate::machine_check;
use crate::mutex::lock;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// The size of a wave: so many clients connect before the last of them has to be answered. It is
/// half of the usual backlog; a wave is smaller where this machine allows only a shorter one. A
/// thousand clients in one wave take seconds on a loaded machine, because connection requests get
/// lost.
const WAVE: usize = 64;

/// Only one set of more clients than this exists in a process at a time, because all its checks
/// share one limit of open files.
const MANY: usize = 200;

/// Open files to keep free: a check opens some more now and then, and a program needs some besides
/// its clients.
const BESIDES: usize = 12;

/// Clients of one program, all connected.
#[derive(Debug)]
pub struct Clients {
    /// In the order in which they connected.
    clients: Vec<Client>,
    /// Held for as long as these are more than `MANY` clients; `None` for fewer.
    _alone: Option<MutexGuard<'static, ()>>,
}

/// How many of `limit` open files are not for the clients: those that this process has open or soon
/// needs, and more for its other checks where the limit is high enough.
fn spare(limit: usize) -> usize {
    let besides = files::of(getpid()).len() + BESIDES;
    MANY.min(limit / 4).max(besides)
}

/// Waits until no other set of more than `MANY` clients is left, if `count` is more.
fn alone_with(count: usize) -> Option<MutexGuard<'static, ()>> {
    static ALONE: Mutex<()> = Mutex::new(());
    (count > MANY).then(|| lock(&ALONE))
}

impl Program {
    /// Connects `count` clients, or as many as the limit of open files allows; a note with the
    /// verdict then says so. The last client of each wave is answered before the next wave comes.
    ///
    /// # Errors
    /// Red, when a client is refused or the last of a wave gets no answer; could not judge, when
    /// the limit does not even allow a wave.
    pub fn connect_many(&self, count: usize) -> Checked<Clients> {
        let alone = alone_with(count);
        let limit = rlimit::files_allowed();
        let (spare, least) = (spare(limit), count.min(WAVE));
        if limit < least + spare {
            return Err(machine_check::too_few_files(least + spare));
        }
        let possible = self.as_many_clients_as(count);
        let wave = WAVE.min(tcp::longest_backlog() / 2).max(1);
        let mut clients = Vec::with_capacity(possible);
        while clients.len() < possible {
            for _ in 0..wave.min(possible - clients.len()) {
                clients.push(self.connect()?);
            }
            let connected = clients.len();
            if let Some(last) = clients.last_mut() {
                last.echo(b"let in?").suggest(
                    &format!("{connected} clients connect, and the last of them is served"),
                    "a client that has connected and gets no answer waits in the kernel: either the client itself \
                     does, at the listener, or its bytes do, unread",
                    "the autopsy says which of the two it is",
                )?;
            }
        }
        Ok(Clients {
            clients,
            _alone: alone,
        })
    }
}

impl Program {
    /// Connects `count` clients that send nothing. They must be few enough for all of them to wait
    /// in the program's backlog.
    ///
    /// # Errors
    /// Red, when a client is refused.
    pub fn connect_unanswered(&self, count: usize) -> Checked<Clients> {
        let alone = alone_with(count);
        let clients = (0..count).map(|_| self.connect()).collect::<Checked<_>>()?;
        Ok(Clients {
            clients,
            _alone: alone,
        })
    }

    /// `wanted` clients, or as many as the limit of open files allows; a note with the verdict then
    /// says so.
    pub(crate) fn as_many_clients_as(&self, wanted: usize) -> usize {
        let limit = rlimit::files_allowed();
        let possible = wanted.min(limit.saturating_sub(spare(limit)));
        if possible < wanted {
            self.note(format!(
                "only {possible} clients, not {wanted}: {limit} open files are allowed here"
            ));
        }
        possible
    }

    /// How many clients have connected and are not accepted yet, as the kernel counts them.
    #[must_use]
    pub fn waiting_clients(&self) -> u64 {
        let listener = tcp::listener(self.address()).ok().flatten();
        listener.map_or(0, |listener| listener.receive_queue)
    }
}

impl Clients {
    /// Has each client, one after the other, send `len` bytes of its own and get them back.
    ///
    /// # Errors
    /// As [`Client::echo`].
    pub fn echo(&mut self, check: &mut Check, len: usize) -> Checked {
        self.clients
            .iter_mut()
            .try_for_each(|client| client.echo(&check.payload(len)))
    }
}

impl Deref for Clients {
    type Target = Vec<Client>;

    fn deref(&self) -> &Vec<Client> {
        &self.clients
    }
}

impl DerefMut for Clients {
    fn deref_mut(&mut self) -> &mut Vec<Client> {
        &mut self.clients
    }
}
