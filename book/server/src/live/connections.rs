//! The connections of the server, each a task of its own, and how long a request may take to
//! arrive.
//!
//! Invariant: a connection stays open while its request is answered, for hours if it is a page's
//! stream of events; a request that does not arrive in time is given up.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::time::timeout;

/// How long the head of a request may take, and how long a connection stays without the next.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How long its body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// The largest body that is accepted; every page's requests are smaller.
const BODY_BYTES: usize = 64 * 1024;

/// Answers requests on this thread, which is enough for one reader. `axum::serve` would be shorter,
/// but it gives hyper no timer, and so never closes a connection on which half a request has
/// arrived.
///
/// # Errors
/// When the runtime cannot be built, or the listener cannot be registered with it.
pub(super) fn answer(listener: TcpListener, router: &Router) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut listener = tokio::net::TcpListener::from_std(listener)?;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN);
        loop {
            // axum's `accept` pauses and tries again when the process has no file descriptors left.
            let (stream, _) = Listener::accept(&mut listener).await;
            let service = TowerToHyperService::new(router.clone());
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // An error only means that the connection has ended.
            tokio::spawn(async move { drop(connection.await) });
        }
    })
}

/// Reads the whole body of a request before it is answered, within a time limit.
pub(super) async fn whole_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match timeout(BODY_WITHIN, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
