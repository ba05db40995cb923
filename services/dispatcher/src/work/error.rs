use std::time::Duration;

/// Why a job is not done. A plain `?` means [`JobError::Retry`]; that this is no
/// [`std::error::Error`] itself is what makes it possible.
#[derive(Debug)]
pub enum JobError {
    /// May go better later, after the kind's backoff; dead once its attempts are used up.
    Retry(anyhow::Error),
    /// The same, but somebody said when to come back.
    RetryAt {
        after: Duration,
        cause: anyhow::Error,
    },
    /// Will never go better: dead at once.
    GiveUp(anyhow::Error),
    /// Not now. Counts as no attempt.
    Snooze(Duration),
}

impl<E: Into<anyhow::Error>> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::Retry(error.into())
    }
}

impl JobError {
    pub fn give_up(error: impl Into<anyhow::Error>) -> Self {
        Self::GiveUp(error.into())
    }
}
