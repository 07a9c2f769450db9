//! A subject of the demo's.

/// tokio registers a socket *once*, and the kernel reports each edge once.
///
/// In `add_source`.
#[test]
fn an_edge_is_reported_once() {
    claim(|c| {
        c.saw("one event");
        Ok(())
    });
}
