use super::{
    NewToken, Presented, Sort, TokenError, Whose,
    model::{LONGEST_LIFE_DAYS, Lifetime, MOST_TOKENS},
    queries, secret,
};
use crate::{
    kernel::{StoreError, ids::ApiTokenId},
    organizations::Grants,
    platform::{OrgTx, db::Program},
    tiers::Permissions,
};
use chrono::TimeDelta;
use secrecy::SecretString;

/// A token that was found good at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub id: ApiTokenId,
    pub scopes: Permissions,
    /// Whether its use is to be noted: [`note_use`].
    pub is_stale: bool,
}

/// How exactly the last use is known.
const COARSE: TimeDelta = TimeDelta::minutes(1);

/// Looks a token up in the organisation that it names, and has the unit of work act by it: as the person
/// whose it is, or as the organisation. None for one that was revoked, has expired or never was.
pub async fn authenticate(
    tx: &mut OrgTx,
    presented: &Presented,
) -> Result<Option<Shown>, StoreError> {
    let Some(found) = queries::find(tx, presented).await? else {
        return Ok(None);
    };
    let is_stale = found
        .last_used_at
        .is_none_or(|last| tx.now() - last >= COARSE);
    tx.act_by(
        found.user,
        Program {
            token: found.id,
            name: found.name.into(),
        },
    );
    Ok(Some(Shown {
        id: found.id,
        scopes: found.scopes,
        is_stale,
    }))
}

/// Notes that a token was used just now.
pub async fn note_use(tx: &mut OrgTx, shown: &Shown) -> Result<(), StoreError> {
    queries::note_use(tx, shown.id).await
}

/// Makes a token that may do no more than its maker, whose grants are given. The secret is in the answer
/// and nowhere else.
pub async fn create(
    tx: &mut OrgTx,
    grants: &Grants,
    new: &NewToken,
) -> Result<(ApiTokenId, SecretString), TokenError> {
    let maker = maker(tx)?;
    if new.scopes == Permissions::NONE {
        return Err(TokenError::NoScopes);
    }
    if let Some(beyond) = new.scopes.minus(grants.effective()).iter().next() {
        return Err(TokenError::Beyond(beyond));
    }
    if matches!(new.lifetime, Lifetime::Days(days) if !(1..=LONGEST_LIFE_DAYS).contains(&days)) {
        return Err(TokenError::BadLifetime);
    }
    let owner = (new.sort == Sort::Personal).then_some(maker);
    if queries::count(tx, owner).await? >= MOST_TOKENS {
        return Err(TokenError::TooMany);
    }
    let fresh = secret::generate(new.sort, tx.organization());
    let id = queries::insert(tx, maker, new, &fresh).await?;
    Ok((id, fresh.secret))
}

/// From now on it is good for nothing, on every replica.
pub async fn revoke(tx: &mut OrgTx, id: ApiTokenId, whose: Whose) -> Result<(), TokenError> {
    let maker = maker(tx)?;
    let owner = (whose == Whose::Mine).then_some(maker);
    if queries::revoke(tx, id, owner).await? {
        Ok(())
    } else {
        Err(TokenError::NoToken)
    }
}

/// The person at work; nobody, when it is a program.
fn maker(tx: &OrgTx) -> Result<crate::kernel::ids::UserId, TokenError> {
    match (tx.user(), tx.program()) {
        (Some(user), None) => Ok(user),
        _ => Err(TokenError::ByPeopleOnly),
    }
}
