//! The connections of the server, each a task of its own, and how long a request may take to
//! arrive.
//!
//! Invariant: a connection is kept while it is answered, for hours if it is the line that tells a
//! page of changes; a request that does not come to its end is not.

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
/// More than anything a page asks for.
const BODY_BYTES: usize = 64 * 1024;

/// Answers requests on this thread, which is enough for one reader. `axum::serve` would take fewer
/// words, but it gives hyper no timer, and so never closes a connection on which half a request has
/// come.
///
/// # Errors
/// When there can be no runtime, or the listener is not one.
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
            // axum's way of accepting waits a little where there are no descriptors left.
            let (stream, _) = Listener::accept(&mut listener).await;
            let service = TowerToHyperService::new(router.clone());
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // A connection that ends in an error has ended: there is nobody to be told.
            tokio::spawn(async move { drop(connection.await) });
        }
    })
}

/// Takes in the body of a request before it is answered, and gives up on one that does not end.
pub(super) async fn whole_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match timeout(BODY_WITHIN, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
