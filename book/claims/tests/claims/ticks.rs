//! The word in which tokio notes what it knows of a socket, and the tick in it.

use std::io::{ErrorKind, Read, Write};

use claims::rt::{self, connected, is_noted, owes_end, reach_by_turns};
use claims::{Checked, claim, peer, reach};
use rustix::net::{self, RecvFlags, SendFlags};
use samples::word::Word;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::task;

/// tokio notes all that it knows of a socket in one word, of which it uses 32 bits: 16 of
/// readiness, 15 of a tick that each event moves on, and one that says that the runtime is being
/// shut down. After 32 768 events the tick is the same again.
///
/// So one atomic step tells all three. The word is read out of this process's memory. See tokio
/// 1.54.1: src/runtime/io/scheduled_io.rs, TICK and SHUTDOWN.
#[test]
fn readiness_tick_and_shutdown_share_a_word() {
    claim(|c| {
        let runtime = rt::current_thread()?;
        let (socket, far) = runtime.block_on(async {
            let pair = UnixStream::pair();
            // The driver turns here, and tells of room to write.
            task::yield_now().await;
            pair
        })?;
        let mut far = far.into_std()?;
        let word = Word::of(&socket)?;
        let tick = |bits: u64| bits >> 16 & 0x7fff;
        runtime.block_on(async {
            let mut largest = 0;
            let events = async {
                for event in 2..=32_768_u64 {
                    far.write_all(b"x")?;
                    while tick(word.look()?.bits()) != event & 0x7fff {
                        task::yield_now().await;
                    }
                    largest = largest.max(tick(word.look()?.bits()));
                    if event % 64 == 0 {
                        net::recv(&socket, &mut [0; 64], RecvFlags::empty())?;
                    }
                }
                Checked::Ok(())
            };
            owes_end("a tick for each of 32 768 events", events).await??;
            let now = word.look()?.bits();
            c.saw(format!(
                "after 32 768 events: {now:#x}; the largest tick: {largest:#x}"
            ));
            assert_eq!((now >> 16, largest), (0, 0x7fff));
            Checked::Ok(())
        })?;
        drop(runtime);
        let now = word.look()?.bits();
        c.saw(format!("after the end of the runtime: {now:#x}"));
        assert_eq!(now >> 16, 0x8000);
        Ok(())
    });
}

/// Beside the readiness of a socket tokio keeps a tick. Each event of the socket adds one to it;
/// reads do not, and neither does a refusal.
///
/// The word is read out of this process's memory: the socket's token is the address of the object
/// that it lies in. See tokio 1.54.1: src/runtime/io/scheduled_io.rs, set_readiness.
#[test]
fn each_event_adds_one_to_the_tick() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let word = Word::of(&socket)?;
            let mut told = vec![word.look()?.to_string()];
            for _ in 0..2 {
                far.write_all(b"here")?;
                reach_by_turns("an event of the socket", || is_noted(&socket)).await?;
                told.push(word.look()?.to_string());
                assert_eq!(socket.try_read(&mut [0; 16])?, 4);
                told.push(word.look()?.to_string());
                assert!(peer::would_block(&socket.try_read(&mut [0])));
                told.push(word.look()?.to_string());
            }
            told.iter().for_each(|note| c.saw(note));
            let life = [
                "tick 1, writable",
                "tick 2, readable writable",
                "tick 2, readable writable",
                "tick 2, writable",
                "tick 3, readable writable",
                "tick 3, readable writable",
                "tick 3, writable",
            ];
            assert_eq!(told, life);
            Ok(())
        })
    });
}

/// A refused read clears the note "readable", but not if an event has come since the read began:
/// each event moves the tick on by one, and a clear that names an older tick is ignored.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, set_readiness.
#[test]
fn a_refusal_does_not_erase_a_newer_event() {
    claim(|c| {
        // A worker of its own drives, also while this thread is in the middle of a read.
        let runtime = rt::workers(1)?;
        let (socket, mut far, witness, mut far_witness) = runtime.block_on(async {
            let ((near, far), (witness, far_witness)) = (connected().await?, connected().await?);
            Checked::Ok((near, far, witness, far_witness))
        })?;
        far.write_all(b"x")?;
        reach("an event of the socket", || is_noted(&socket))?;
        let refused = || std::io::Error::from(ErrorKind::WouldBlock);
        let mut newer = Ok(());
        let _ = socket.try_io(Interest::READABLE, || {
            far.write_all(b"y")?;
            far_witness.write_all(b"z")?;
            // The driver deals with events in their order: when the witness has been told of, so
            // has the socket.
            newer = reach("an event of the witness", || is_noted(&witness));
            Err::<(), _>(refused())
        });
        newer?;
        let still = is_noted(&socket);
        let _ = socket.try_io(Interest::READABLE, || Err::<(), _>(refused()));
        let then = is_noted(&socket);
        c.saw(format!("refused, with an event in between: readable {still}; refused, without one: readable {then}"));
        assert_eq!((still, then), (true, false));
        Ok(())
    });
}

/// tokio has one tick for both directions of a socket. A reader's refusal is also ignored when the
/// event in between was for the writer alone. That costs one more try, which is refused as well.
#[test]
fn a_writer_s_event_keeps_a_reader_s_refusal_from_counting() {
    claim(|c| {
        // A worker of its own drives, also while this thread is in the middle of a read.
        let runtime = rt::workers(1)?;
        let (socket, mut far) = runtime.block_on(connected())?;
        let word = Word::of(&socket)?;
        far.write_all(b"x")?;
        reach("an event of the socket", || is_noted(&socket))?;
        let taken = net::recv(&socket, &mut [0; 16], RecvFlags::empty())?.1;
        far.set_nonblocking(true)?;
        let (bytes, mut sink) = (vec![0; 1 << 20], vec![0; 1 << 20]);
        let mut newer = Ok(());
        let _ = socket.try_io(Interest::READABLE, || {
            let before = word.look()?;
            // Nothing comes to be read any more. The event is of the room that there is again.
            newer = reach("an event of the socket", || {
                while net::send(&socket, &bytes, SendFlags::DONTWAIT).is_ok() {}
                while far.read(&mut sink).is_ok_and(|n| n > 0) {}
                word.look().is_ok_and(|now| now != before)
            });
            Err::<(), _>(ErrorKind::WouldBlock.into())
        });
        newer?;
        let still = is_noted(&socket);
        let again = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
        let then = is_noted(&socket);
        c.saw(format!(
            "{taken} byte, taken; refused, with room to write in between: readable {still}"
        ));
        c.saw(format!("one more try: {again:?}; readable {then}"));
        assert_eq!((taken, still), (1, true));
        assert_eq!((again, then), (Err(ErrorKind::WouldBlock), false));
        Ok(())
    });
}
