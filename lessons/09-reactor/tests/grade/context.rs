//! The context: where a source is registered, if anywhere.

use std::net::Shutdown;
use std::thread;

use grader::{Checked, Explain, Steps, WakerProbe, check, violation};
use mio::Interest;
use reactor::{Handle, Registration};

use crate::wire;
use crate::{task, turning};

/// Where no reactor was entered, `Handle::current` and `Registration::new` err; contexts nest.
///
/// # Hint
/// What does `Registration::new` do with the answer of `Handle::current`?
///
/// # Hint
/// It passes the error on. A panic would end a thread that could have done without a reactor, and a
/// global reactor would start behind everybody's back.
#[test]
fn no_reactor_is_a_clear_error() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| the_context(steps, &bytes)).explain(
            "without a reactor, `Registration::new` returns an error that says so; inside one, it registers there",
            "which reactor a source belongs to is decided by where it is registered. Where that is nowhere, the caller \
             has to hear of it: it has forgotten to enter one, or runs on another thread than it should",
            "what `Registration::new` does first",
        )
    });
}

/// Without a reactor, with one inside another, and without one again.
fn the_context(steps: &Steps, bytes: &[u8]) -> Checked {
    nowhere(steps, "before any reactor was entered")?;
    let (mut outer, entered) = turning::reactor()?;
    let (inner, entered_too) = turning::reactor()?;
    drop(entered_too);
    steps.now("a registration with the outer reactor, when the inner one was left");
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    task::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    turning::until_woken(&mut outer, &probe, "a task of the outer reactor")?;
    let elsewhere = steps.clone();
    let told = thread::spawn(move || nowhere(&elsewhere, "on another thread"));
    told.join().expect("its panic was told")?;
    drop((entered, inner));
    line.get_ref().shutdown(Shutdown::Both)?;
    nowhere(steps, "after the last one was left")
}

fn nowhere(steps: &Steps, when: &str) -> Checked {
    steps.now(&format!("`Handle::current` and `Registration::new` {when}"));
    if Handle::current().is_ok() {
        return Err(violation(format!(
            "`Handle::current`, {when}, returned a handle"
        )));
    }
    let (end, _peer) = wire::connection()?;
    match Registration::new(end, Interest::READABLE) {
        Err(_) => Ok(()),
        Ok(_) => Err(violation(format!(
            "`Registration::new`, {when}, registered the source somewhere"
        ))),
    }
}
