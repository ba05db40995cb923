//! Acting as an organisation: for an hour at most, visibly, and with a reason that it can read.
use super::{
    super::{
        OperatorError,
        model::{Act, Actor, Stay},
        queries::{self, organizations, stays},
    },
    organizations::{given, tell},
};
use crate::{
    kernel::ids::{OperatorStayId, OrganizationId, UserId},
    organizations::audit::{self, Line},
    platform::{OrgTx, SystemDb},
};
use chrono::TimeDelta;
use serde_json::json;

const LONGEST: TimeDelta = TimeDelta::hours(1);

/// Begins to act as an organisation, open or not.
pub async fn begin_stay(
    system: &SystemDb,
    actor: &Actor,
    organization: OrganizationId,
    reason: &str,
) -> Result<Stay, OperatorError> {
    let reason = given(reason)?;
    let operator = actor.user.ok_or(OperatorError::NoOperator)?;
    let mut tx = system.begin().await?;
    let (name, ..) = organizations::hold(&mut tx, organization).await?;
    let ends_at = tx.now() + LONGEST;
    let id = stays::begin(&mut tx, operator, organization, reason, ends_at).await?;
    let stay = stays::stay(&mut tx, operator, id)
        .await?
        .ok_or(OperatorError::NoOperator)?;
    let act = Act::OrganizationEntered;
    queries::note_about(&mut tx, actor, act, organization, &name, Some(reason)).await?;
    let act = audit::Act::OperatorEntered;
    let details = json!({ "until": stay.ends_at });
    tell(
        &mut tx,
        actor,
        organization,
        act,
        &name,
        details,
        Some(reason),
    )
    .await?;
    tx.commit().await?;
    Ok(stay)
}

/// Stops acting as an organisation. One that is over already is none of our business.
pub async fn end_stay(
    system: &SystemDb,
    actor: &Actor,
    operator: UserId,
    id: OperatorStayId,
) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    let Some((organization, name)) = stays::end(&mut tx, operator, id).await? else {
        return Ok(());
    };
    let act = Act::OrganizationLeft;
    queries::note_about(&mut tx, actor, act, organization, &name, None).await?;
    let act = audit::Act::OperatorLeft;
    tell(&mut tx, actor, organization, act, &name, json!({}), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes down what an operator does as the current organisation, with it: for the operators, and for the
/// organisation. `what` is the request, as `POST /inventory/add`.
pub async fn acted(tx: &mut OrgTx, what: &str) -> Result<(), OperatorError> {
    let Some(stay) = tx.origin().stay.clone() else {
        return Ok(());
    };
    let actor = Actor {
        user: tx.user(),
        name: stay.email.clone(),
        correlation: tx.correlation().to_owned(),
    };
    queries::note_acted(tx, &actor, what, &stay.reason).await?;
    audit::note(tx, Line::new(audit::Act::OperatorActed, what)).await?;
    Ok(())
}
