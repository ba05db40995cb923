use super::super::{
    Flag, OrganizationError,
    audit::{self, Act, By, Line},
    flags::Flags,
    queries::places,
    rules::MOST_FOUNDED,
};
use crate::{
    kernel::{
        ids::{OrganizationId, UserId},
        text::Name,
    },
    platform::SystemDb,
};

/// Founds an organisation, whose owner is `user`.
pub async fn found(
    db: &SystemDb,
    flags: &Flags,
    user: UserId,
    name: &Name,
    by: &By,
) -> Result<OrganizationId, OrganizationError> {
    let mut tx = db.begin().await?;
    if !flags.is_on_for_all(&mut tx, Flag::Founding).await? {
        return Err(OrganizationError::FoundingOff);
    }
    if places::count_owned(&mut tx, user).await? >= MOST_FOUNDED {
        return Err(OrganizationError::TooMany);
    }
    let organization = places::insert_organization(&mut tx, user, name.as_str()).await?;
    let line = Line::new(Act::OrganizationFounded, name.as_str());
    audit::note_for_system(&mut tx, organization, by, line).await?;
    tx.commit().await?;
    Ok(organization)
}
