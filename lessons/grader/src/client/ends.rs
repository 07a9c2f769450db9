//! The two ends of a connection, as the kernel shows them: what a client knows without a byte from
//! the program.

use std::io;
use std::net::SocketAddr;

use crate::client::Client;
use crate::kernel::epoll::Registration;
use crate::kernel::tcp::{self, Socket};
use crate::reach;
use crate::verdict::stop::Checked;

/// The two ends of a connection, as the kernel shows them; `None` for an end that is gone.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The client's.
    pub mine: Option<Socket>,
    /// The program's.
    pub programs: Option<Socket>,
}

impl Client {
    /// Waits until the kernel shows `unread` bytes in the program's receive queue.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not show that.
    pub fn reach_unread(&self, unread: u64) -> Checked {
        let what = format!("{unread} bytes in the program's receive queue");
        self.reach(&what, |ends| {
            ends.programs.is_some_and(|end| end.receive_queue == unread)
        })
    }

    /// Waits until the kernel shows `what` of the two ends.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not show that.
    pub fn reach(&self, what: &str, shown: impl Fn(Ends) -> bool) -> Checked {
        reach(what, || self.ends().is_ok_and(&shown))
    }

    /// Whether the program has accepted this connection: until then its end has no inode.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.ends()
            .is_ok_and(|ends| ends.programs.is_some_and(|end| end.inode != 0))
    }

    /// The program's registration of its end of this connection with epoll; `None` while there is
    /// none.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        let inode = self.ends().ok()?.programs?.inode;
        let files = self.program.open_files();
        let file = files.iter().find(|f| f.socket_inode() == Some(inode))?;
        let registrations = self.program.registrations();
        registrations.into_iter().find(|r| r.fd == file.fd)
    }

    /// Both ends of the connection, as the kernel shows them.
    ///
    /// # Errors
    /// When the kernel tells neither over netlink nor in `/proc/net/tcp`.
    pub fn ends(&self) -> io::Result<Ends> {
        ends(self.local, self.remote)
    }
}

/// Looks up both ends, without a client.
pub(crate) fn ends(local: SocketAddr, remote: SocketAddr) -> io::Result<Ends> {
    let mine = tcp::connection(local, remote)?;
    let programs = tcp::connection(remote, local)?;
    Ok(Ends { mine, programs })
}
