//! Organisations as somebody sees them who may belong to several, or to none.
use super::super::model::{Place, Profile, Standing};
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::{OrgTx, SystemTx, prepared::statements},
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

statements! {
    Places -> (BigInt, Text, Bool, Bool):
        "SELECT o.id, o.name, m.role = 'owner', NOT o.is_active FROM memberships m \
           JOIN organizations o ON o.id = m.organization_id \
          WHERE m.user_id = $1 AND m.is_active ORDER BY o.name, o.id";
    FindStanding -> (Text, Bool, Nullable<Text>, Nullable<Bool>):
        "SELECT o.name, o.is_active, o.suspended_for, m.is_active FROM organizations o \
           LEFT JOIN memberships m ON m.organization_id = o.id AND m.user_id = $2 \
          WHERE o.id = $1";
    FindProfile -> (Text, Nullable<Text>):
        "SELECT name, contact_email FROM organizations WHERE id = $1";
    ChangeProfile:
        "UPDATE organizations SET name = $2, contact_email = $3 WHERE id = $1";
    // One at a time for each person, so that nobody founds more than they may.
    LockPerson -> (Bool,):
        "SELECT pg_advisory_xact_lock(7301008, ($1 % 2147483647)::integer) IS NULL";
    CountOwned -> BigInt:
        "SELECT count(*) FROM memberships WHERE user_id = $1 AND role = 'owner'";
    Found -> BigInt:
        "INSERT INTO organizations (name, contact_email, created_at) \
         SELECT $1, email, $3 FROM users WHERE id = $2 RETURNING id";
    Own:
        "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ($1, $2, 'owner', $3)";
}

/// Where somebody belongs, by name; also where nobody may act just now.
pub async fn places(tx: &mut SystemTx, user: UserId) -> Result<Vec<Place>, StoreError> {
    let rows: Vec<(OrganizationId, String, bool, bool)> = Places::prepared()
        .bind::<BigInt, _>(user)
        .load(tx.conn())
        .await?;
    let place = |(organization, name, is_owner, is_suspended)| Place {
        organization,
        name,
        is_owner,
        is_suspended,
    };
    Ok(rows.into_iter().map(place).collect())
}

/// How somebody stands with an organisation.
pub async fn standing(
    tx: &mut SystemTx,
    user: UserId,
    organization: OrganizationId,
) -> Result<Standing, StoreError> {
    let found: Option<(String, bool, Option<String>, Option<bool>)> = FindStanding::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(match found {
        None => Standing::Gone {
            organization: String::new(),
        },
        Some((organization, _, _, None)) => Standing::Gone { organization },
        Some((organization, _, _, Some(false))) => Standing::Deactivated { organization },
        Some((organization, false, reason, Some(true))) => Standing::Suspended {
            organization,
            reason,
        },
        Some((_, true, _, Some(true))) => Standing::In,
    })
}

/// What is set for the current organisation.
pub async fn profile(tx: &mut OrgTx) -> Result<Profile, StoreError> {
    let organization = tx.organization();
    let (name, contact_email) = FindProfile::prepared()
        .bind::<BigInt, _>(organization)
        .get_result(tx.conn())
        .await?;
    Ok(Profile {
        name,
        contact_email,
    })
}

pub(in super::super) async fn change_profile(
    tx: &mut OrgTx,
    profile: &Profile,
) -> Result<(), StoreError> {
    let organization = tx.organization();
    ChangeProfile::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(profile.name.clone())
        .bind::<Nullable<Text>, _>(profile.contact_email.clone())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How many somebody owns; others of theirs wait until this unit of work is over.
pub(in super::super) async fn count_owned(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<i64, StoreError> {
    let _: (bool,) = LockPerson::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await?;
    Ok(CountOwned::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await?)
}

/// An organisation with its owner.
pub(in super::super) async fn insert_organization(
    tx: &mut SystemTx,
    user: UserId,
    name: &str,
) -> Result<OrganizationId, StoreError> {
    let now = tx.now();
    let organization: OrganizationId = Found::prepared()
        .bind::<Text, _>(name.to_owned())
        .bind::<BigInt, _>(user)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?;
    Own::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(organization)
}
