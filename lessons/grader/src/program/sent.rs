//! Where bytes come from that a client got and that were not due: the kit knows all that its
//! clients have sent.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;

use crate::mutex::lock;

/// How much of what clients have sent is kept, in bytes: the latest.
const KEPT: usize = 4 << 20;
/// So many bytes are looked for at least. Random bytes repeat fewer than these by chance.
const TELLING: usize = 6;
/// No more than so many are looked for.
const ENOUGH: usize = 32;

/// What the clients of one program have sent.
#[derive(Debug, Default)]
pub(crate) struct Sent(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// In the order in which the kernel has taken them.
    pieces: VecDeque<Piece>,
    /// How many bytes these are together.
    bytes: usize,
}

/// Bytes that a client has sent in one go.
#[derive(Debug)]
struct Piece {
    /// The client's end.
    by: SocketAddr,
    /// How many bytes the client had sent before.
    at: u64,
    bytes: Vec<u8>,
}

/// Where bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Another client has sent them.
    Of(SocketAddr),
    /// The same client has sent them, so many bytes after those that were due.
    Later(u64),
    /// The same client has sent them, so many bytes before those that were due.
    Earlier(u64),
}

impl Sent {
    /// Notes that the client at `by`, which had sent `at` bytes before, has sent these.
    pub(crate) fn note(&self, by: SocketAddr, at: u64, bytes: &[u8]) {
        let mut kept = lock(&self.0);
        kept.bytes += bytes.len();
        let bytes = bytes.to_vec();
        kept.pieces.push_back(Piece { by, at, bytes });
        while kept.bytes > KEPT {
            let oldest = kept.pieces.pop_front();
            kept.bytes -= oldest.map_or(0, |piece| piece.bytes.len());
        }
    }

    /// Where the bytes `came` come from, which the client at `client` got where its own bytes from
    /// offset `due` on were due; `None` when nobody has sent them, or when they are too few.
    pub(crate) fn origin(&self, came: &[u8], client: SocketAddr, due: u64) -> Option<Origin> {
        let came = came.get(..came.len().min(ENOUGH))?;
        if came.len() < TELLING {
            return None;
        }
        let kept = lock(&self.0);
        let mut own = Vec::new();
        let mut others = None;
        for piece in &kept.pieces {
            for at in places(&piece.bytes, came) {
                if piece.by == client {
                    own.push(piece.at + at as u64);
                } else {
                    others = Some(Origin::Of(piece.by));
                }
            }
        }
        // A stream repeats itself: the nearest place is the one that tells something.
        let nearest = own.into_iter().min_by_key(|at| at.abs_diff(due));
        let distance = |at: u64| match at.checked_sub(due) {
            Some(later) => Origin::Later(later),
            None => Origin::Earlier(due - at),
        };
        nearest.map(distance).or(others)
    }
}

/// Where `needle` stands in `bytes`.
fn places(bytes: &[u8], needle: &[u8]) -> impl Iterator<Item = usize> {
    let windows = bytes.windows(needle.len()).enumerate();
    windows.filter_map(move |(at, window)| (window == needle).then_some(at))
}

impl Origin {
    /// Says it, as the end of a sentence on a byte.
    pub(crate) fn tell(self) -> String {
        match self {
            Self::Of(client) => {
                format!("this and what follows are bytes of another client, the one at {client}")
            }
            Self::Later(bytes) => {
                format!("this and what follows are due {bytes} bytes later: those between are lost")
            }
            Self::Earlier(bytes) => format!(
                "this and what follows were due {bytes} bytes earlier: they come once more, or late"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_were_not_due_are_traced_to_the_client_and_the_place() {
        let (one, two) = (
            "127.0.0.1:1".parse().unwrap(),
            "127.0.0.1:2".parse().unwrap(),
        );
        let sent = Sent::default();
        let bytes: Vec<u8> = (0..200).collect();
        sent.note(one, 0, &bytes[..100]);
        sent.note(two, 500, &bytes[100..]);
        assert_eq!(
            sent.origin(&bytes[40..60], one, 30),
            Some(Origin::Later(10))
        );
        assert_eq!(
            sent.origin(&bytes[40..60], one, 44),
            Some(Origin::Earlier(4))
        );
        assert_eq!(sent.origin(&bytes[120..140], one, 0), Some(Origin::Of(two)));
        assert_eq!(sent.origin(&bytes[40..43], one, 0), None);
        assert_eq!(sent.origin(&[7; 20], one, 0), None);
    }

    #[test]
    fn only_the_latest_bytes_are_kept() {
        let client = "127.0.0.1:1".parse().unwrap();
        let sent = Sent::default();
        sent.note(client, 0, b"the first");
        sent.note(client, 9, &vec![0; KEPT]);
        assert_eq!(sent.origin(b"the first", client, 0), None);
    }
}
