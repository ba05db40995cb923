//! Deciding about dead jobs.
use super::super::{
    OperatorError,
    model::{Act, Actor},
    queries,
};
use crate::{
    jobs::operate::{self, Filter, Retried, Shown, State},
    kernel::{StoreError, ids::JobId},
    platform::{SystemDb, SystemTx},
};
use chrono::{DateTime, Utc};

/// Jobs of one transaction: few enough that nobody waits for it.
const AT_A_TIME: i64 = 1_000;

/// Puts one dead job back into its line.
pub async fn retry_job(
    system: &SystemDb,
    actor: &Actor,
    id: JobId,
) -> Result<Retried, OperatorError> {
    let mut tx = system.begin().await?;
    let job = one_dead(&mut tx, id).await?;
    let retried = operate::retry(&mut tx, &[id]).await?;
    // Somebody else has just decided.
    if retried.all() == 0 {
        return Err(OperatorError::NotDead);
    }
    queries::note(&mut tx, actor, Act::JobsRetried, &name(&job), 1).await?;
    tx.commit().await?;
    Ok(retried)
}

/// Drops one dead job for good.
pub async fn discard_job(system: &SystemDb, actor: &Actor, id: JobId) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    let job = one_dead(&mut tx, id).await?;
    if operate::discard(&mut tx, &[id]).await? == 0 {
        return Err(OperatorError::NotDead);
    }
    queries::note(&mut tx, actor, Act::JobsDiscarded, &name(&job), 1).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts all dead jobs of a kind back that had died by `until`, some at a time.
pub async fn retry_kind(
    system: &SystemDb,
    actor: &Actor,
    kind: &str,
    until: DateTime<Utc>,
) -> Result<Retried, StoreError> {
    let filter = Filter {
        kind: Some(kind.to_owned()),
        queue: None,
    };
    let mut all = Retried::default();
    loop {
        let mut tx = system.begin().await?;
        let some = operate::retry_all(&mut tx, &filter, until, AT_A_TIME).await?;
        queries::note(&mut tx, actor, Act::JobsRetried, kind, some.all()).await?;
        tx.commit().await?;
        all.back += some.back;
        all.needless += some.needless;
        if some.all() < AT_A_TIME {
            return Ok(all);
        }
    }
}

async fn one_dead(tx: &mut SystemTx, id: JobId) -> Result<Shown, OperatorError> {
    let job = operate::find(tx, id).await?.ok_or(OperatorError::NoJob)?;
    if job.state == State::Dead {
        Ok(job)
    } else {
        Err(OperatorError::NotDead)
    }
}

/// As the list of what was done names it.
fn name(job: &Shown) -> String {
    format!("{} {}", job.kind, job.id)
}
