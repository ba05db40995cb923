//! Reads how many statements a request sent from its line in the log.
use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{LazyLock, Mutex, Once},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

static SENT: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Mutex::default);
static LISTENING: Once = Once::new();

/// Listens to the request lines of all services in this process.
pub(crate) fn listen() {
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

/// Of the request that came with that id.
pub(crate) fn sent_by(request: &str) -> u64 {
    *SENT.lock().unwrap().get(request).unwrap()
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().ends_with("middleware::frame")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        if let (Some(request), Some(sent)) = (line.request, line.sent) {
            SENT.lock().unwrap().insert(request, sent);
        }
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line {
    request: Option<String>,
    sent: Option<u64>,
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "statements" {
            self.sent = Some(value);
        }
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request.id" {
            self.request = Some(value.to_owned());
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
