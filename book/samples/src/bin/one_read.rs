//! One `stream.read(&mut buffer).await`, from the call to the system call and back: each step is
//! told when it is taken, with what tokio's note says at that moment.
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use samples::word::Word;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::runtime::Builder;

/// Calls the task's own waker, and says so.
struct Bell {
    task: Waker,
    word: Arc<Word>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        say("wake", &self.word);
        self.task.wake_by_ref();
    }
}

/// Prints a step in one system call, so that strace shows it as one line.
fn say(step: &str, word: &Word) {
    let note = word.look().map_or("gone".into(), |note| note.to_string());
    println!("{step:<9} [{note}]");
}

// ANCHOR: read
async fn read_once(mut stream: TcpStream, word: Arc<Word>) -> io::Result<usize> {
    let mut buffer = [0; 64];
    let mut read = pin!(stream.read(&mut buffer));
    poll_fn(|cx| {
        say("poll", &word);
        let (task, word) = (cx.waker().clone(), Arc::clone(&word));
        let waker = Waker::from(Arc::new(Bell {
            task,
            word: Arc::clone(&word),
        }));
        let polled = read.as_mut().poll(&mut Context::from_waker(&waker));
        say(
            if polled.is_ready() {
                "Ready"
            } else {
                "Pending"
            },
            &word,
        );
        polled
    })
    .await
}
// ANCHOR_END: read

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let peer = thread::spawn(move || -> io::Result<()> {
        let (mut peer, _) = listener.accept()?;
        // The reader is to be asleep by then.
        thread::sleep(Duration::from_millis(300));
        peer.write_all(b"hello")?;
        thread::sleep(Duration::from_millis(300));
        Ok(())
    });
    let runtime = Builder::new_current_thread()
        .enable_io()
        .on_thread_park(|| println!("park"))
        .on_thread_unpark(|| println!("unpark"))
        .build()?;
    runtime.block_on(async {
        let stream = TcpStream::connect(address).await?;
        let word = Arc::new(Word::of(&stream)?);
        println!("-- the stream is connected, and its task begins");
        let bytes = tokio::spawn(read_once(stream, word)).await??;
        println!("-- {bytes} bytes are read");
        Ok::<_, io::Error>(())
    })?;
    peer.join().expect("the peer does not panic")
}
