//! Checks where a request comes from: only from this machine, and not from another site's page in
//! the reader's browser.
//!
//! The server runs the learner's code, so no stranger may control it. It listens on the loopback
//! only, but a page of any site can make the reader's browser send requests to it. The browser
//! marks such a request with its origin; and a foreign name that was bound to 127.0.0.1 (DNS
//! rebinding) shows in `Host`.
//!
//! Invariant: no handler behind [`check_host`] sees a request whose `Host` is not a loopback name
//! with this port, or whose `Origin` is another site; and a request that is neither GET nor HEAD
//! has the book's own `Origin`.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::access::{Access, Entry, REFUSAL};

/// Pages may load nothing from other hosts. mdBook's pages need inline scripts and styles, and a
/// frame for their own table of contents where there is no JavaScript.
const POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; \
                      form-action 'self'; frame-ancestors 'self'";

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// The headers that are checked. A request with one of them twice is refused: no browser sends
/// that, and the check would look at only one of the two.
const CHECKED: [HeaderName; 5] = [HOST, ORIGIN, COOKIE, FETCH_SITE, FETCH_MODE];

/// The names of the server that requests may use. The first is the one in printed addresses.
#[derive(Clone, Debug)]
pub(super) struct Names([String; 2]);

impl Names {
    /// The loopback's names with `port`.
    pub(super) fn on(port: u16) -> Self {
        Self(["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}")))
    }

    /// Says why a request is refused; `None` when it may pass.
    fn refuse(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let is_ours = |name: &str| self.0.iter().any(|ours| ours.eq_ignore_ascii_case(name));
        let is_twice = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
        if CHECKED.iter().any(is_twice) {
            return Some("a request says once where it comes from and whom it asks");
        }
        let host = text(HOST).is_some_and(is_ours);
        if !host || uri.authority().is_some_and(|name| !is_ours(name.as_str())) {
            return Some(
                "the book is served under the name of this machine alone: 127.0.0.1 or localhost",
            );
        }
        let origin = |origin: &str| origin.strip_prefix("http://").is_some_and(is_ours);
        if text(ORIGIN).is_some_and(|value| !origin(value)) {
            return Some("a page of another site may not ask the book");
        }
        let is_safe = matches!(*method, Method::GET | Method::HEAD);
        if !is_safe && text(ORIGIN).is_none() {
            return Some("only a page of the book may ask for this, and its browser says so");
        }
        // Only browsers send these headers. A link from another site to the book is allowed: a GET
        // changes nothing.
        let site = text(FETCH_SITE);
        let mode = text(FETCH_MODE);
        let is_foreign = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
        let is_link = is_safe && mode == Some("navigate");
        (is_foreign && !is_link).then_some("a page of another site may not use the book's files")
    }

    /// The address under the first name, for a browser that opens a page under the second: a
    /// browser stores cookies and settings for each name separately.
    fn proper(&self, request: &Request) -> Option<String> {
        let is = |name: HeaderName, what: &str| {
            let value = request.headers().get(name);
            value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(what.as_bytes()))
        };
        let [proper, nickname] = &self.0;
        let opens = is(FETCH_MODE, "navigate");
        let path = request.uri().path_and_query()?;
        (opens && is(HOST, nickname)).then(|| format!("http://{proper}{path}"))
    }
}

/// Lets a request pass, or says why not.
pub(super) async fn check_host(
    State((names, access)): State<(Names, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let refusal = names.refuse(request.method(), request.uri(), request.headers());
    let mut response = match (refusal, names.proper(&request)) {
        (Some(why), _) => refused(why),
        (None, Some(proper)) => Redirect::temporary(&proper).into_response(),
        (None, None) => admit(&access, request, next).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Passes on a request with a cookie, and exchanges a token for a cookie.
async fn admit(access: &Access, request: Request, next: Next) -> Response {
    match access.admit(request.method(), request.uri(), request.headers()) {
        Entry::Open => next.run(request).await,
        Entry::Exchanged { place } => {
            // The redirect names the host: a path that begins with two slashes would be taken for
            // another host.
            let host = request.headers().get(HOST).and_then(|it| it.to_str().ok());
            let address = format!("http://{}{place}", host.unwrap_or_default());
            let kept = [
                (SET_COOKIE, access.cookie()),
                (CACHE_CONTROL, "no-store".to_owned()),
            ];
            (kept, Redirect::to(&address)).into_response()
        }
        Entry::Closed => refused(REFUSAL),
    }
}

fn refused(why: &str) -> Response {
    let kept = [(CACHE_CONTROL, "no-store")];
    (StatusCode::FORBIDDEN, kept, format!("{why}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(target: &str, headers: &[(&'static str, &'static str)]) -> bool {
        is_refused(&Method::GET, target, headers)
    }

    fn is_refused(method: &Method, target: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        Names::on(3000)
            .refuse(method, &target.parse().unwrap(), &headers)
            .is_some()
    }

    #[test]
    fn a_host_that_is_not_the_loopback_with_our_port_is_refused() {
        for host in ["127.0.0.1:3000", "localhost:3000", "LOCALHOST:3000"] {
            assert!(!refused("/", &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:3000",
            "127.0.0.1",
            "127.0.0.1:3001",
            "127.0.0.1:3000.evil.example",
            "localhost.evil.example:3000",
            "",
        ] {
            assert!(refused("/", &[("host", host)]), "{host}");
        }
        assert!(refused("/", &[]));
        assert!(refused(
            "http://evil.example/",
            &[("host", "127.0.0.1:3000")]
        ));
    }

    #[test]
    fn an_origin_of_another_site_is_refused() {
        for (origin, wanted) in [
            ("http://127.0.0.1:3000", false),
            ("http://localhost:3000", false),
            ("https://127.0.0.1:3000", true),
            ("http://localhost:8000", true),
            ("http://evil.example", true),
            ("null", true),
        ] {
            let headers = [("host", "127.0.0.1:3000"), ("origin", origin)];
            assert_eq!(refused("/", &headers), wanted, "{origin}");
        }
    }

    #[test]
    fn another_sites_page_may_link_to_the_book_but_not_use_its_files() {
        let from = |site, mode| {
            let host = ("host", "localhost:3000");
            refused(
                "/",
                &[host, ("sec-fetch-site", site), ("sec-fetch-mode", mode)],
            )
        };
        assert!(!from("cross-site", "navigate"));
        assert!(from("cross-site", "no-cors"));
        assert!(from("same-site", "cors"));
        assert!(!from("same-origin", "cors"));
        assert!(!from("none", "navigate"));
    }

    #[test]
    fn what_a_request_is_judged_by_stands_in_it_once() {
        let ours = [
            ("host", "127.0.0.1:3000"),
            ("origin", "http://127.0.0.1:3000"),
            ("cookie", "a=b"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "cors"),
        ];
        assert!(!refused("/", &ours));
        for twice in ours {
            assert!(refused("/", &[&ours[..], &[twice]].concat()), "{twice:?}");
        }
        let other = ("origin", "http://evil.example");
        assert!(refused("/", &[&ours[..], &[other]].concat()));
    }

    #[test]
    fn what_acts_is_asked_for_by_a_page_of_the_book() {
        let acts = |headers: &[(&'static str, &'static str)]| {
            let host = [("host", "127.0.0.1:3000")];
            !is_refused(
                &Method::POST,
                "/live/lessons/01/check",
                &[&host, headers].concat(),
            )
        };
        let ours = ("origin", "http://127.0.0.1:3000");
        assert!(acts(&[ours]));
        assert!(acts(&[ours, ("sec-fetch-site", "same-origin")]));
        assert!(!acts(&[]));
        assert!(!acts(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate")
        ]));
        assert!(!acts(&[
            ours,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate")
        ]));
    }

    #[test]
    fn a_page_that_is_opened_as_localhost_is_opened_as_127_0_0_1() {
        let opened = |host: &str, mode: &str| {
            let request = Request::builder()
                .uri("/06-echo-server.html?highlight=edge")
                .header("host", host)
                .header("sec-fetch-mode", mode);
            Names::on(3000).proper(&request.body(axum::body::Body::empty()).unwrap())
        };
        let proper = "http://127.0.0.1:3000/06-echo-server.html?highlight=edge";
        assert_eq!(
            opened("localhost:3000", "navigate").as_deref(),
            Some(proper)
        );
        assert_eq!(opened("localhost:3000", "cors"), None);
        assert_eq!(opened("127.0.0.1:3000", "navigate"), None);
    }
}
