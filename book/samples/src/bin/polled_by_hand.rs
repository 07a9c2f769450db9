//! A future, polled by hand: nothing happens but when somebody calls `poll`.
#![forbid(unsafe_code)]

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

// ANCHOR: future
/// Ready when it is polled for the third time.
struct ThirdTime {
    polls: u32,
}

impl Future for ThirdTime {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<&'static str> {
        self.polls += 1;
        if self.polls < 3 {
            Poll::Pending
        } else {
            Poll::Ready("at last")
        }
    }
}
// ANCHOR_END: future

fn main() {
    // ANCHOR: poll
    let mut future = pin!(async {
        println!("begun");
        let word = ThirdTime { polls: 0 }.await;
        println!("{word}");
        word.len()
    });
    println!("made, and nothing has happened yet");

    let mut context = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Pending => println!("  pending"),
            Poll::Ready(length) => break println!("  ready with {length}"),
        }
    }
    // ANCHOR_END: poll
}
