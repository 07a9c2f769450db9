//! Runs jobs on several threads, and reports their results in the order of the jobs.
//!
//! Invariant: each job is begun once, and the listener hears of job n only after all before it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often a listener hears that a job is still being done.
const TICK: Duration = Duration::from_millis(100);

/// An event, passed to the listener.
#[derive(Debug)]
pub enum Heard<'a, T> {
    /// The next job in the order is still running.
    Waiting {
        /// Which it is.
        job: usize,
        /// How many jobs have a result already.
        done: usize,
    },
    /// The next job has its result.
    Done {
        /// Which it is.
        job: usize,
        /// Its result.
        result: &'a T,
    },
}

/// Has `workers` threads do the jobs 0 to `jobs`, and returns the results in order. `work` is given
/// the number of its worker and that of the job; once it returns `None`, its worker begins no
/// other.
///
/// # Errors
/// When not one thread can be started; where some cannot, the others do all the work.
pub fn in_order<T: Send>(
    jobs: usize,
    workers: usize,
    work: impl Fn(usize, usize) -> Option<T> + Sync,
    mut listener: impl FnMut(Heard<'_, T>),
) -> io::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<T>> = (0..jobs).map(|_| None).collect();
    let mut told = 0;
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for worker in 0..workers.min(jobs) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            let works = move || {
                loop {
                    let job = next.fetch_add(1, Ordering::SeqCst);
                    if job >= jobs {
                        return;
                    }
                    let Some(result) = work(worker, job) else {
                        return;
                    };
                    // The receiver lives until all workers have ended.
                    let _ = sender.send((job, result));
                }
            };
            match thread::Builder::new().spawn_scoped(scope, works) {
                Ok(_) => {}
                Err(_) if worker > 0 => break,
                Err(error) => return Err(error),
            }
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(TICK) {
                Ok((job, result)) => {
                    results[job] = Some(result);
                    while let Some(Some(result)) = results.get(told) {
                        listener(Heard::Done { job: told, result });
                        told += 1;
                    }
                }
                Err(RecvTimeoutError::Timeout) if told < jobs => {
                    let done = results.iter().flatten().count();
                    listener(Heard::Waiting { job: told, done });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(())
    })?;
    Ok(results.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn jobs_are_told_in_order_whichever_ends_first() {
        let both = Barrier::new(2);
        let mut told = Vec::new();
        let results = in_order(
            2,
            2,
            |_, job| {
                both.wait();
                if job == 0 {
                    thread::sleep(2 * TICK);
                }
                Some(job * 10)
            },
            |heard| {
                if let Heard::Done { job, result } = heard {
                    told.push((job, *result));
                }
            },
        )
        .unwrap();
        assert_eq!(told, [(0, 0), (1, 10)]);
        assert_eq!(results, [0, 10]);
    }

    #[test]
    fn a_worker_that_stops_begins_no_other_job() {
        let results = in_order(9, 1, |_, job| (job < 3).then_some(job), |_| {}).unwrap();
        assert_eq!(results, [0, 1, 2]);
    }
}
