use super::Chore;
use crate::work::{Ctx, JobError, Run, Work};
use batchtrack_core::{
    inventory::{self, AnnounceExpiring},
    jobs::{self, Every, NewJob},
    kernel::ids::OrganizationId,
};
use chrono::TimeDelta;
use std::time::Duration;

/// Organisations asked for in one go.
const AT_A_TIME: i32 = 500;
/// Lots of one organisation announced in one go.
const LOTS: u32 = 500;

/// Finds organisations with lots that are about to expire; each is then dealt with by itself.
pub(super) struct FindExpiring;

impl Chore for FindExpiring {
    const KIND: &'static str = "upkeep.find_expiring_lots.v1";
    const EVERY: Every = Every::DayAt(2);

    async fn run(ctx: &Ctx, run: &Run) -> anyhow::Result<u64> {
        let days = i64::from(ctx.settings.jobs.expiring_within_days.get());
        let (mut after, mut all) = (OrganizationId::new(0), 0);
        loop {
            let mut tx = ctx.system.begin().await?;
            let until = tx.now() + TimeDelta::days(days);
            let found =
                inventory::organizations_with_expiring_lots(&mut tx, until, after, AT_A_TIME)
                    .await?;
            let Some(last) = found.last() else {
                return Ok(all);
            };
            after = *last;
            all += u64::try_from(found.len())?;
            let jobs = found
                .into_iter()
                .map(|organization| {
                    NewJob::of(&AnnounceExpiring { organization }).for_organization(organization)
                })
                .collect();
            jobs::enqueue_for_system(&mut tx, &run.correlation, jobs).await?;
            tx.commit().await?;
        }
    }
}

impl Work for AnnounceExpiring {
    const TIMEOUT: Duration = Duration::from_mins(10);

    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let days = ctx.settings.jobs.expiring_within_days.get();
        loop {
            let mut tx = ctx.db.begin(run.acting(self.organization)).await?;
            let announced = inventory::announce_expiring(&mut tx, days, LOTS).await?;
            tx.commit().await?;
            if announced == 0 {
                return Ok(());
            }
        }
    }
}
