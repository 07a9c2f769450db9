//! Admits the reader: the person who was given the token of this start of the server.
//!
//! Every user of a machine can connect to its loopback, and outside a browser any request can be
//! forged. So each start of the server makes a new token. The token stands in the printed address;
//! the first page that is opened with it gets a cookie in exchange, and an address without the
//! token.
//!
//! The address that a browser is started with has another token, which is valid once: every user of
//! the machine can read a browser's command line for as long as it runs.
//!
//! Invariant: a token ends with its server and is never reused by the next one. A page that was
//! left open therefore waits until the new address is opened in the same browser, which `cargo
//! book` does by itself; the new cookie then serves the old page too.

use std::hint::black_box;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, Method, Uri};
use grader::lock;

use super::listen::{Addresses, ServerLock};

/// 256 bits: too many to guess.
const TOKEN_BYTES: usize = 32;

/// The answer to a request without a valid token.
pub(super) const REFUSAL: &str = "This book is open for the one who has started it. To come in, open the address that `cargo book` has printed in \
     its terminal: it ends in ?token=… and is another one each time the book is started. Typing `cargo book` once more \
     opens it too.";

/// The tokens of one start of the server.
#[derive(Clone, Debug)]
pub(super) struct Access(Arc<Tokens>);

#[derive(Debug)]
struct Tokens {
    port: u16,
    /// In the printed address and in the cookie; the same until the server ends.
    lasting: String,
    /// In the address that the next browser is started with; replaced by `is_right` as soon as it
    /// has been used. `None` if no token could be made; then that address has the lasting token.
    once: Mutex<Option<String>>,
    /// The lock file, in which the addresses are written for a second `cargo book`; `None` in a
    /// checkout that cannot be written to.
    server_lock: Mutex<Option<ServerLock>>,
}

/// The decision about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It is answered.
    Open,
    /// Its token is valid: it is redirected to `place`, a path from the root, with a cookie.
    Exchanged {
        /// The address that was asked for, without its token.
        place: String,
    },
    /// It is refused.
    Closed,
}

impl Access {
    /// Makes the tokens of a server that listens on `port`, and writes the addresses down.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub(super) fn new(port: u16, server_lock: Option<ServerLock>) -> Result<Self> {
        let lasting = token().context("no token could be made for the book")?;
        let access = Self(Arc::new(Tokens {
            port,
            lasting,
            once: Mutex::new(token().ok()),
            server_lock: Mutex::new(server_lock),
        }));
        access.write_down();
        Ok(access)
    }

    /// Where the book is open now.
    pub(super) fn addresses(&self) -> Addresses {
        let Tokens { port, lasting, .. } = &*self.0;
        let address = |token: &str| format!("http://127.0.0.1:{port}/?token={token}");
        let once = lock(&self.0.once);
        Addresses {
            printed: address(lasting),
            opened: address(once.as_ref().unwrap_or(lasting)),
        }
    }

    /// The value of the header `Set-Cookie`. All ports of a host share their cookies, so the port
    /// is part of the name. `Lax`, not `Strict`: a terminal may itself be a web page, and then its
    /// links come from another site. That is safe, because a GET changes nothing.
    pub(super) fn cookie(&self) -> String {
        let Tokens { port, lasting, .. } = &*self.0;
        format!("course-book-{port}={lasting}; Path=/; HttpOnly; SameSite=Lax")
    }

    /// Decides about a request. A token in the address counts for a GET only.
    pub(super) fn admit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Entry {
        let is_known = self.has_cookie(headers);
        let (tokens, others): (Vec<_>, Vec<_>) = uri
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .partition(|part| part.starts_with("token="));
        let token = tokens.first().and_then(|part| part.strip_prefix("token="));
        match token.filter(|_| *method == Method::GET) {
            Some(token) if is_known || self.is_right(token) => {
                let query = others.join("&");
                let mark = if query.is_empty() { "" } else { "?" };
                Entry::Exchanged {
                    place: format!("{}{mark}{query}", uri.path()),
                }
            }
            None if is_known => Entry::Open,
            _ => Entry::Closed,
        }
    }

    /// Whether one of the request's cookies is ours. A server at another port can set a second
    /// cookie of the same name, so all of that name are looked at.
    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let Tokens { port, lasting, .. } = &*self.0;
        let name = format!("course-book-{port}=");
        let all = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|all| all.to_str().ok());
        all.flat_map(|all| all.split(';'))
            .filter_map(|cookie| cookie.trim().strip_prefix(&name))
            .any(|value| is_same(value, lasting))
    }

    /// Whether `asked` is a valid token. If it is the one that is valid once, that one is replaced.
    fn is_right(&self, asked: &str) -> bool {
        if is_same(asked, &self.0.lasting) {
            return true;
        }
        let mut once = lock(&self.0.once);
        let is_right = once.as_ref().is_some_and(|once| is_same(asked, once));
        if is_right {
            *once = token().ok();
        }
        drop(once);
        if is_right {
            self.write_down();
        }
        is_right
    }

    fn write_down(&self) {
        let addresses = self.addresses();
        let mut server_lock = lock(&self.0.server_lock);
        if let Some(server_lock) = &mut *server_lock {
            // A failure is ignored: the lock still holds, and only a second `cargo book` is told
            // less.
            let _ = server_lock.write(&addresses);
        }
    }
}

/// Makes a token from the system's randomness, in hexadecimal digits.
fn token() -> Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).context("the system has no randomness to give")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compares two tokens in a time that does not depend on how many of their characters agree.
fn is_same(asked: &str, ours: &str) -> bool {
    let pairs = asked.bytes().zip(ours.bytes());
    let differences = pairs.fold(0, |seen, (one, other)| seen | (one ^ other));
    asked.len() == ours.len() && black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new(3000, None).unwrap()
    }

    fn get(access: &Access, address: &str, cookies: &[&str]) -> Entry {
        let cookies = cookies
            .iter()
            .map(|cookie| (COOKIE, cookie.parse().unwrap()));
        let uri = address.trim_start_matches("http://127.0.0.1:3000");
        access.admit(&Method::GET, &uri.parse().unwrap(), &cookies.collect())
    }

    fn to(place: &str) -> Entry {
        Entry::Exchanged {
            place: place.into(),
        }
    }

    #[test]
    fn each_start_has_a_token_of_its_own() {
        let (one, other) = (access(), access());
        assert_eq!(one.0.lasting.len(), 64);
        assert_ne!(one.0.lasting, other.0.lasting);
        assert_eq!(get(&other, &one.addresses().printed, &[]), Entry::Closed);
        assert_eq!(get(&other, "/", &[&one.cookie()]), Entry::Closed);
    }

    #[test]
    fn the_printed_token_is_exchanged_for_a_cookie_and_leaves_the_address() {
        let access = access();
        let token = access.0.lasting.clone();
        assert_eq!(get(&access, &access.addresses().printed, &[]), to("/"));
        let chapter = format!("/06.html?a=1&token={token}&b=2");
        assert_eq!(get(&access, &chapter, &[]), to("/06.html?a=1&b=2"));
        let cookie = access.cookie();
        let cookie = cookie.split(';').next().unwrap();
        assert_eq!(get(&access, "/06.html", &[cookie]), Entry::Open);
        let among = format!("a=b; course-book-3000=0; {cookie};c");
        assert_eq!(get(&access, "/06.html", &[&among]), Entry::Open);
        assert_eq!(
            get(&access, "/?token=old", &[cookie]),
            to("/"),
            "the reader is known"
        );
    }

    #[test]
    fn what_is_nearly_the_token_is_not_the_token() {
        let access = access();
        let token = &access.0.lasting;
        for asked in ["", "0", &token[1..], &format!("{token}0"), &"0".repeat(64)] {
            assert_eq!(
                get(&access, &format!("/?token={asked}"), &[]),
                Entry::Closed
            );
            let cookie = format!("course-book-3000={asked}");
            assert_eq!(get(&access, "/", &[&cookie]), Entry::Closed, "{asked}");
        }
        let elsewhere = format!("course-book-3001={token}");
        assert_eq!(get(&access, "/", &[&elsewhere]), Entry::Closed);
        let act = format!("/live/stop?token={token}").parse().unwrap();
        assert_eq!(
            access.admit(&Method::POST, &act, &HeaderMap::new()),
            Entry::Closed
        );
    }

    #[test]
    fn the_address_that_a_browser_is_started_with_is_good_once() {
        let access = access();
        let Addresses { printed, opened } = access.addresses();
        assert_ne!(printed, opened);
        assert_eq!(get(&access, &opened, &[]), to("/"));
        assert_eq!(get(&access, &opened, &[]), Entry::Closed);
        let next = access.addresses();
        assert_eq!((&next.printed, next.opened == opened), (&printed, false));
        assert_eq!(get(&access, &next.opened, &[]), to("/"));
        assert_eq!(
            get(&access, &printed, &[]),
            to("/"),
            "as often as it is opened"
        );
    }
}
