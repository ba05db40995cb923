//! One letter on its way: whether it is to go, to the server, and what came of it.
use super::{
    compose::{self, Unwritable},
    mailer::Mailer,
    verdict::{Refusal, Verdict, verdict},
};
use batchtrack_core::{
    kernel::{StoreError, ids::JobId},
    mail::{self, Mailbox, Outcome, Posted, Standing},
    platform::SystemDb,
};
use lettre::{AsyncTransport as _, transport::smtp};
use std::{error::Error as _, time::Duration};

/// What became of a letter that needs no further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Sent,
    Skipped(Skipped),
    /// The server would not have it; the note says why.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// It was settled before; only the job had not heard.
    Already,
    Off,
    Late,
    Suppressed,
    Unwanted,
}

/// Why a letter has not gone.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the mail server: {0}")]
    Server(String),
    /// Nothing but a change of the letter, or of the key, could help.
    #[error("{0}")]
    Hopeless(String),
}

impl Skipped {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Already => "already settled",
            Self::Off => "mail is off",
            Self::Late => "too late",
            Self::Suppressed => "address suppressed",
            Self::Unwanted => "unsubscribed",
        }
    }
}

/// Sends the letter of `job`, unless it was sent, came too late, or is not wanted.
pub async fn deliver(
    system: &SystemDb,
    mailer: &Mailer,
    job: JobId,
    posted: &Posted,
) -> Result<Settled, Trouble> {
    let mailbox = Mailbox {
        job,
        kind: posted.letter.kind(),
        organization: posted.organization,
        to: &posted.to,
    };
    let now = system.clock().now();
    let mut tx = system.begin().await?;
    let standing = mail::standing(&mut tx, mailbox).await?;
    let is_late = posted.letter.expires_at().is_some_and(|until| until <= now);
    let skipped = match standing {
        Standing::Settled => return Ok(Settled::Skipped(Skipped::Already)),
        Standing::Suppressed => Some(Skipped::Suppressed),
        Standing::Unwanted => Some(Skipped::Unwanted),
        Standing::Due if is_late => Some(Skipped::Late),
        Standing::Due if !mailer.is_on() => Some(Skipped::Off),
        Standing::Due => None,
    };
    if let Some(why) = skipped {
        mail::note(&mut tx, mailbox, Outcome::Skipped, why.as_str()).await?;
        tx.commit().await?;
        return Ok(Settled::Skipped(why));
    }
    // A mail server may take its time; no connection waits for it.
    drop(tx);

    let letter = match compose::compose(mailer, job, posted, now) {
        Ok(letter) => letter,
        Err(error @ Unwritable::Address) => {
            return refused(system, mailbox, &error.to_string(), false).await;
        }
        Err(error) => return Err(Trouble::Hopeless(error.to_string())),
    };
    let Some(transport) = mailer.transport() else {
        return Ok(Settled::Skipped(Skipped::Off));
    };
    match transport.send(letter).await {
        Ok(_) => {
            note_sent(system, mailbox).await;
            Ok(Settled::Sent)
        }
        Err(error) => {
            let said = without_address(&server_said(&error), &posted.to.address);
            match judge(&error) {
                Verdict::Again => Err(Trouble::Server(said)),
                Verdict::Suppress => refused(system, mailbox, &said, true).await,
                Verdict::Refused => refused(system, mailbox, &said, false).await,
            }
        }
    }
}

async fn refused(
    system: &SystemDb,
    mailbox: Mailbox<'_>,
    said: &str,
    for_good: bool,
) -> Result<Settled, Trouble> {
    let mut tx = system.begin().await?;
    if for_good {
        mail::suppress(&mut tx, &mailbox.to.address, said).await?;
    }
    mail::note(&mut tx, mailbox, Outcome::Refused, said).await?;
    tx.commit().await?;
    Ok(Settled::Refused)
}

const NOTE_ATTEMPTS: u32 = 3;
const NOTE_PAUSE: Duration = Duration::from_millis(500);

/// The letter is out: whatever happens to the note, the job must not fail for it, or it would go
/// out again.
async fn note_sent(system: &SystemDb, mailbox: Mailbox<'_>) {
    for attempt in 1..=NOTE_ATTEMPTS {
        let noted = async {
            let mut tx = system.begin().await?;
            mail::note(&mut tx, mailbox, Outcome::Sent, "").await?;
            tx.commit().await
        };
        match noted.await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, attempt, job.id = mailbox.job.get(), "a letter was sent, but not noted");
            }
        }
        tokio::time::sleep(NOTE_PAUSE).await;
    }
}

fn judge(error: &smtp::Error) -> Verdict {
    let said = words_of(error);
    let Some(code) = error.status() else {
        // The address has letters that this server can't spell, and never will. All else, a server
        // without the TLS that was asked for included, an operator can mend.
        return if error.is_client() && said.contains("SMTPUTF8") {
            Verdict::Refused
        } else {
            Verdict::Again
        };
    };
    verdict(Refusal {
        code: code.into(),
        said: &said,
    })
}

/// The server's own words, without the digits.
fn words_of(error: &smtp::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

fn server_said(error: &smtp::Error) -> String {
    match error.source() {
        Some(source) if error.status().is_none() => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

/// Servers like to repeat the address; logs and dead jobs are no place for it.
fn without_address(said: &str, address: &str) -> String {
    let mut kept = String::new();
    let mut rest = said;
    let lower = said.to_lowercase();
    // Only where lower case keeps every byte's place can it be cut out by place.
    if lower.len() != said.len() {
        return said.replace(address, "(address)");
    }
    let mut at = 0;
    while let Some(found) = lower.get(at..).and_then(|tail| tail.find(address)) {
        kept.push_str(rest.get(..found).unwrap_or_default());
        kept.push_str("(address)");
        at += found + address.len();
        rest = said.get(at..).unwrap_or_default();
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::without_address;

    #[test]
    fn addresses_are_cut_out_however_they_are_written() {
        let said = "5.1.1 <Ana@Example.com>: ana@example.com is unknown";
        assert_eq!(
            without_address(said, "ana@example.com"),
            "5.1.1 <(address)>: (address) is unknown"
        );
        assert_eq!(without_address("İ x@y.de", "x@y.de"), "İ (address)");
        assert_eq!(without_address("nothing", "x@y.de"), "nothing");
    }
}
