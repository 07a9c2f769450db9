//! What `just check lesson-16` holds your program to.
//!
//! # Hint: “no reactor running” says
//! Look for what is made before a `block_on` has begun: its arguments, for example. Inside of
//! `async { … }` it is made later, when the runtime is known.
//!
//! # Hint: “from within a runtime” says
//! A thread can be in one `block_on` at a time. Which of the two could another thread call?
//!
//! # Hint: “only when running on the multi-threaded runtime” is said
//! There are two ways to make a call that sleeps. `block_in_place` needs workers; `spawn_blocking`
//! hands the call to the pool, whatever the flavor.
//!
//! # Hint: “a blocking socket” says
//! `from_std` wants the socket as `into_std` has left it.

#[path = "grade/drivers.rs"]
mod drivers;
#[path = "grade/life.rs"]
mod life;
#[path = "grade/panics.rs"]
mod panics;
#[path = "grade/patience.rs"]
mod patience;
#[path = "grade/server.rs"]
mod server;
#[path = "grade/starve.rs"]
mod starve;
#[path = "grade/two_runtimes.rs"]
mod two_runtimes;

use assert_cmd::cargo::cargo_bin;
use grader::{check, departures, fd_exhaustion, memory};

/// What lesson 06's server did by hand, this one does too, on either flavor: it echoes to many at a
/// time, keeps what a full socket refuses, stops reading from a client that never reads, survives
/// resets, forgets clients that have left, and sleeps.
///
/// # Hint
/// Two loops: one accepts, one echoes. The second has an `await` in which it waits for its client;
/// what else should wait there with it?
///
/// # Hint
/// `tokio::spawn` takes a future and returns at once. Give it one for each client, and let it
/// own the client's socket.
///
/// # Hint
/// `read(&mut buffer).await` says how many bytes came, 0 is the goodbye, and `write_all(…).await`
/// waits for room. There is nothing to remember between two events: that is what the future does.
#[test]
fn echoes_like_lesson_06() {
    check(|c| {
        let current = c.start(cargo_bin!())?;
        server::echoes(c, &current)?;
        server::bears_with_its_clients(c, &current)?;
        let multi = c.start_with(cargo_bin!(), &["--flavor", "multi", "--workers", "3"])?;
        server::echoes(c, &multi)
    });
}

/// As many clients as the backlog takes may connect in one moment, a thousand may be there at a
/// time, and as many bytes may arrive as the kernel takes: all are served, and all are read.
///
/// # Hint
/// What is limited in your server: how many clients it has, or how much it does for one at a time?
///
/// # Hint
/// A task costs some hundred bytes. Nothing has to be full before the descriptors are.
#[test]
fn serves_as_many_as_come_at_once() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        server::takes_what_the_kernel_holds(c, &server)
    });
}

/// A client may leave at any moment, by a goodbye or by a reset: while it waits to be accepted,
/// while its bytes lie unread, while its socket is full. Each time the server rests afterwards,
/// keeps nothing of that client, and serves the others as quickly as before.
///
/// # Hint
/// Two things come together here. The failure says which two: what does each of your awaits answer
/// then?
///
/// # Hint
/// An error that has to do with one client may end that client's task, and nothing else. Does the
/// task that accepts ask a client's socket anything?
#[test]
fn survives_clients_that_leave_at_any_moment() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        departures::are_survived(c, &server, server::SERVER)
    });
}

/// Twelve thousand short clients leave nothing behind in the server's memory.
///
/// # Hint
/// When is the memory of a task given back: when its future has ended, or when nobody asks for its
/// output any more?
///
/// # Hint
/// A `JoinHandle` or a `JoinSet` keeps what a task has returned until it is taken. Drop the handle,
/// or take out of the set what has ended.
#[test]
fn keeps_nothing_of_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        memory::nothing_is_kept_of_clients_that_left(c, &server)
    });
}

/// Out of file descriptors, the server goes on serving the clients it has, burns nothing, and takes
/// in those who wait when descriptors are free again.
///
/// # Hint
/// `accept().await` is no more patient than `accept` was: where it has only an error to
/// give, it returns at once.
///
/// # Hint
/// `?` ends the server, and `continue` asks again at once. What lies between the two?
///
/// # Hint
/// `tokio::time::sleep` for some tens of milliseconds, in the arm of the error. The
/// other tasks run meanwhile.
#[test]
fn accept_survives_emfile() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        fd_exhaustion::is_survived(c, &server, &server::SHORTAGE)
    });
}

/// A multi-thread runtime has as many workers as were asked for, even if that is only one, beside
/// the thread that called `block_on`; more clients do not mean more workers. A current-thread
/// runtime has no thread but that one.
///
/// # Hint
/// `tokio::runtime::Builder` has a constructor for each flavor. Which of them knows of workers?
///
/// # Hint
/// `worker_threads` takes their number. The thread in `block_on` is none of them: it
/// only waits for your future.
///
/// # Hint
/// Look from outside: `ls /proc/PID/task`, and `cat /proc/PID/task/*/comm` for the names.
#[test]
fn multi_thread_starts_one_thread_per_worker() {
    check(|c| {
        for workers in [1, 3, 6] {
            let number = workers.to_string();
            let arguments = ["--flavor", "multi", "--workers", &number];
            let multi = c.start_with(cargo_bin!(), &arguments)?;
            server::has_threads(c, &multi, workers + 1)?;
        }
        let current = c.start_with(cargo_bin!(), &["--flavor", "current"])?;
        server::has_threads(c, &current, 1)
    });
}

/// `drivers none|io|time|both`: a runtime has the drivers it was given and no other. Whoever needs
/// one that is missing panics, and the panic names the call that was forgotten.
///
/// # Hint
/// A builder enables nothing by itself. What does `enable_all` enable, and was it asked for?
///
/// # Hint
/// There is one call for each driver: `enable_io`, `enable_time`. Make those that `drivers` says.
#[test]
fn a_missing_driver_is_a_panic_that_says_so() {
    check(|c| {
        for (which, io, time) in [
            ("none", false, false),
            ("io", true, false),
            ("time", false, true),
            ("both", true, true),
        ] {
            let program = c.spawn(cargo_bin!(), &["drivers", which])?;
            drivers::are_as_asked(&program, io, time)?;
        }
        Ok(())
    });
}

/// `elsewhere`: a stream is read on another runtime than its own. As long as nobody drives its own,
/// it hears nothing; as soon as another thread does, it hears everything.
///
/// # Hint
/// `away.block_on(hear_out(…))` polls the future on `away`. Who waits in the epoll instance where
/// the socket is registered?
///
/// # Hint
/// `enter()` says on which runtime new things are to be born, and drives nothing. A current-thread
/// runtime is driven by the thread that is in its `block_on`, for as long as it is in there.
///
/// # Hint
/// Move `home` into a thread, and call its `block_on` there with a future that never ends.
#[test]
fn a_stream_works_on_another_runtime_while_its_own_is_driven() {
    check(|c| {
        let program = c.start_with(cargo_bin!(), &["elsewhere"])?;
        two_runtimes::hears_while_it_is_driven(c, &program)
    });
}

/// `outlive`: a stream whose runtime has ended says so, with an error and at once; its socket is as
/// good as ever, and works again when it is moved to a runtime that lives.
///
/// # Hint
/// A runtime ends when it is dropped. The stream holds a part of it, but cannot keep it alive.
///
/// # Hint
/// `into_std` takes the socket out of the runtime, and `TcpStream::from_std` brings it into the one
/// in whose context it is called.
///
/// # Hint
/// `from_std` wants a socket that does not block, and `into_std` returns one: leave it as it is.
/// And there is a context inside `away.block_on(async { … })`.
#[test]
fn a_stream_outlives_its_runtime_with_an_error() {
    check(|c| {
        let program = c.start_with(cargo_bin!(), &["outlive"])?;
        two_runtimes::is_orphaned_and_moves(c, &program)
    });
}

/// `starve`: a blocking call in a task puts the runtime's only thread to sleep, and everybody waits
/// for one client. `starve --pool`: the same call on the runtime's blocking pool occupies one
/// thread of the pool, and nobody waits.
///
/// # Hint
/// A `std::net::TcpStream` reads and writes as in lesson 01, if its socket blocks.
/// `into_std` does not see to that.
///
/// # Hint
/// `set_nonblocking(false)`, and then a read puts its thread to sleep, whosever it is.
///
/// # Hint
/// The same closure, in two places: inside the future that you give to `tokio::spawn`, or given to
/// `tokio::task::spawn_blocking`.
#[test]
fn a_blocking_call_starves_a_current_thread_runtime() {
    check(|c| {
        let program = c.start_with(cargo_bin!(), &["starve"])?;
        starve::waits_for_one_client(c, &program)?;
        let program = c.start_with(cargo_bin!(), &["starve", "--pool"])?;
        starve::waits_for_nobody(c, &program)
    });
}

/// `life`: a task that is spawned runs once the spawner waits; a handle that is awaited answers
/// when the future has already been dropped; a handle that is dropped ends nothing; a task that is
/// aborted is dropped where it stands.
///
/// # Hint
/// `tokio::spawn` puts the task into a queue. On one thread it cannot run
/// before you wait for something.
///
/// # Hint
/// What a `JoinHandle` is for: to await it, to abort the task, or neither. The task does not need
/// it.
///
/// # Hint
/// Spawn all three first. Then `drop` the second handle, await the first, call `abort` on the
/// third, and await it as well.
#[test]
fn spawn_life_cycle_in_order() {
    check(|c| {
        let program = c.start_with(cargo_bin!(), &["life"])?;
        let mut clients = life::clients(&program)?;
        let lived = life::is_lived(c, &program, &mut clients);
        match life::broken(&program) {
            Some(stop) => Err(stop),
            None => lived,
        }
    });
}
