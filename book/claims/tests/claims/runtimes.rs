//! Which runtime a socket belongs to, and what becomes of it when nobody drives that one.

use std::future::poll_fn;
use std::io::{ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use claims::rt::{at_once, block_on, connected, current_thread, owes_end, workers};
use claims::{Checked, claim, peer};
use grader::WakerProbe;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Reads. What there is to read is written when the first poll has left its waker, and not before.
async fn read_by_a_wake(
    stream: &mut TcpStream,
    far: &mut std::net::TcpStream,
) -> std::io::Result<usize> {
    let mut buffer = [0; 16];
    let mut read = pin!(stream.read(&mut buffer));
    let mut waits = false;
    poll_fn(|cx| {
        let polled = read.as_mut().poll(cx);
        if !waits {
            assert!(polled.is_pending(), "nothing has been written");
            waits = true;
            far.write_all(b"hello")?;
        }
        polled
    })
    .await
}

/// A socket belongs to the runtime in which it was made, and works on another as long as its own is
/// driven: a stream of one runtime can be waited for and read inside the `block_on` of another.
#[test]
fn a_stream_works_on_another_runtime_while_its_own_is_driven() {
    claim(|c| {
        let (own, other) = (workers(1)?, current_thread()?);
        let (mut stream, mut far) = own.block_on(connected())?;
        let read = read_by_a_wake(&mut stream, &mut far);
        let read = other.block_on(owes_end("the read", read))?;
        c.saw(format!(
            "made on one runtime, waited for and read on another: {read:?}"
        ));
        assert_eq!(read?, 5);
        Ok(())
    });
}

/// As long as no thread drives the runtime that a socket belongs to, no event is delivered: on
/// another runtime the read waits, with the bytes in the kernel. One turn of its own runtime, and
/// it is ready.
#[test]
fn a_stream_of_an_idle_runtime_waits_for_its_own_driver() {
    claim(|c| {
        let (own, other) = (current_thread()?, current_thread()?);
        let (mut stream, mut far) = own.block_on(connected())?;
        far.write_all(b"hello")?;
        peer::reach_unread(&stream, 5)?;
        let mut buffer = [0; 16];
        let pending = other.block_on(async {
            let pending = at_once(stream.read(&mut buffer)).is_none();
            // The other runtime's driver turns; it is not the one.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            pending && at_once(stream.read(&mut buffer)).is_none()
        });
        assert!(pending, "nothing has been told of the bytes");
        own.block_on(tokio::task::yield_now());
        let read = other.block_on(owes_end("the read", stream.read(&mut buffer)))?;
        c.saw(format!("5 bytes unread; pending on the other runtime: {pending}; after one turn of its own: {read:?}"));
        assert_eq!(read?, 5);
        Ok(())
    });
}

/// When its runtime is dropped, a task that waits for a socket is woken, and finds an error that
/// says so. What needs no event goes on working: `try_write` still takes bytes.
#[test]
fn a_stream_outlives_its_runtime_with_an_error() {
    claim(|c| {
        let own = current_thread()?;
        let ((mut stream, _far), (listed, _far_too)) =
            own.block_on(async { Checked::Ok((connected().await?, connected().await?)) })?;
        let (mut reader, mut waiter) = (WakerProbe::new(), WakerProbe::new());
        let mut buffer = [0; 16];
        let (mut read, mut readable) = (pin!(stream.read(&mut buffer)), pin!(listed.readable()));
        assert!(reader.poll(read.as_mut())?.is_pending());
        assert!(waiter.poll(readable.as_mut())?.is_pending());
        drop(own);
        let wakes = (reader.wakes(), waiter.wakes());
        c.saw(format!(
            "wakes of one in `read` and of one in `readable`: {wakes:?}"
        ));
        assert_eq!(wakes, (1, 1));
        let read = at_once(read).expect("the read has been woken");
        let readable = at_once(readable).expect("the wait has been woken");
        let written = listed.try_write(b"still");
        c.saw(format!(
            "read: {read:?}; readable: {readable:?}; try_write: {written:?}"
        ));
        for error in [read.map(drop), readable].map(Result::unwrap_err) {
            assert!(error.to_string().contains("shutdown"));
        }
        assert_eq!(written?, 5);
        Ok(())
    });
}

/// `into_std` and `from_std` move a socket from one runtime to another. No other synchronisation is
/// needed.
#[test]
fn into_std_and_from_std_move_a_stream() {
    claim(|c| {
        let (old, new) = (current_thread()?, current_thread()?);
        let (stream, mut far) = old.block_on(connected())?;
        let stream = stream.into_std()?;
        drop(old);
        far.write_all(b"hello")?;
        let read = new.block_on(async {
            let mut stream = TcpStream::from_std(stream)?;
            owes_end("the read", stream.read(&mut [0; 16])).await
        })?;
        c.saw(format!("moved; its first runtime is gone; read: {read:?}"));
        assert_eq!(read?, 5);
        Ok(())
    });
}

/// tokio's sockets can be awaited on an executor that knows nothing of tokio, as long as their own
/// runtime is driven: a waker is all that the two have in common. What *makes* a socket, such as
/// `accept`, needs the context of a runtime besides, and panics without one.
#[test]
fn a_foreign_executor_can_await_tokio_s_sockets() {
    claim(|c| {
        let runtime = workers(1)?;
        let (mut stream, mut far) = runtime.block_on(connected())?;
        let read = block_on(read_by_a_wake(&mut stream, &mut far));
        c.saw(format!(
            "waited for and read under a `block_on` of twenty lines: {read:?}"
        ));
        assert_eq!(read?, 5);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let outside = catch_unwind(AssertUnwindSafe(|| block_on(listener.accept()))).is_err();
        let context = runtime.enter();
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let inside = block_on(listener.accept()).is_ok();
        drop(context);
        c.saw(format!(
            "`accept` panics outside of the context: {outside}; works inside: {inside}"
        ));
        assert!(outside && inside);
        Ok(())
    });
}

/// Without a runtime around them `from_std` and `sleep` panic where they are called, not where they
/// are awaited. A future of `connect` can be made anywhere, and panics when it is polled.
#[test]
fn what_needs_a_runtime_panics_without_one() {
    claim(|c| {
        let panics = |what: &dyn Fn()| catch_unwind(AssertUnwindSafe(what)).is_err();
        let from_std = || {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.set_nonblocking(true).expect("a flag");
            let _ = TcpListener::from_std(listener);
        };
        let sleep = || drop(tokio::time::sleep(Duration::from_secs(1)));
        let connect = || drop(TcpStream::connect("127.0.0.1:1"));
        let polled = || drop(at_once(TcpStream::connect("127.0.0.1:1")));
        let found = [
            panics(&from_std),
            panics(&sleep),
            panics(&connect),
            panics(&polled),
        ];
        c.saw(format!(
            "panics: from_std {}, sleep {}, connect {}, connect polled {}",
            found[0], found[1], found[2], found[3]
        ));
        assert_eq!(found, [true, true, false, true]);
        Ok(())
    });
}

/// When its runtime is gone, a socket's `write` fails with an error, even where there is room, and
/// does not hang where there is none. `try_write` writes all the same.
///
/// In tokio 1.53 the refusal erased the note of the shutdown, and the next write waited for ever.
#[test]
fn a_write_errs_when_the_runtime_is_gone() {
    claim(|c| {
        let own = current_thread()?;
        let (mut stream, _far) = own.block_on(connected())?;
        drop(own);
        let with_room = at_once(stream.write(b"x")).expect("it does not wait");
        let tried = stream.try_write(b"x");
        c.saw(format!(
            "with room: write {with_room:?}, try_write {tried:?}"
        ));
        assert!(with_room.is_err() && tried? == 1);
        let bytes = vec![0; 1 << 20];
        let refused = loop {
            if let Err(error) = stream.try_write(&bytes) {
                break error.kind();
            }
        };
        let full = at_once(stream.write(b"x")).expect("it does not wait");
        c.saw(format!("full: try_write {refused:?}, write {full:?}"));
        assert!(refused == ErrorKind::WouldBlock && full.is_err());
        Ok(())
    });
}
