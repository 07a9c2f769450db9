//! A race between the polls of a task and the wake that it waits for.

use std::task::{Context, Poll};

use crate::futures::waker_probe::WakerProbe;
use crate::verdict::stop::Checked;

impl WakerProbe {
    /// Polls again and again until a poll is ready, or until `over` says so after one that was
    /// pending. Each poll has another waker, as if the task had moved: so the waker of an earlier
    /// poll, called because the latest was left a moment too late, wakes nobody. After `Pending`
    /// it is still the latest waker that has to be called: [`WakerProbe::woken`].
    ///
    /// # Errors
    /// As [`WakerProbe::poll_with`].
    pub fn races<T>(
        &mut self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
        mut over: impl FnMut() -> bool,
    ) -> Checked<Poll<T>> {
        loop {
            self.move_task();
            let polled = self.poll_with(&mut poll)?;
            if polled.is_ready() || over() {
                return Ok(polled);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::Waker;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::mutex::lock;

    /// What a poll and its waker share: whether it is ready, and the waker of the latest poll.
    type Slot = Arc<Mutex<(bool, Option<Waker>)>>;

    fn becomes_ready(slot: &Slot) {
        let waker = {
            let mut slot = lock(slot);
            slot.0 = true;
            slot.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    #[test]
    fn a_poll_in_one_step_is_ready_or_is_woken() {
        for _ in 0..100 {
            let slot = Slot::default();
            let event = thread::spawn({
                let slot = Arc::clone(&slot);
                move || becomes_ready(&slot)
            });
            let mut probe = WakerProbe::new();
            let polled = probe.races(
                |cx| {
                    let mut slot = lock(&slot);
                    slot.1 = Some(cx.waker().clone());
                    if slot.0 {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                },
                || event.is_finished(),
            );
            if polled.expect("a waker is left").is_pending() {
                probe.woken().expect("the latest waker is called");
            }
            event.join().expect("no panic");
        }
    }

    #[test]
    fn a_waker_that_is_left_after_the_event_is_never_called() {
        let slot = Slot::default();
        let mut probe = WakerProbe::new();
        let polled = probe.races(
            |cx| {
                becomes_ready(&slot);
                lock(&slot).1 = Some(cx.waker().clone());
                Poll::<()>::Pending
            },
            || true,
        );
        assert_eq!(polled, Ok(Poll::Pending));
        assert!(probe.woken_within(Duration::from_millis(1)).is_err());
    }
}
