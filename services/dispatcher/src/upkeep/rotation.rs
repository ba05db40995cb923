use super::Chore;
use crate::work::{Ctx, Run};
use anyhow::Context as _;
use batchtrack_core::{jobs::Every, outbox, platform::daily};

/// For a table that no setting names.
const KEPT_DAYS: u32 = 30;

/// Makes the coming days of the tables that are kept by day, and drops the old ones.
pub(super) struct RotateDailyTables;

impl Chore for RotateDailyTables {
    const KIND: &'static str = "upkeep.rotate_daily_tables.v1";
    const EVERY: Every = Every::Minutes(60);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let settings = &ctx.settings;
        let (mut days, mut trouble) = (0, None);
        for table in daily::tables(&ctx.system).await? {
            let rotated = match table.as_str() {
                // Where something was not dealt with yet, a day is kept for longer.
                "domain_events" => {
                    let keep = settings.events.retention_days.get();
                    outbox::rotate(&ctx.system, keep).await.map(|rotated| {
                        if rotated.held_back > 0 {
                            tracing::warn!(
                                days = rotated.held_back,
                                "events are kept for longer, for some have not been relayed"
                            );
                        }
                        (rotated.made, rotated.dropped)
                    })
                }
                "webhook_deliveries" | "webhook_attempts" => {
                    let keep = settings.webhooks.log_retention_days.get();
                    daily::rotate(&ctx.system, &table, keep).await
                }
                _ => daily::rotate(&ctx.system, &table, KEPT_DAYS).await,
            };
            match rotated {
                Ok((made, dropped)) => days += u64::try_from(made + dropped)?,
                // The others must not have to wait for this one.
                Err(error) => trouble = Some((table, error)),
            }
        }
        match trouble {
            None => Ok(days),
            Some((table, error)) => Err(error).context(format!("{table} could not be rotated")),
        }
    }
}
