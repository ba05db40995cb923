//! Passes events on and does the work they ask for. Any number of dispatchers may run side by side.
mod accounts;
pub mod deliver;
pub mod fan_out;
pub mod mail;
mod measures;
pub mod once;
mod pace;
pub mod relay;
pub mod upkeep;
pub mod work;

use self::work::{Ctx, Registry, Runner};
use batchtrack_core::{
    identity::AccountErrand,
    inventory::{TellOfExpiringLots, TellOfLowStock},
    mail::{SendLetter, SendLetterNow},
    platform::{Redis, Settings, SystemDb, wake::Bell},
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
        .with::<AccountErrand>()
        .with::<TellOfLowStock>()
        .with::<TellOfExpiringLots>();
    upkeep::works(registry)
}

/// What a dispatcher works with, whether it stays or goes.
struct Parts {
    bell: Bell,
    system: SystemDb,
    ctx: Ctx,
    tells_operator: bool,
}

impl Parts {
    async fn connect(context: &Context) -> anyhow::Result<Self> {
        let settings = &context.settings;
        let bell = Bell::default();
        Ok(Self {
            system: SystemDb::connect(&settings.database, context.clock.clone())
                .await?
                .with_bell(&bell),
            ctx: Ctx::connect(settings, context.clock.clone())
                .await?
                .with_bell(&bell),
            tells_operator: settings.webhooks.operator_url.is_some(),
            bell,
        })
    }

    fn relay(&self) -> relay::Relay {
        relay::Relay::new(self.system.clone(), self.tells_operator)
    }

    fn runner(&self, settings: &Settings) -> anyhow::Result<Runner> {
        Runner::new(self.system.clone(), self.ctx.clone(), registry(), settings)
    }
}

/// Runs until `context.life` ends.
pub async fn serve(context: Context) -> anyhow::Result<()> {
    let redis = Redis::connect(&context.settings.redis).await?;
    let parts = Parts::connect(&context).await?;
    let Parts {
        bell, system, ctx, ..
    } = &parts;
    let notes = mail::notes(&context.settings);
    let state = OpsState::with_notes(&context, system, Some(&ctx.db), Vec::new(), notes);
    let (relay, runner) = (parts.relay(), parts.runner(&context.settings)?);
    let check = async || {
        system.check_role().await?;
        ctx.db.check_role().await
    };
    let work = async {
        if refuse_above_the_fence(&context.life, check).await? {
            tokio::join!(
                relay.run(&context.life, bell),
                runner.run(&context.life, bell),
                upkeep::keep(&context.life, system),
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
