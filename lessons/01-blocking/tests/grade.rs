//! What `just check lesson-01` holds your program to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use grader::{Failure, check};

/// Whatever a client sends comes back: every byte, in order.
///
/// # Hint
/// `read` hands you some of the bytes, not all of them, and tells how many.
///
/// # Hint
/// Write exactly that slice back, then read again.
#[test]
fn echoes_every_byte_back() {
    check(|| {
        let mut child = Command::new(cargo_bin!())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let mut client =
            TcpStream::connect(line.trim().trim_start_matches("listening on ")).unwrap();
        client.write_all(b"hello").unwrap();
        let mut back = [0; 5];
        let n = client.read(&mut back).unwrap_or(0);
        child.kill().unwrap();
        child.wait().unwrap();
        if &back[..n] == b"hello" {
            return Ok(());
        }
        Err(Failure {
            expected: "the 5 bytes that were sent".into(),
            saw: format!("{n} bytes"),
            ..Failure::default()
        })
    });
}
