//! Many clients at once, let in by waves.

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

/// This many clients connect before the last of them has to be answered: half of the usual backlog, or less where
/// this machine allows only a shorter one. A thousand in one
/// go take seconds on a loaded machine, because connection requests get lost.
const WAVE: usize = 64;

/// This many clients are a crowd: only one crowd at a time in a process, for the sake of its limit of open files.
const CROWD: usize = 200;

/// Open files that a check needs now and then besides those that it has, and a program besides its clients.
const BESIDES: usize = 12;

/// Clients of one program, all connected.
#[derive(Debug)]
pub struct Clients {
    clients: Vec<Client>,
    _alone: Option<MutexGuard<'static, ()>>,
}

/// Open files that are left to everything but the clients: to other checks in this process, where there are enough for
/// them, and to what this one has besides.
fn spare(limit: usize) -> usize {
    let besides = files::of(getpid()).len() + BESIDES;
    CROWD.min(limit / 4).max(besides)
}

impl Program {
    /// Connects `count` clients, or as many as the limit of open files allows, and says so then. The last of each
    /// wave is answered before the next wave comes.
    ///
    /// # Errors
    /// Red, when a client is refused or the last of a wave gets no answer; could not judge, when the limit does not even
    /// allow a wave.
    pub fn connect_many(&self, count: usize) -> Checked<Clients> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = (count > CROWD).then(|| lock(&ALONE));
        let limit = rlimit::files_allowed();
        let (spare, least) = (spare(limit), count.min(WAVE));
        let possible = count.min(limit.saturating_sub(spare));
        if possible < least {
            return Err(machine_check::too_few_files(least + spare));
        }
        if possible < count {
            self.note(format!(
                "only {possible} clients, not {count}: {limit} open files are allowed here"
            ));
        }
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
    /// Connects `count` clients and asks nothing of the program: few enough to wait in its backlog, all of them.
    ///
    /// # Errors
    /// Red, when a client is refused.
    pub fn connect_unanswered(&self, count: usize) -> Checked<Clients> {
        let clients = (0..count).map(|_| self.connect()).collect::<Checked<_>>()?;
        Ok(Clients {
            clients,
            _alone: None,
        })
    }

    /// Clients that have connected and that the program has not accepted yet, as the kernel counts them.
    #[must_use]
    pub fn waiting_clients(&self) -> u64 {
        let listener = tcp::listener(self.address()).ok().flatten();
        listener.map_or(0, |listener| listener.receive_queue)
    }
}

impl Clients {
    /// Each client, one after the other, sends `len` bytes of its own and gets them back.
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
