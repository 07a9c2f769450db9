//! Echo servers under the same load, one after the other, round after round.

use std::io;
use std::time::Duration;

use serde::Serialize;

use crate::child::Server;
use crate::figures::Spread;
use crate::load::Load;
use crate::options::Options;
use crate::servers::{SERVERS, TOKIO};
use crate::{machine, syscalls};

/// One server with one number of connections.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) server: &'static str,
    pub(crate) connections: usize,
    /// How many messages came back, in all rounds.
    pub(crate) messages: usize,
    /// Processor time a message, in nanoseconds.
    pub(crate) nanos: Spread,
    /// The same, in each round, as a share of tokio's in that round.
    pub(crate) to_tokio: Spread,
    /// How long half of the messages took at most, in microseconds on the wall.
    pub(crate) micros: Spread,
    /// Memory that a connection occupies, in bytes.
    pub(crate) bytes_a_connection: Spread,
    /// `None` where they were not counted.
    pub(crate) calls_a_message: Option<f64>,
}

/// What one server did in one round.
struct Turn {
    messages: usize,
    nanos: f64,
    micros: f64,
    bytes: f64,
}

/// Measures all servers with each number of connections.
///
/// # Errors
/// When a server does not serve.
pub(crate) fn run(options: &Options) -> io::Result<Vec<Row>> {
    let cores = machine::cores();
    if let [_, .., load] = cores[..] {
        machine::stay_on(load);
    }
    let sizes: &[usize] = if options.quick {
        &[1, 64]
    } else {
        &[1, 64, 1000, 8000]
    };
    let mut sizes: Vec<_> = sizes
        .iter()
        .map(|size| machine::most_connections().min(*size))
        .collect();
    sizes.dedup();
    let mut rows = Vec::new();
    for connections in sizes {
        rows.extend(with(connections, options)?);
    }
    Ok(rows)
}

fn with(connections: usize, options: &Options) -> io::Result<Vec<Row>> {
    let messages = if options.quick {
        500
    } else {
        20_000.max(5 * connections)
    };
    let mut turns: Vec<Vec<Turn>> = SERVERS.iter().map(|_| Vec::new()).collect();
    for round in 0..options.rounds {
        eprintln!("echo, {connections} connections, round {}", round + 1);
        // Another one begins each time: the first finds the machine as it was left.
        for at in 0..SERVERS.len() {
            let server = (at + round) % SERVERS.len();
            turns[server].push(turn(SERVERS[server], connections, messages)?);
        }
    }
    let column = |turns: &[Turn], figure: fn(&Turn) -> f64| -> Vec<f64> {
        turns.iter().map(figure).collect()
    };
    let tokio = SERVERS.iter().position(|server| *server == TOKIO);
    let tokio = column(&turns[tokio.expect("it is one of them")], |turn| turn.nanos);
    let rows = SERVERS.iter().zip(turns).map(|(&server, turns)| {
        let nanos = column(&turns, |turn| turn.nanos);
        Ok(Row {
            server,
            connections,
            messages: turns.iter().map(|turn| turn.messages).sum(),
            to_tokio: Spread::of_ratios(&nanos, &tokio),
            nanos: Spread::of(nanos),
            micros: Spread::of(column(&turns, |turn| turn.micros)),
            bytes_a_connection: Spread::of(column(&turns, |turn| turn.bytes)),
            calls_a_message: match connections {
                // strace takes as long for each connection as all else together.
                ..=1000 => syscalls::a_message(server, connections)?,
                _ => None,
            },
        })
    });
    rows.collect()
}

fn turn(name: &str, connections: usize, messages: usize) -> io::Result<Turn> {
    let server = Server::start(name)?;
    // The first client is served before memory is looked at: what it costs, one server costs.
    let mut first = Load::connect(server.address, 1)?;
    first.talk(10)?;
    let before = server.resident_bytes()?;
    let mut load = Load::connect(server.address, connections)?;
    load.talk(connections)?;
    let used_before = server.used()?;
    let mut seen = load.talk(messages)?;
    let used = server.used()? - used_before;
    let grown = server.resident_bytes()?.saturating_sub(before);
    seen.waited.sort();
    let median: Duration = seen.waited[seen.waited.len() / 2];
    Ok(Turn {
        messages: seen.messages,
        nanos: used.as_nanos() as f64 / seen.messages as f64,
        micros: median.as_nanos() as f64 / 1000.0,
        bytes: grown as f64 / connections as f64,
    })
}
