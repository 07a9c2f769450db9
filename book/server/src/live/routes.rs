//! The requests that the server answers.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /PATH` | a file of the book |
//! | `GET /PATH?token=…` | the same, and sets the reader's cookie |
//! | `GET /live/events` | the state, and every change of it, as server-sent events |
//! | `GET /live/lessons/06` | its panel: files to write in, mistakes, what is learned |
//! | `POST /live/on-save` | turns grading on save on or off |
//! | `POST /live/stop` | ends the running grading, and empties the queue |
//! | `POST /live/lessons/06/check` | grades the learner's program |
//! | `POST /live/lessons/06/hint` | opens one more hint for a check |
//! | `POST /live/lessons/06/compare` | shows the learner's program beside the reference |
//! | `POST /live/lessons/06/mistake` | grades one of the mistakes |
//!
//! Invariant: nothing that acts is a GET, and a lesson is named only by a number of the list.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use course::Lesson;
use course::author::mistakes::Mistake;
use course::catalog::stubs;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::Access;
use super::connections::whole_body;
use super::edition::Edition;
use super::host_check::{Names, check_host};
use super::panel;
use super::runner::Runner;
use super::session::Session;
use super::side_by_side::side_by_side;
use super::site::Served;

/// The parts of the server that answers are made from; every handler gets a clone.
#[derive(Clone)]
pub(super) struct Services {
    pub(super) session: Arc<Session>,
    pub(super) edition: Arc<Edition>,
    pub(super) runner: Arc<Runner>,
}

/// A refusal, or a fault, with words for the page.
type Refused = (StatusCode, String);

/// The server's routes, behind the check of host and token.
pub(super) fn router(services: Services, names: Names, access: Access) -> Router {
    Router::new()
        .route("/live/events", get(events))
        .route("/live/on-save", post(on_save))
        .route("/live/stop", post(stop))
        .route("/live/lessons/{number}", get(lesson))
        .route("/live/lessons/{number}/check", post(check))
        .route("/live/lessons/{number}/hint", post(hint))
        .route("/live/lessons/{number}/compare", post(compare))
        .route("/live/lessons/{number}/mistake", post(mistake))
        .fallback(file)
        .with_state(services)
        .layer(middleware::from_fn(whole_body))
        .layer(middleware::from_fn_with_state((names, access), check_host))
}

async fn file(
    State(services): State<Services>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let site = services.edition.site();
    match (site.find(uri.path()), site.not_found()) {
        (Some(served), _) => send(StatusCode::OK, served, &headers),
        (None, Some(served)) => send(StatusCode::NOT_FOUND, served, &headers),
        (None, None) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Sends a file, in gzip if the browser accepts it, or says that it has not changed.
fn send(status: StatusCode, served: &Served, headers: &HeaderMap) -> Response {
    let asked = |name, what: &str| {
        let values = headers.get_all(name).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains(what))
    };
    let known = [(ETAG, served.tag.as_str()), (CACHE_CONTROL, "no-cache")];
    if status == StatusCode::OK && asked(IF_NONE_MATCH, &served.tag) {
        return (StatusCode::NOT_MODIFIED, known).into_response();
    }
    let kind = [(CONTENT_TYPE, served.kind), (VARY, "accept-encoding")];
    match served.packed().filter(|_| asked(ACCEPT_ENCODING, "gzip")) {
        Some(packed) => {
            let packing = [(CONTENT_ENCODING, "gzip")];
            (status, known, kind, packing, Body::from(packed)).into_response()
        }
        None => (status, known, kind, Body::from(served.body.clone())).into_response(),
    }
}

async fn events(
    State(services): State<Services>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listener = services.session.state.listen();
    // Each connection begins at 0, before every change, so a page that comes, or comes back, is
    // sent the whole state.
    let turns = stream::unfold(
        (services, listener, 0),
        |(services, mut listener, heard)| async move {
            loop {
                listener.borrow_and_update();
                let (now, news) = services.session.state.since(heard);
                if !news.is_empty() {
                    return Some((stream::iter(news), (services, listener, now)));
                }
                listener.changed().await.ok()?;
            }
        },
    );
    Sse::new(
        turns
            .flatten()
            .map(|news| Ok(Event::default().event(news.kind).data(news.json))),
    )
}

async fn lesson(
    State(services): State<Services>,
    Path(number): Path<String>,
) -> Result<Json<Value>, Refused> {
    let lesson = named(&services, &number)?;
    panel::describe(&services.session.workspace, lesson)
        .map(Json)
        .map_err(|error| broken(&error))
}

#[derive(Deserialize)]
struct OnSave {
    on: bool,
}

async fn on_save(State(services): State<Services>, Json(OnSave { on }): Json<OnSave>) {
    services.session.grade_on_save(on);
}

async fn stop(State(services): State<Services>) {
    services.runner.stop(&services.session.state);
}

async fn check(
    State(services): State<Services>,
    Path(number): Path<String>,
) -> Result<(), Refused> {
    let lesson = named(&services, &number)?;
    services.runner.check(lesson);
    Ok(())
}

#[derive(Deserialize)]
struct Hint {
    check: String,
}

async fn hint(
    State(services): State<Services>,
    Path(number): Path<String>,
    Json(Hint { check }): Json<Hint>,
) -> Result<(), Refused> {
    let lesson = named(&services, &number)?;
    if services.session.open_hint(lesson, &check) {
        Ok(())
    } else {
        Err((
            StatusCode::NOT_FOUND,
            format!("there is no check `{check}`"),
        ))
    }
}

#[derive(Deserialize)]
struct Compare {
    /// Whether the reader has confirmed that they want to see the reference before the lesson is
    /// green.
    sure: bool,
}

async fn compare(
    State(services): State<Services>,
    Path(number): Path<String>,
    Json(Compare { sure }): Json<Compare>,
) -> Result<Json<Value>, Refused> {
    let lesson = named(&services, &number)?;
    let asks = services
        .session
        .state
        .lesson(&number)
        .is_some_and(|view| !view.green && !view.compared);
    if asks && !sure {
        let words = "the lesson is not green yet, and this shows the reference";
        return Err((StatusCode::CONFLICT, words.into()));
    }
    let files = || -> anyhow::Result<Value> {
        let reference = stubs::without_markers(&lesson.reference_for("compare")?);
        Ok(json!({ "files": side_by_side(&lesson.sources()?, &reference) }))
    };
    let shown = files().map_err(|error| broken(&error))?;
    if asks {
        services.session.compare_before_green(lesson);
    }
    Ok(Json(shown))
}

#[derive(Deserialize)]
struct Meet {
    name: String,
    guess: String,
}

async fn mistake(
    State(services): State<Services>,
    Path(number): Path<String>,
    Json(Meet { name, guess }): Json<Meet>,
) -> Result<(), Refused> {
    let lesson = named(&services, &number)?;
    let mistakes = Mistake::all(lesson).map_err(|error| broken(&error))?;
    let mistake = Mistake::named(&name, &mistakes, lesson)
        .map_err(|error| (StatusCode::NOT_FOUND, error.to_string()))?;
    services
        .runner
        .meet(&services.session.state, lesson, mistake, guess);
    Ok(())
}

fn named<'a>(services: &'a Services, number: &str) -> Result<&'a Lesson, Refused> {
    let unknown = || (StatusCode::NOT_FOUND, "there is no such lesson".to_owned());
    services.session.lesson(number).ok_or_else(unknown)
}

fn broken(error: &anyhow::Error) -> Refused {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}"))
}
