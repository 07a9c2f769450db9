//! What an `async` block keeps across an `.await` lies in the future itself, and
//! so does a reference to it.
#![forbid(unsafe_code)]

use std::future::ready;
use std::mem::size_of_val;
use std::pin::pin;
use std::ptr::from_ref;
use std::task::{Context, Waker};

fn main() {
    // ANCHOR: future
    let future = async {
        let text = *b"a hundred bytes would do as well";
        let word = &text[2..9];
        ready(()).await;
        println!("text lies at       {:p}", &text);
        println!("word points to     {:p}", word.as_ptr());
        String::from_utf8_lossy(word).len()
    };
    // ANCHOR_END: future
    let length = size_of_val(&future);
    let mut future = pin!(future);
    let begin = from_ref(&*future).cast::<u8>();
    println!("the future lies at {begin:p}, and is {length} bytes long");
    let _ = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
}
