//! A new source, and what the kernel knows of it.

use std::os::fd::AsRawFd;

use grader::kernel::epoll;
use grader::{Checked, Explain, Steps, check, violation};
use mio::Interest;
use rustix::process::getpid;

use crate::turning;
use crate::wire;

/// `Registration::new` tells the kernel of its source: for the interest that it was given, and
/// under a token of its own.
///
/// # Hint
/// Two have to know of a source: the kernel, and the reactor, which is to find it by its token.
/// Which of them gives out the token?
///
/// # Hint
/// The switchboard gives a token. `Registry::register` tells the kernel of it, and
/// `handle.registry()` is there for that.
#[test]
fn a_new_source_is_known_to_the_kernel() {
    check(|c| {
        c.isolated(are_registered).explain(
            "after `Registration::new`, the kernel has the source registered, under a token that nothing else has",
            "`epoll_wait` tells of what is registered, and says the token and nothing more. What the kernel does not know of \
             never has an event, and two sources with one token, or with the bell's, are one to everybody",
            "what `Registration::new` tells the kernel, and where its token comes from",
        )
    });
}

/// Three sources are registered, and looked for in the kernel.
fn are_registered(steps: &Steps) -> Checked {
    let (_reactor, _entered) = turning::reactor()?;
    let before: Vec<u64> = epoll::registrations(getpid())
        .iter()
        .map(|known| known.data)
        .collect();
    let mut lines = Vec::new();
    let mut tokens = before;
    for (interest, reads, writes) in [
        (Interest::READABLE, true, false),
        (Interest::WRITABLE, false, true),
        (Interest::READABLE | Interest::WRITABLE, true, true),
    ] {
        let (end, peer) = wire::connection()?;
        let fd = end.as_raw_fd();
        steps.now("`Registration::new`");
        let line = wire::register(end, interest)?;
        if line.get_ref().as_raw_fd() != fd {
            return Err(violation(
                "`get_ref` is another source than the one that was registered",
            ));
        }
        let known = epoll::registrations(getpid());
        let Some(known) = known.into_iter().find(|known| known.fd == fd) else {
            return Err(violation(
                "a source was registered, and the kernel does not know of it",
            ));
        };
        if (known.wants_to_read(), known.wants_to_write()) != (reads, writes) {
            return Err(violation(format!(
                "a source was registered for {interest:?}, and the kernel has other events for it: {:#x}",
                known.events
            ))
            .explain(
                "the kernel is told of a source for the interest that it was registered with, no more and no less",
                "each event that nobody wants gets the reactor's thread up for nothing, and one that is not asked for never \
                 comes",
                "which interest `Registration::new` passes on",
            ));
        }
        if tokens.contains(&known.data) {
            return Err(violation(format!(
                "a source was registered under token {}, which is the bell's, or another source's",
                known.data
            )));
        }
        tokens.push(known.data);
        lines.push((line, peer));
    }
    Ok(())
}
