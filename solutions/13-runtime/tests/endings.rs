//! How the program parts with clients: one that is silent, and all of them at SIGTERM.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use grader::{Checked, Client, Program, check};
use rustix::process::{Signal, kill_process};

/// Tells the program to end.
fn terminate(server: &Program) {
    kill_process(server.pid(), Signal::TERM).unwrap();
}

/// Reads until the program's goodbye.
fn must_end(mut client: Client) -> Checked {
    client.expect_goodbye()?;
    client.finish_sending()
}

#[test]
fn silent_clients_are_hung_up_on_and_others_are_not() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["127.0.0.1:0", "1000"])?;
        let mut talks = server.connect()?;
        let mut silent = server.connect()?;
        silent.echo(b"once")?;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(2500) {
            talks.echo(b"still here")?;
            thread::sleep(Duration::from_millis(10));
        }
        must_end(silent)?;
        talks.echo(b"and here")
    });
}

#[test]
fn sigterm_ends_it_although_clients_are_silent() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut clients: Vec<_> = (0..10).map(|_| server.connect()).collect::<Checked<_>>()?;
        for client in &mut clients {
            client.echo(b"hello")?;
        }
        terminate(&server);
        for client in clients {
            must_end(client)?;
        }
        assert!(server.ends()?.success());
        Ok(())
    });
}

#[test]
fn sigterm_finishes_what_was_begun() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = TcpStream::connect(server.address())?;
        client.set_nonblocking(true)?;
        // Until every buffer on the way is full, also the program's.
        let sent = c.payload(64 << 20);
        let (mut written, mut refused) = (0, 0);
        while refused < 20 {
            match client.write(&sent[written..]) {
                Ok(bytes) => (written, refused) = (written + bytes, 0),
                Err(_) => {
                    refused += 1;
                    thread::sleep(Duration::from_millis(10));
                }
            }
        }
        assert!(written < sent.len());
        terminate(&server);
        // All that was read from it, then a goodbye and no reset, although more was sent.
        client.set_nonblocking(false)?;
        let mut heard = Vec::new();
        client.read_to_end(&mut heard)?;
        assert!(!heard.is_empty() && heard == sent[..heard.len()]);
        client.shutdown(Shutdown::Write)?;
        assert!(server.ends()?.success());
        Ok(())
    });
}

#[test]
fn sigterm_does_not_wait_for_a_client_that_never_speaks() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let _silent = server.connect()?;
        let mut served = server.connect()?;
        served.echo(b"hello")?;
        terminate(&server);
        assert!(server.ends()?.success());
        Ok(())
    });
}
