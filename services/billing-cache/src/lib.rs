//! Where billing snapshots are written: the one process that may. There are no plans to follow
//! yet; it stands ready and answers for itself and what it depends on.
use batchtrack_core::platform::{Redis, SystemDb};
use batchtrack_service::{Context, OpsState, refuse_above_the_fence, serve_ops};

/// Runs until `context.life` ends.
pub async fn serve(context: Context) -> anyhow::Result<()> {
    let system = SystemDb::connect(&context.settings.database, context.clock.clone()).await?;
    let cache = Redis::connect_cache(&context.settings.redis).await?;
    let state = OpsState::new(&context, &system, None, vec![("cache", cache)]);
    let check = async {
        refuse_above_the_fence(&context.life, || system.check_role()).await?;
        Ok(())
    };
    // Health is answered from the start, whether or not there is a database yet.
    tokio::try_join!(serve_ops(&context, state), check)?;
    Ok(())
}
