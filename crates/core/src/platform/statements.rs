//! How many statements a piece of work sends, for the request's log line and for the tests that
//! hold the budgets. `BEGIN` with its `SET LOCAL`, and `COMMIT`, do not count.
use diesel::connection::{Instrumentation, InstrumentationEvent};
use std::{cell::Cell, future::Future};

tokio::task_local! {
    static SENT: Cell<i64>;
}

/// Runs `work` and says how many statements it sent.
pub async fn counted<F: Future>(work: F) -> (F::Output, u32) {
    SENT.scope(Cell::new(0), async {
        let output = work.await;
        (output, sent())
    })
    .await
}

/// Statements sent so far by the work that [`counted`] encloses; zero outside of it.
pub fn sent() -> u32 {
    SENT.try_with(|n| u32::try_from(n.get()).unwrap_or(0))
        .unwrap_or(0)
}

/// Set on every connection.
pub(super) struct Counting;

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let change = match event {
            InstrumentationEvent::StartQuery { .. } => 1,
            // Each is followed by a query event of its own.
            InstrumentationEvent::BeginTransaction { .. }
            | InstrumentationEvent::CommitTransaction { .. }
            | InstrumentationEvent::RollbackTransaction { .. } => -1,
            _ => 0,
        };
        // Connections are also made and used outside of any request.
        let _ = SENT.try_with(|n| n.set(n.get() + change));
    }
}
