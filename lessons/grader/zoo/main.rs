//! Programs that misbehave, each in its own way: `zoo SPECIES [MARK [ADDRESS]]`. The tests of the
//! kit judge them.
//!
//! The program ignores `MARK`: a test finds the processes that are left of a program by it.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio, exit};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use rustix::event::epoll;
use rustix::process::setsid;
use signal_hook::consts::SIGTERM;

fn main() -> io::Result<()> {
    let species = env::args().nth(1).unwrap_or_default();
    let mark = env::args().nth(2).unwrap_or_default();
    match species.as_str() {
        "exits" => Ok(()),
        "panics" => panic!("no luck today"),
        "panics-later" => {
            println!(
                "listening on {}",
                TcpListener::bind("127.0.0.1:0")?.local_addr()?
            );
            panic!("no luck after that")
        }
        "unwritten" => todo!("everything"),
        "silent" => sleep_for_ever(),
        "unreachable" => {
            println!("listening on 127.0.0.1:9");
            sleep_for_ever()
        }
        "everywhere" => {
            println!("listening on 0.0.0.0:1");
            sleep_for_ever()
        }
        "never-accepts" => {
            let _listener = listen()?;
            sleep_for_ever()
        }
        "hangs" => {
            let _client = listen()?.accept()?;
            sleep_for_ever()
        }
        "sleeps-over-a-client" => {
            let _client = listen()?.accept()?;
            loop {
                thread::sleep(Duration::from_secs(1));
            }
        }
        "spins" => beside_the_server(std::hint::spin_loop),
        "yields" => beside_the_server(thread::yield_now),
        "dozes" => beside_the_server(|| thread::sleep(Duration::from_millis(1))),
        "naps" => beside_the_server(|| thread::sleep(Duration::from_millis(700))),
        "floods" => flood(),
        "chatters" => {
            for line in 0..3000 {
                println!("{line}");
            }
            sleep_for_ever()
        }
        "eats" => eat(),
        "multiplies" => {
            for child in ["child", "stray"] {
                Command::new(env::current_exe()?)
                    .args([child, &mark])
                    .spawn()?;
            }
            spawn_nobodys_child(&mark)?;
            serve(&listen()?, |_, _| {})
        }
        "leaves-a-stray" => spawn_nobodys_child(&mark),
        "leaves-many-children" => {
            for _ in 0..80 {
                Command::new(env::current_exe()?)
                    .args(["child", &mark])
                    .spawn()?;
            }
            Ok(())
        }
        "fills-the-disk" => fill(),
        "child" => sleep_for_ever(),
        "stray" => {
            setsid()?;
            println!("gone");
            sleep_for_ever()
        }
        "stays" => {
            // This handler does nothing, so SIGTERM does not end the program.
            let _ = signal_hook::flag::register(SIGTERM, Arc::<AtomicBool>::default());
            serve(&listen()?, |_, _| {})
        }
        "tells-of-bytes" => {
            let (mut client, _) = listen()?.accept()?;
            while let n @ 1.. = client.read(&mut [0; 64])? {
                println!("read {n} bytes");
            }
            sleep_for_ever()
        }
        "calls" => call(&env::args().nth(3).unwrap_or_default()),
        "closes-stdout" => {
            let listener = listen()?;
            let null = std::fs::File::options().write(true).open("/dev/null")?;
            rustix::stdio::dup2_stdout(null)?;
            serve(&listener, |_, _| {})
        }
        "invalid-utf8" => {
            io::stdout().write_all(b"\xFF\xFE\xC0 not text\n")?;
            serve(&listen()?, |_, _| {})
        }
        "one-wrong-byte" => serve(&listen()?, |at, bytes| {
            if let Some(byte) = 1_000_003_u64
                .checked_sub(at)
                .and_then(|i| bytes.get_mut(i as usize))
            {
                *byte ^= 1;
            }
        }),
        "hangs-a-bell" => {
            let (client, _) = listen()?.accept()?;
            let bells = epoll::create(epoll::CreateFlags::CLOEXEC)?;
            let data = epoll::EventData::new_u64(7);
            epoll::add(&bells, &client, data, epoll::EventFlags::IN)?;
            sleep_for_ever()
        }
        "last-words" => {
            let (mut client, _) = listen()?.accept()?;
            client.read_exact(&mut [0; 1])?;
            println!("that was all");
            Ok(())
        }
        "leaves-midway" => {
            let (mut client, _) = listen()?.accept()?;
            client.read_exact(&mut [0; 1])?;
            exit(3)
        }
        other => panic!("no such species: {other}"),
    }
}

/// Connects, is refused one read, and stays until the other end leaves.
fn call(address: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nonblocking(true)?;
    let _ = stream.read(&mut [0]);
    stream.set_nonblocking(false)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

/// Echoes to any number of clients; `spoil` may change what goes back, given the offset of its
/// first byte.
fn serve(listener: &TcpListener, spoil: fn(u64, &mut [u8])) -> io::Result<()> {
    loop {
        let (client, _) = listener.accept()?;
        thread::spawn(move || echo(client, spoil));
    }
}

fn echo(mut client: TcpStream, spoil: fn(u64, &mut [u8])) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut at = 0;
    loop {
        let n = client.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        spoil(at, &mut buffer[..n]);
        client.write_all(&buffer[..n])?;
        at += n as u64;
    }
}

/// A server without fault, beside a thread that does `nothing` over and over.
fn beside_the_server(nothing: impl Fn() + Send + 'static) -> io::Result<()> {
    thread::spawn(move || {
        loop {
            nothing();
        }
    });
    serve(&listen()?, |_, _| {})
}

/// Prints a gibibyte before it serves.
fn flood() -> io::Result<()> {
    let line = [b'x'; 1023].into_iter().chain([b'\n']).collect::<Vec<u8>>();
    let mut stdout = io::stdout().lock();
    for _ in 0..1 << 20 {
        stdout.write_all(&line)?;
    }
    drop(stdout);
    serve(&listen()?, |_, _| {})
}

/// Starts a process that neither its group nor its environment leads to.
fn spawn_nobodys_child(mark: &str) -> io::Result<()> {
    let mut nobodys = Command::new(env::current_exe()?);
    let mut child = nobodys
        .args(["stray", mark])
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()?;
    // The child prints when it has left the group.
    child
        .stdout
        .take()
        .map_or(Ok(0), |mut said| said.read(&mut [0]))?;
    Ok(())
}

/// Makes a file longer and longer; at most 4 GiB, with nothing in it.
fn fill() -> io::Result<()> {
    let path = env::temp_dir().join(format!("zoo-fills-{}", std::process::id()));
    let file = std::fs::File::create(&path)?;
    std::fs::remove_file(&path)?;
    for mebibytes in 1..=4096 {
        file.set_len(mebibytes << 20)?;
        thread::sleep(Duration::from_millis(1));
    }
    sleep_for_ever()
}

/// Takes memory and uses it until the kit kills it; at most 4 GiB.
fn eat() -> io::Result<()> {
    let _listener = listen()?;
    let mut eaten = Vec::new();
    for _ in 0..256 {
        eaten.push(vec![1_u8; 16 << 20]);
        thread::sleep(Duration::from_millis(1));
    }
    sleep_for_ever()
}

fn sleep_for_ever() -> ! {
    loop {
        thread::park();
    }
}
