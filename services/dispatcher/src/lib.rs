//! Passes events on and does the work they ask for. Any number of dispatchers may run side by side.
pub mod deliver;
pub mod fan_out;
pub mod mail;
mod measures;
mod pace;
pub mod relay;
pub mod upkeep;
pub mod work;

use self::work::{Ctx, Registry, Runner};
use batchtrack_core::{
    inventory::{TellOfExpiringLots, TellOfLowStock},
    mail::{SendLetter, SendLetterNow},
    platform::{Redis, SystemDb, wake::Bell},
    webhooks::{Deliver, SendAgain, TellOperator},
};
use batchtrack_service::{Context, OpsState, refuse_above_the_fence, serve_ops};

/// All that is done here. A kind that is no longer written is `drained` for a while before it goes.
pub fn registry() -> Registry {
    let registry = Registry::default()
        .with::<Deliver>()
        .with::<TellOperator>()
        .with::<SendAgain>()
        .with::<SendLetter>()
        .with::<SendLetterNow>()
        .with::<TellOfLowStock>()
        .with::<TellOfExpiringLots>();
    upkeep::works(registry)
}

/// Runs until `context.life` ends.
pub async fn serve(context: Context) -> anyhow::Result<()> {
    let bell = Bell::default();
    let redis = Redis::connect(&context.settings.redis).await?;
    let system = SystemDb::connect(&context.settings.database, context.clock.clone())
        .await?
        .with_bell(&bell);
    let notes = mail::notes(&context.settings);
    let ctx = Ctx::connect(&context.settings, context.clock.clone())
        .await?
        .with_bell(&bell);
    let state = OpsState::with_notes(&context, &system, Some(&ctx.db), Vec::new(), notes);
    let tells_operator = context.settings.webhooks.operator_url.is_some();
    let relay = relay::Relay::new(system.clone(), tells_operator);
    let runner = Runner::new(system.clone(), ctx.clone(), registry(), &context.settings)?;
    let check = async || {
        system.check_role().await?;
        ctx.db.check_role().await
    };
    let work = async {
        if refuse_above_the_fence(&context.life, check).await? {
            tokio::join!(
                relay.run(&context.life, &bell),
                runner.run(&context.life, &bell),
                upkeep::keep(&context.life, &system),
                bell.publish(&context.life, &redis),
                bell.hear(&context.life, &redis),
            );
        }
        Ok(())
    };
    // Health is answered from the start, whether or not there is a database yet.
    tokio::try_join!(serve_ops(&context, state), work)?;
    Ok(())
}
