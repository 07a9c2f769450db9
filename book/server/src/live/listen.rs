//! Opens the port that the book is served on, and makes sure that a checkout has one server only.
//!
//! Invariant: the listener is bound to 127.0.0.1 and to nothing else.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use course::Workspace;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// The port, unless another is asked for.
const PORT: u16 = 3000;
/// How many ports are tried from there.
const TRIES: u16 = 50;
/// Permissions of the lock file: it holds the tokens, so only its owner may read it.
const OWNER_ONLY: u32 = 0o600;

/// Listens on the port `asked`; without it on the `last` port, where pages left open look for the
/// book; else on the first free port from [`PORT`] on.
///
/// # Errors
/// When the port that was asked for is taken, or all that were tried.
pub(super) fn listen(asked: Option<u16>, last: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match asked {
        Some(port) => bind(port).with_context(|| {
            format!("port {port} is not available; without --port the next free one is taken")
        })?,
        None => last
            .into_iter()
            .chain(PORT..PORT + TRIES)
            .find_map(|port| bind(port).ok())
            .map_or_else(|| bind(0), Ok)
            .context("no port of 127.0.0.1 is available")?,
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The lock that allows one server for a checkout. The kernel releases it when the process ends,
/// however it ends.
#[derive(Debug)]
pub(super) struct ServerLock {
    file: File,
    /// The port where the book was open last.
    pub(super) last: Option<u16>,
}

/// The addresses of an open book, each with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    /// For the terminal.
    pub(super) printed: String,
    /// For the command line of a browser, which other users can read; its token is valid once.
    pub(super) opened: String,
}

/// The result of asking for the lock.
#[derive(Debug)]
pub(super) enum Asked {
    /// This process has it.
    Ours(ServerLock),
    /// The book is open already.
    Open(Addresses),
}

impl ServerLock {
    /// Asks for the lock of this checkout.
    ///
    /// # Errors
    /// When the checkout cannot be written to, or its file system has no locks.
    pub(super) fn ask(workspace: &Workspace) -> io::Result<Asked> {
        fs::create_dir_all(workspace.state())?;
        let path = workspace.state().join("book.lock");
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWNER_ONLY)
            .open(path)?;
        let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut lines = text.lines();
        let printed = lines.next().unwrap_or_default().to_owned();
        match locked {
            Ok(()) => {
                let last = port(&printed);
                Ok(Asked::Ours(Self { file, last }))
            }
            Err(Errno::WOULDBLOCK) => {
                let opened = lines.next().unwrap_or(&printed).to_owned();
                Ok(Asked::Open(Addresses { printed, opened }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the addresses into the lock file, for the next `cargo book`.
    ///
    /// # Errors
    /// When that cannot be written, or others could read it.
    pub(super) fn write(&mut self, addresses: &Addresses) -> io::Result<()> {
        let Addresses { printed, opened } = addresses;
        self.file.set_len(0)?;
        // An earlier version of the course may have left the file readable for all.
        self.file
            .set_permissions(Permissions::from_mode(OWNER_ONLY))?;
        self.file.rewind()?;
        self.file
            .write_all(format!("{printed}\n{opened}\n").as_bytes())
    }
}

/// The port in `http://127.0.0.1:3000/?token=…`.
fn port(address: &str) -> Option<u16> {
    let (_, rest) = address.rsplit_once(':')?;
    rest.split('/').next()?.parse().ok()
}

/// Starts this program once more to open `address` in a browser, in a process group of its own:
/// Ctrl-C in this terminal ends the server, not the browser.
pub(super) fn show(address: &str) {
    let program = std::env::current_exe().unwrap_or_else(|_| "reader".into());
    let shown = Command::new(program)
        .args(["show", address])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn();
    match shown {
        // The child is waited for on a thread of its own, so that it does not stay a zombie.
        Ok(mut child) => _ = std::thread::spawn(move || child.wait()),
        Err(error) => super::console::say(&format!(
            "no browser could be opened ({error}); open that address in one"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loopback_is_listened_on() {
        assert!(
            listen(None, None)
                .unwrap()
                .local_addr()
                .unwrap()
                .ip()
                .is_loopback()
        );
    }

    #[test]
    fn a_port_that_is_taken_is_left_alone_and_another_found() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let refusal = format!("{:#}", listen(Some(port), None).unwrap_err());
        assert!(refusal.contains("without --port"), "{refusal}");
        let (one, other) = (listen(None, None).unwrap(), listen(None, None).unwrap());
        assert_ne!(one.local_addr().unwrap(), other.local_addr().unwrap());
    }

    #[test]
    fn a_second_server_is_told_where_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path());
        let Asked::Ours(mut server_lock) = ServerLock::ask(&workspace).unwrap() else {
            panic!("nobody else is here");
        };
        let addresses = Addresses {
            printed: "http://127.0.0.1:3000/?token=a".into(),
            opened: "http://127.0.0.1:3000/?token=once".into(),
        };
        let path = workspace.state().join("book.lock");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        server_lock.write(&addresses).unwrap();
        let second = ServerLock::ask(&workspace).unwrap();
        assert!(matches!(second, Asked::Open(told) if told == addresses));
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
        drop(server_lock);
        let third = ServerLock::ask(&workspace).unwrap();
        assert!(matches!(third, Asked::Ours(server_lock) if server_lock.last == Some(3000)));
    }

    #[test]
    fn the_port_of_last_time_is_taken_again_if_it_is_free() {
        let last = listen(None, None).unwrap().local_addr().unwrap().port();
        let listener = listen(None, Some(last)).unwrap();
        assert_eq!(listener.local_addr().unwrap().port(), last);
        let other = listen(None, Some(last)).unwrap();
        assert_ne!(other.local_addr().unwrap().port(), last);
    }
}
