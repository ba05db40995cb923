use super::super::{
    IdentityError,
    model::{Person, Profile},
    queries,
};
use super::change_address::tell_colleagues;
use crate::{kernel::ids::UserId, platform::SystemDb};

/// Changes what somebody is called and how they read the clock. People are the platform's, so it
/// holds in every organisation they belong to.
pub async fn change_profile(
    db: &SystemDb,
    user: UserId,
    profile: &Profile,
    correlation: &str,
) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    // A closed account is signed out by its next request anyway.
    let before = queries::person(&mut tx, user).await?;
    queries::change_profile(&mut tx, user, profile).await?;
    let changed = before.map_or_else(Vec::new, |before| changed(&before, profile));
    if !changed.is_empty() {
        tell_colleagues(&mut tx, user, &changed, correlation).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn changed(before: &Person, profile: &Profile) -> Vec<&'static str> {
    let values = [
        (
            "first_name",
            before.first_name.as_str(),
            profile.first_name.as_str(),
        ),
        ("last_name", &before.last_name, profile.last_name.as_str()),
        ("timezone", &before.timezone, &profile.timezone),
    ];
    let differ = values.into_iter().filter(|(_, old, new)| old != new);
    differ.map(|(name, ..)| name).collect()
}
