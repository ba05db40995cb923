use chrono::{DateTime, Duration, Utc};
use std::sync::{Arc, Mutex};

/// Where the time comes from. Production reads the machine; a test moves the hands itself.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands still at `at` until it is advanced.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the machine's time"
            )]
            Self::System => Utc::now(),
            Self::Fixed(at) => *at.lock().expect("no holder of the clock panics"),
        }
    }

    /// Moves a fixed clock forward; the system clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(at) = self {
            *at.lock().expect("no holder of the clock panics") += by;
        }
    }
}
