//! Waiting for a condition instead of for the clock.
use std::{thread, time::Duration, time::Instant};

const STEP: Duration = Duration::from_millis(40);

/// Waits until `found` finds something, and stops the test with `what` when it takes too long.
pub fn until<T>(what: &str, patience: Duration, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: not within {} s",
            patience.as_secs()
        );
        thread::sleep(STEP);
    }
}

/// The same for what has to be asked for.
pub async fn until_async<T>(
    what: &str,
    patience: Duration,
    mut found: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: not within {} s",
            patience.as_secs()
        );
        tokio::time::sleep(STEP).await;
    }
}
