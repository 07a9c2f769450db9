//! Collects what mdBook only warns of, so that a build with a warning is not taken for a good one.
//!
//! mdBook speaks through `tracing`; without a subscriber its warnings go nowhere. The book is small
//! enough to mend each of them.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use grader::lock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Warnings and errors that were logged while a closure ran.
#[derive(Debug, Clone, Default)]
struct Collector {
    /// In the order they were logged.
    messages: Arc<Mutex<Vec<String>>>,
}

/// Runs `work` and returns what it returned, with the warnings that were logged meanwhile on this
/// thread.
pub fn collected<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    let collector = Collector::default();
    let result = tracing::subscriber::with_default(collector.clone(), work);
    let messages = std::mem::take(&mut *lock(&collector.messages));
    (result, messages)
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        lock(&self.messages).push(message.0);
    }

    // Spans are of no interest: every one is the same span.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The words of an event.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_warning_is_collected_and_a_remark_is_not() {
        let (result, warnings) = super::collected(|| {
            tracing::info!("all is well");
            tracing::warn!("a tag is never closed");
            7
        });
        assert_eq!(
            (result, warnings),
            (7, vec!["a tag is never closed".to_owned()])
        );
    }
}
