//! What `just check lesson-09` holds your program to.

#[path = "grade/background.rs"]
mod background;
#[path = "grade/dispatch.rs"]
mod dispatch;
#[path = "grade/ending.rs"]
mod ending;
#[path = "grade/gaps.rs"]
mod gaps;
#[path = "grade/locks.rs"]
mod locks;
#[path = "grade/readiness.rs"]
mod readiness;
#[path = "grade/tokens.rs"]
mod tokens;
#[path = "grade/wire.rs"]
mod wire;

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Explain, check, echo};

use crate::wire::violation;

/// A turn asks the kernel once, however many sources are ready, and also when there is nothing to tell.
///
/// # Hint
/// `Poll::poll` is one system call. How many calls does a turn make of it, and what else does it ask the kernel?
///
/// # Hint
/// One `Poll::poll` with the time-out that the caller gave. All that comes after it is your own memory.
#[test]
fn one_turn_is_one_system_call() {
    check(|c| {
        let expected =
            "a turn makes one system call, epoll_wait, and passes on all that it has returned";
        let why = "the kernel hands out as many events as there is room for, and sleeps if there are none: it need not \
                   be asked twice. What a turn asks beyond that is paid for in every turn of every program on it";
        let look = "every call of `turn` that leads into the kernel";
        let turns = c
            .apart_traced(dispatch::turns_are_counted)
            .explain_rest(expected, why, look)?;
        let is_right = |turn: &&Vec<String>| matches!(turn.as_slice(), [call] if call.starts_with("epoll_") && call.contains("wait"));
        let Some(wrong) = turns.iter().find(|turn| !is_right(turn)) else {
            return Ok(());
        };
        let saw = match wrong.as_slice() {
            [] => "a turn has made no system call at all".into(),
            calls => format!("a turn has made these calls: {}", calls.join(", ")),
        };
        Err(violation(saw).explained(expected, why, look))
    });
}

/// Of two sockets, the one that is ready has its task woken, where that was polled last, and the other has not. The turn
/// reads nothing.
///
/// # Hint
/// An event carries a token. What does the token lead to?
///
/// # Hint
/// From the token to the shared state of one source, from there to the waker of the direction that has become ready;
/// that one is called, and no other.
#[test]
fn wakes_the_task_whose_socket_is_ready() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| dispatch::wakes_whom_it_concerns(steps, &bytes)).explain_rest(
            "an event wakes the task that waits for that socket, and none that waits for another; `turn` returns 1",
            "the token says whose event it is. Who wakes more tasks than that has built a loop that asks everybody \
             because something has happened to one: a poll of all for each event",
            "how you get from the token of an event to a waker",
        )?;
        c.apart(|steps| dispatch::wakes_where_the_task_is_now(steps, &bytes)).explain_rest(
            "a task that has polled twice, with two different wakers, is woken through the second",
            "a waker says where the task is to be found, and tasks move. The latest poll in a direction is the one that \
             waits; the waker of an earlier one rings at an empty house",
            "what a poll does with a waker that is there already",
        )
    });
}

/// A reader and a writer wait at one socket. When there is something to read and room to write, both are woken.
///
/// # Hint
/// Two tasks, one socket. How many wakers are there to be remembered?
///
/// # Hint
/// Each direction has a waker of its own. An event may be for one of them, or for both at once: EPOLLIN and EPOLLOUT
/// come in one.
#[test]
fn reader_and_writer_of_one_socket_are_both_woken() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| dispatch::wakes_reader_and_writer(steps, &bytes)).explain_rest(
            "the task that waits to read and the task that waits to write are both woken, at the same socket",
            "they are two tasks with two wakers. Where there is one place for both, the later one pushes the earlier \
             one out, and nobody ever calls it",
            "where wakers are kept, and which of them an event takes",
        )
    });
}

/// An event that comes when a read was refused and no waker is left yet is found by the poll that follows; also when
/// the reactor turns on another thread, at the very same moment, and while the poll clones its waker.
///
/// # Hint
/// Between the refused read and the stored waker there is a moment in which nobody waits. What becomes of an event
/// that comes then?
///
/// # Hint
/// An event has to leave something behind, whether somebody waits or not. And a poll must not leave its waker without
/// having looked for that.
///
/// # Hint
/// Look and leave the waker under one and the same lock, with a clone that was made before; the event sets readiness and
/// takes the waker under that lock too. Or look again when the waker is left.
#[test]
fn an_event_between_would_block_and_the_waker_is_not_lost() {
    check(|c| {
        let (bytes, seed) = (c.payload(100), c.payload(997));
        let expected = "an event that comes between the refused read and the waker is found by the poll that leaves the waker";
        let why = "the edge is told once, and at that moment there is nobody to wake. It has to be written down, and to \
                   be looked for in one step with leaving the waker";
        c.apart(|steps| gaps::outlives_a_refusal(steps, &bytes))
            .explain_rest(expected, why, "what an event does where no waker is")?;
        c.apart(|steps| gaps::outlives_a_look(steps, &bytes)).explain_rest(
            expected,
            "the look and the leaving are two steps there, and an event may come between them. It finds no waker, and sets \
             a flag that this poll has looked at already; the waker is left for an event that has been",
            "what lies between the look at the readiness and the place where the waker is put",
        )?;
        c.apart(|steps| gaps::wins_every_race(steps, &seed)).explain_rest(
            expected,
            why,
            "whether an event can come between your look at the readiness and your leaving the waker",
        )
    });
}

/// Readiness that came before the first poll is found by it, and stays until a read is refused: looking does not use it
/// up, and neither does a read that takes only a part.
///
/// # Hint
/// Readiness is a state of the source, not a message to one poll. Who may change it?
///
/// # Hint
/// An event sets it. A refused read takes it back, through `clear`. `poll_ready` only looks.
#[test]
fn readiness_that_came_first_is_remembered() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| readiness::waits_for_the_first_poll(steps, &bytes)).explain_rest(
            "a poll that comes after the event is ready at once",
            "an event is dispatched when it comes, and perhaps nobody has polled by then. Who only passes it on, to \
             whoever waits just now, has lost it for all who come later",
            "what is written down when an event comes",
        )?;
        c.apart(|steps| readiness::is_not_used_up(steps, &bytes)).explain_rest(
            "a source is ready until a try is refused, however often it is asked, and however little is read",
            "the kernel tells of these bytes once. If a poll uses the readiness up, a small buffer or a future that is \
             dropped before it reads leaves the rest lying there, and no event will ever come for it",
            "what `poll_ready` changes when it is ready",
        )
    });
}

/// A clear takes back what was seen before the read, and never an event that has come since.
///
/// # Hint
/// The read is refused, then bytes come, the reactor turns, and only then do you clear. What exactly may be cleared?
///
/// # Hint
/// Count the events of each direction. `poll_ready` says the count along with its answer; that is the tick.
///
/// # Hint
/// `clear(tick)` changes something only if the count is still the same. `poll_io` then asks `poll_ready` again.
#[test]
fn clearing_never_erases_a_newer_event() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| readiness::outlives_a_clear(steps, &bytes)).explain_rest(
            "in `poll_io`, an event that comes after the refused try and before the clear leads to another try",
            "a refusal says something about the moment of the read. What is cleared later may be younger than that, and \
             whoever clears without asking how old it is erases an event that was meant for him",
            "how `clear` knows that nothing has happened since the tick",
        )
    });
}

/// The last bytes and the goodbye come in one event: after the bytes, the goodbye is still ready. And a goodbye without
/// any bytes, a pipe that hangs up, wakes as well.
///
/// # Hint
/// Nothing follows a goodbye, no second event either. For how long has its readiness to last?
///
/// # Hint
/// Keep the end apart from the readiness that comes and goes: set by an event, cleared by nobody.
///
/// # Hint
/// `is_read_closed` and `is_write_closed` are true also where `is_readable` and `is_writable` are not: EPOLLHUP alone.
#[test]
fn the_last_bytes_and_the_goodbye_in_one_edge() {
    check(|c| {
        let bytes = c.payload(10);
        c.apart(|steps| readiness::outlives_the_last_bytes(steps, &bytes)).explain_rest(
            "once the other end has said goodbye, reading is ready for good, whatever is cleared",
            "bytes and goodbye are one edge. A read that brought fewer bytes than there was room for may clear, and with \
             that the goodbye is gone, if it is kept in the same place: nothing will ever come to set it again",
            "what a clear leaves standing",
        )?;
        c.apart(readiness::hears_of_a_hangup).explain_rest(
            "when the writer of a pipe leaves without a word, its reader is woken, and reads 0 bytes",
            "a hang-up has a bit of its own, EPOLLHUP, and may come without EPOLLIN. mio's `is_readable` is false then, \
             and `is_read_closed` is true",
            "which of an event's questions you ask for each direction",
        )
    });
}

/// No token is given twice while the reactor lives, and nothing is left of those that are gone. An event for a source
/// that was dropped in the same batch is for nobody, never for the newcomer.
///
/// # Hint
/// A batch of events is a list of tokens as they were when the kernel was asked. What may have happened to the second by
/// the time that the first is dealt with?
///
/// # Hint
/// Never reuse a token: count them, or give each place in a list a generation that is part of the token.
///
/// # Hint
/// Look the token up when its event has its turn, and not all of them beforehand. What is not found is skipped.
#[test]
fn a_token_is_never_used_twice() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| tokens::mean_nobody_else(steps, &bytes)).explain_rest(
            "an event for a source that was dropped earlier in the batch reaches nobody",
            "the events of a batch were fetched before its first waker was called, and that waker may drop sources and \
             register others. If a newcomer gets the number of one who has gone, it gets his post too",
            "how a new token is chosen, and when the token of an event is looked up",
        )?;
        c.apart(tokens::are_all_different).explain_rest(
            "thousands of registrations have as many tokens, and leave no memory behind",
            "an event may lie in a batch, or in the kernel, for longer than its source lives. Only a number that never \
             comes back can be told from one that means something else by now",
            "what becomes of a token, and of what it led to, when its source is gone",
        )
    });
}

/// What `into_inner` gives back, and what a drop leaves behind, is no longer registered with the kernel.
///
/// # Hint
/// Two parties know of a source. Which of them does your `into_inner` tell, and which does your drop?
///
/// # Hint
/// `Registry::deregister` is `EPOLL_CTL_DEL`. That closing a descriptor makes epoll forget it is true only as long as
/// nobody has a duplicate.
#[test]
fn into_inner_gives_back_a_socket_that_is_no_longer_registered() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| tokens::are_forgotten(steps, &bytes)).explain_rest(
            "after `into_inner`, and after a drop, the kernel has the socket registered no more",
            "epoll watches what is open, not your registration. As long as the socket, or a duplicate of its \
             descriptor, is open somewhere, it reports under a token that means nothing any more",
            "who calls `deregister`, on each way that a registration can end",
        )
    });
}

/// A waker may do anything when it is called or dropped: poll, register, drop a registration. Nothing is locked
/// meanwhile.
///
/// # Hint
/// Which lines of yours run somebody else's code? The calls of `wake`; and each place where a waker, or something with a
/// waker in it, goes out of scope.
///
/// # Hint
/// Take the waker out under the lock, end the lock's scope, then call it. A replaced waker: carry it out of the scope,
/// too, and let it drop there.
///
/// # Hint
/// A guard in a `match` or at the end of an expression lives longer than it looks: until the end of the statement.
#[test]
fn waking_never_holds_the_lock() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| locks::a_call_comes_back(steps, &bytes)).explain_rest(
            "a waker that is called may poll, register and drop, on the spot",
            "to wake is to run somebody else's code. It may ask for the very lock that its caller holds, and a thread \
             that waits for itself waits for ever",
            "which locks are held where `wake` is called",
        )?;
        c.apart(locks::a_drop_comes_back).explain_rest(
            "a waker that is replaced may do the same when it is dropped",
            "the last clone of a waker takes its task along, and the task what it owns: its registrations, for example, \
             whose drop comes back to you. An assignment drops the old value on the spot, under the lock if there is one",
            "where a waker goes that is replaced by another",
        )
    });
}

/// A source can be registered while another thread sleeps in `turn`, and is heard of at once, even if it has been ready
/// for long.
///
/// # Hint
/// `turn` may sleep for hours. What must it not hold meanwhile?
///
/// # Hint
/// `Registry` needs no turn to end: `epoll_ctl` works while another thread is in `epoll_wait` on the same instance.
///
/// # Hint
/// The first event may come before `register` has returned. Where does its token lead to by then?
#[test]
fn registering_from_another_thread_works_while_it_sleeps() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| background::takes_sources_in_its_sleep(steps, &bytes)).explain_rest(
            "while one thread sleeps in `turn`, others register and drop, and what they register wakes them",
            "whoever holds a lock while he sleeps makes everybody wait for an event; and the event that they wait for \
             may be the one they were about to register",
            "what is locked while `Poll::poll` sleeps",
        )?;
        c.apart(|steps| background::hears_of_what_was_there(steps, &bytes)).explain_rest(
            "a socket that has bytes already when it is registered is ready, or becomes so, also when the reactor fetches its \
             event before `register` has returned",
            "from the moment in which the kernel knows a source, its event may be fetched, by a thread that is already up. \
             A token that leads nowhere yet is skipped, and for bytes that lie there no second event comes",
            "who hears of a new source first, the kernel or the reactor",
        )
    });
}

/// `unpark` and the bell end the turn that sleeps, or else the next one, which returns 0 for it; and no further one.
///
/// # Hint
/// The bell is a source like any other for the kernel. For whom is its event?
///
/// # Hint
/// For nobody: it has done its work when `Poll::poll` has returned. Skip it, and do not count it.
#[test]
fn unpark_ends_a_turn() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| ending::by_the_bell(steps, &bytes)).explain_rest(
            "a ring ends the turn that sleeps, or the next; it is no event that was passed on; and it ends no more turns \
             than that",
            "an executor rings when a task is to be polled, and counts on coming out of its turn. A number that includes \
             the ring tells of a source where there is none, and a ring that goes on ringing is a busy loop",
            "what `turn` does with the event of the bell, and what it returns",
        )
    });
}

/// After `shutdown`, and after the reactor is dropped, everybody who waits is woken, and every poll errs, even where
/// something is ready. The turn that sleeps comes back or errs, and every later one errs.
///
/// # Hint
/// Readers and writers, those who wait and those who will ask tomorrow, and those who are just registering. Who is told,
/// and how?
///
/// # Hint
/// First write down that it is over, where every poll and every registration looks. Then wake everybody, then ring.
#[test]
fn shutdown_releases_everyone_with_an_error() {
    check(|c| {
        let bytes = c.payload(100);
        let expected =
            "whoever waits is woken when the reactor ends, and every poll from then on errs";
        let why = "nobody will ever turn this reactor again: a task that is left waiting is left for good, and one that \
                   goes on because something is still ready finds out later, in the middle of its work";
        let look = "whom `shutdown` tells that it is over, and what the drop of the reactor does";
        c.apart(|steps| {
            ending::releases_everyone(steps, &bytes, "`shutdown`", |reactor| {
                reactor.handle().shutdown();
                Some(reactor)
            })
        })
        .explain_rest(expected, why, look)?;
        c.apart(|steps| {
            ending::releases_everyone(steps, &bytes, "the drop of the reactor", |reactor| {
                drop(reactor);
                None
            })
        })
        .explain_rest(expected, why, look)?;
        c.apart(ending::ends_the_turn_that_sleeps)
            .explain_rest(expected, why, look)
    });
}

/// Where no reactor was entered, `Handle::current` and `Registration::new` err; contexts nest.
///
/// # Hint
/// What does `Registration::new` do with the answer of `Handle::current`?
///
/// # Hint
/// It passes the error on. A panic would end a thread that could have done without, and a global reactor would start
/// behind everybody's back.
#[test]
fn no_reactor_is_a_clear_error() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| ending::the_context(steps, &bytes)).explain_rest(
            "without a reactor, `Registration::new` returns an error that says so; inside of one, it registers there",
            "which reactor a source belongs to is decided by where it is registered. Where that is nowhere, the caller \
             has to hear of it: he has forgotten to enter one, or he is on another thread than he thinks",
            "what `Registration::new` does first",
        )
    });
}

/// A reactor in the background tells the same story as one that is turned by hand: one code path, two ways to drive it.
///
/// # Hint
/// The background is a thread that calls `turn(None)` until it errs. Which of your turns err, and which return 0?
///
/// # Hint
/// An `unpark` makes a turn return 0, and the next one is as good as any other. Only the end is an error.
#[test]
fn background_and_caller_driven_agree() {
    check(|c| {
        let messages = [c.payload(100), c.payload(1), c.payload(3000)];
        c.apart(|steps| background::tells_the_same(steps, &messages)).explain_rest(
            "three messages with a ring of the bell between them, and a goodbye: the same, turned by hand and in the \
             background; and the background ends when it is dropped",
            "a turn that has brought nothing is no reason to stop, and one that errs is no reason to go on: the thread \
             in the background knows its reactor only by what `turn` returns",
            "what your turns return: after a ring, and after the end",
        )
    });
}

/// The program goes on after it was stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// The call that waits for events may fail with an error of the kind Interrupted.
///
/// # Hint
/// It means that nothing has happened yet. A turn without events returns 0.
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::survives_suspend_and_resume(c, &server, &[Call::Epoll, Call::Futex])
    });
}

/// Two hundred silent clients cost nothing: one thread sleeps in epoll_wait for all of them, the others in futex.
///
/// # Hint
/// Each client has a thread of its own, which waits to be unparked. What gets it up, besides its own events?
///
/// # Hint
/// Pass the caller's time-out on to `Poll::poll` as it is: `None` is for ever.
#[test]
fn idle_costs_nothing() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)?;
        echo::sleeps_with_silent_clients(&server, 200, &[Call::Epoll, Call::Futex])?;
        let mut in_epoll = 0;
        let one = server.owes(|| {
            let threads = server.threads();
            in_epoll = threads.iter().filter(|t| t.call == Call::Epoll).count();
            (in_epoll == 1).then_some(())
        });
        one.ok_or_else(|| server.red(format!("{in_epoll} threads sleep in epoll_wait")))
        .explain(
            "one thread sleeps in epoll_wait, and it waits for all the others",
            "there is one reactor for the whole program: the threads of the clients wait in futex, each to be unparked",
            "who turns the reactor, and how many reactors there are",
        )
    });
}
