//! The jobs of mail.
use super::{Settled, Trouble, deliver};
use crate::work::{Ctx, JobError, Run, Work};
use batchtrack_core::{
    inventory::{self, TellOfExpiringLots, TellOfLowStock, Told},
    jobs::backoff,
    kernel::{StoreError, ids::OrganizationId},
    mail::{Posted, SendLetter, SendLetterNow},
    platform::OrgTx,
};
use std::time::Duration;

/// A mail server may take its time for each of half a dozen words.
const PATIENCE: Duration = Duration::from_mins(4);

impl Work for SendLetter {
    const TIMEOUT: Duration = PATIENCE;

    /// With eight attempts it is a day before a letter is given up: a server that is being moved
    /// is back by then.
    fn backoff(failures: i32, roll: f64) -> Duration {
        let (first, longest) = (Duration::from_mins(2), Duration::from_hours(7));
        backoff::growing(first, 4, longest, failures, roll)
    }

    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        send(ctx, run, self.0).await
    }
}

impl Work for SendLetterNow {
    const TIMEOUT: Duration = PATIENCE;

    /// Somebody waits, so the first tries come quickly; what it brings has an end of its own.
    fn backoff(failures: i32, roll: f64) -> Duration {
        let (first, longest) = (Duration::from_secs(10), Duration::from_hours(12));
        backoff::growing(first, 5, longest, failures, roll)
    }

    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        send(ctx, run, self.0).await
    }
}

async fn send(ctx: &Ctx, run: &Run, posted: Posted) -> Result<(), JobError> {
    let kind = posted.letter.kind();
    match deliver(&ctx.system, &ctx.mailer, run.id, &posted).await {
        Ok(settled) => {
            // Who it is for stays out of the log.
            tracing::info!(
                job.id = run.id.get(),
                letter.kind = kind.as_str(),
                request.id = &*run.correlation,
                outcome = ?settled,
                "letter settled"
            );
            if settled == Settled::Refused {
                tracing::warn!(
                    job.id = run.id.get(),
                    letter.kind = kind.as_str(),
                    "the mail server would not have a letter; mail_letters says why"
                );
            }
            Ok(())
        }
        Err(error @ Trouble::Hopeless(_)) => Err(JobError::give_up(error)),
        Err(error) => Err(error.into()),
    }
}

impl Work for TellOfLowStock {
    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        tell(ctx, run, self.organization, async |tx| {
            inventory::tell_of_low_stock(tx).await
        })
        .await
    }
}

impl Work for TellOfExpiringLots {
    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let days = ctx.settings.jobs.expiring_within_days.get();
        tell(ctx, run, self.organization, async |tx| {
            inventory::tell_of_expiring_lots(tx, days).await
        })
        .await
    }
}

async fn tell(
    ctx: &Ctx,
    run: &Run,
    organization: OrganizationId,
    work: impl AsyncFnOnce(&mut OrgTx) -> Result<Told, StoreError>,
) -> Result<(), JobError> {
    let mut tx = ctx.db.begin(run.acting(organization)).await?;
    let told = work(&mut tx).await?;
    tx.commit().await?;
    tracing::debug!(organization.id = organization.get(), ?told, "owners told");
    Ok(())
}
