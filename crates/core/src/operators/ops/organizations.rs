//! Whose tier it is, whether it is open, and what is switched on. Each is written down twice: for the
//! operators, and for the organisation.
use super::super::{
    OperatorError,
    model::{Act, Actor},
    queries::{self, organizations},
};
use crate::{
    kernel::ids::OrganizationId,
    organizations::audit::{self, By, Line, OperatorReason},
    platform::{SystemDb, SystemTx},
};
use serde_json::{Value, json};

/// Gives an organisation another tier; what its members may do changes with their next request.
pub async fn set_tier(
    system: &SystemDb,
    actor: &Actor,
    id: OrganizationId,
    tier: &str,
) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    let (name, before, _) = organizations::hold(&mut tx, id).await?;
    if before == tier {
        return Ok(());
    }
    organizations::set_tier(&mut tx, id, tier).await?;
    let subject = format!("{name}: {before} to {tier}");
    let act = Act::TierOfOrganizationChanged;
    queries::note_about(&mut tx, actor, act, id, &subject, None).await?;
    let details = json!({ "from": before, "to": tier });
    tell(
        &mut tx,
        actor,
        id,
        audit::Act::TierChanged,
        &name,
        details,
        None,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Closes an organisation for a while. Its members are told so, and why, at their next request.
pub async fn suspend(
    system: &SystemDb,
    actor: &Actor,
    id: OrganizationId,
    reason: &str,
) -> Result<(), OperatorError> {
    let reason = given(reason)?;
    let mut tx = system.begin().await?;
    let (name, _, is_active) = organizations::hold(&mut tx, id).await?;
    if !is_active {
        return Ok(());
    }
    organizations::set_active(&mut tx, id, false, Some(reason.to_owned())).await?;
    let act = Act::OrganizationSuspended;
    queries::note_about(&mut tx, actor, act, id, &name, Some(reason)).await?;
    let act = audit::Act::OrganizationSuspended;
    tell(&mut tx, actor, id, act, &name, json!({}), Some(reason)).await?;
    tx.commit().await?;
    Ok(())
}

/// Opens it again.
pub async fn activate(
    system: &SystemDb,
    actor: &Actor,
    id: OrganizationId,
) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    let (name, _, is_active) = organizations::hold(&mut tx, id).await?;
    if is_active {
        return Ok(());
    }
    organizations::set_active(&mut tx, id, true, None).await?;
    let act = Act::OrganizationActivated;
    queries::note_about(&mut tx, actor, act, id, &name, None).await?;
    let act = audit::Act::OrganizationActivated;
    tell(&mut tx, actor, id, act, &name, json!({}), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Switches a feature: for everybody for whom nothing else is said, or for one organisation, where none
/// lets it go with the others again.
pub async fn set_flag(
    system: &SystemDb,
    actor: &Actor,
    key: &str,
    organization: Option<OrganizationId>,
    is_on: Option<bool>,
) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    let word = match is_on {
        Some(true) => "on",
        Some(false) => "off",
        None => "as for everybody",
    };
    let subject = format!("{key}: {word}");
    if let Some(id) = organization {
        organizations::hold(&mut tx, id).await?;
        organizations::set_flag_of(&mut tx, key, id, is_on).await?;
        queries::note_about(&mut tx, actor, Act::FlagChanged, id, &subject, None).await?;
        let act = audit::Act::FlagChanged;
        tell(&mut tx, actor, id, act, key, json!({ "to": word }), None).await?;
    } else {
        let is_on = is_on.ok_or(OperatorError::NoFlag)?;
        if !organizations::set_flag(&mut tx, key, is_on).await? {
            return Err(OperatorError::NoFlag);
        }
        queries::note(&mut tx, actor, Act::FlagChanged, &subject, 1).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A reason that says something.
pub(super) fn given(reason: &str) -> Result<&str, OperatorError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().any(char::is_control) {
        return Err(OperatorError::ReasonNeeded);
    }
    Ok(reason)
}

/// Writes it down for the organisation.
pub(super) async fn tell(
    tx: &mut SystemTx,
    actor: &Actor,
    organization: OrganizationId,
    act: audit::Act,
    subject: &str,
    details: Value,
    reason: Option<&str>,
) -> Result<(), OperatorError> {
    let by = By {
        user: actor.user,
        name: Some(actor.name.clone()),
        operator: Some(OperatorReason {
            user: actor.user,
            reason: reason.map(str::to_owned),
        }),
        client: None,
        correlation: actor.correlation.clone(),
    };
    let line = Line::new(act, subject).with(details);
    audit::note_for_system(tx, organization, &by, line).await?;
    Ok(())
}
