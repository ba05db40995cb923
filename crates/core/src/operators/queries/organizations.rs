//! Organisations, as those see them who run the installation.
use super::super::{
    OperatorError,
    model::{Counts, FlagRow, OrganizationCard},
};
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::OrganizationId,
        text::containing,
    },
    platform::{OrgTx, SystemTx, prepared::statements},
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type CardColumns = (
    BigInt,
    Text,
    Nullable<Text>,
    Timestamptz,
    Bool,
    Nullable<Text>,
    Text,
    Text,
    BigInt,
    Nullable<Text>,
);

/// An organisation, as [`OrganizationCard`] reads it.
macro_rules! a_card {
    () => {
        "SELECT o.id, o.name, o.contact_email, o.created_at, o.is_active, o.suspended_for, t.key, t.name, \
                (SELECT count(*) FROM memberships m WHERE m.organization_id = o.id AND m.is_active), \
                (SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id \
                  WHERE m.organization_id = o.id AND m.role = 'owner') \
           FROM organizations o JOIN tiers t ON t.key = o.tier"
    };
}

statements! {
    Find -> CardColumns:
        concat!(a_card!(), " WHERE o.id = $1");
    List -> CardColumns:
        concat!(a_card!(), " WHERE o.id > $1 ORDER BY o.id LIMIT $2");
    // By the index of names; of a word that stands in more than a thousand, a thousand.
    ListNamed -> CardColumns:
        concat!(a_card!(), " WHERE o.id > $1 AND o.id = ANY (ARRAY( \
                    SELECT id FROM organizations WHERE lower(name) LIKE $3 AND id > $1 ORDER BY id LIMIT 1000)) \
                  ORDER BY o.id LIMIT $2");
    ListOfAddress -> CardColumns:
        concat!(a_card!(), " WHERE o.id > $1 AND (lower(o.contact_email) = $3 OR o.id IN ( \
                    SELECT m.organization_id FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = $3)) \
                  ORDER BY o.id LIMIT $2");
    CountThings -> (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt):
        "SELECT (SELECT count(*) FROM memberships WHERE organization_id = $1), \
                (SELECT count(*) FROM invitations WHERE organization_id = $1 AND state = 'open' AND expires_at > $2), \
                (SELECT count(*) FROM inventory_items WHERE organization_id = $1), \
                (SELECT count(*) FROM recipes WHERE organization_id = $1), \
                (SELECT count(*) FROM products WHERE organization_id = $1), \
                (SELECT count(*) FROM batches WHERE organization_id = $1)";
    Hold -> (Text, Text, Bool):
        "SELECT name, tier, is_active FROM organizations WHERE id = $1 FOR NO KEY UPDATE";
    SetTier:
        "UPDATE organizations SET tier = $2 WHERE id = $1";
    SetActive:
        "UPDATE organizations SET is_active = $2, suspended_for = left($3, 300) WHERE id = $1";
    ListFlags -> (Text, Text, Bool, Nullable<Bool>, BigInt):
        "SELECT f.key, f.description, f.is_on, o.is_on, (SELECT count(*) FROM organization_flags e WHERE e.flag = f.key) \
           FROM feature_flags f LEFT JOIN organization_flags o ON o.flag = f.key AND o.organization_id = $1 ORDER BY f.key";
    SetFlag:
        "UPDATE feature_flags SET is_on = $2 WHERE key = $1";
    SetFlagOf:
        "INSERT INTO organization_flags (organization_id, flag, is_on) VALUES ($2, $1, $3) \
         ON CONFLICT (organization_id, flag) DO UPDATE SET is_on = excluded.is_on";
    DropFlagOf:
        "DELETE FROM organization_flags WHERE flag = $1 AND organization_id = $2";
}

/// One organisation.
pub async fn organization(
    tx: &mut SystemTx,
    id: OrganizationId,
) -> Result<Option<OrganizationCard>, StoreError> {
    Ok(Find::prepared()
        .bind::<BigInt, _>(id)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// Organisations by number. `search` is a number, an address (of a member or to write to), or part of a
/// name.
pub async fn organizations(
    tx: &mut SystemTx,
    search: Option<&str>,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<OrganizationCard>, StoreError> {
    let behind = after.map_or(0, |cursor| cursor.id);
    let most = i64::from(limit) + 1;
    macro_rules! ask {
        ($statement:ident) => {
            $statement::prepared()
                .bind::<BigInt, _>(behind)
                .bind::<BigInt, _>(most)
        };
    }
    let rows: Vec<OrganizationCard> = match search {
        None => ask!(List).load(tx.conn()).await?,
        Some(words) => match words.parse() {
            Ok(id) => organization(tx, id).await?.into_iter().collect(),
            Err(_) if words.contains('@') => {
                ask!(ListOfAddress)
                    .bind::<Text, _>(words.to_lowercase())
                    .load(tx.conn())
                    .await?
            }
            Err(_) => {
                ask!(ListNamed)
                    .bind::<Text, _>(containing(words))
                    .load(tx.conn())
                    .await?
            }
        },
    };
    Ok(Page::of(rows, usize::from(limit), |row| Cursor {
        key: String::new(),
        id: row.id.get(),
    }))
}

/// How much the current organisation keeps.
pub async fn counts(tx: &mut OrgTx) -> Result<Counts, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    Ok(CountThings::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?)
}

/// An organisation while nobody else changes it: its name, its tier, and whether it is open.
pub(in super::super) async fn hold(
    tx: &mut SystemTx,
    id: OrganizationId,
) -> Result<(String, String, bool), OperatorError> {
    Hold::prepared()
        .bind::<BigInt, _>(id)
        .get_result(tx.conn())
        .await
        .optional()?
        .ok_or(OperatorError::NoOrganization)
}

pub(in super::super) async fn set_tier(
    tx: &mut SystemTx,
    id: OrganizationId,
    tier: &str,
) -> Result<(), OperatorError> {
    SetTier::prepared()
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(tier.to_owned())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn set_active(
    tx: &mut SystemTx,
    id: OrganizationId,
    is_active: bool,
    suspended_for: Option<String>,
) -> Result<(), StoreError> {
    SetActive::prepared()
        .bind::<BigInt, _>(id)
        .bind::<Bool, _>(is_active)
        .bind::<Nullable<Text>, _>(suspended_for)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Everything that can be switched; with what is said for `organization`, if one is asked about.
pub async fn flags(
    tx: &mut SystemTx,
    organization: Option<OrganizationId>,
) -> Result<Vec<FlagRow>, StoreError> {
    Ok(ListFlags::prepared()
        .bind::<Nullable<BigInt>, _>(organization)
        .load(tx.conn())
        .await?)
}

/// Switches a feature where nothing else is said; says whether there is such a feature.
pub(in super::super) async fn set_flag(
    tx: &mut SystemTx,
    key: &str,
    is_on: bool,
) -> Result<bool, StoreError> {
    let changed = SetFlag::prepared()
        .bind::<Text, _>(key.to_owned())
        .bind::<Bool, _>(is_on)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Switches a feature for one organisation; none lets it go with the others again.
pub(in super::super) async fn set_flag_of(
    tx: &mut SystemTx,
    key: &str,
    organization: OrganizationId,
    is_on: Option<bool>,
) -> Result<(), OperatorError> {
    match is_on {
        Some(is_on) => {
            SetFlagOf::prepared()
                .bind::<Text, _>(key.to_owned())
                .bind::<BigInt, _>(organization)
                .bind::<Bool, _>(is_on)
                .execute(tx.conn())
                .await?
        }
        None => {
            DropFlagOf::prepared()
                .bind::<Text, _>(key.to_owned())
                .bind::<BigInt, _>(organization)
                .execute(tx.conn())
                .await?
        }
    };
    Ok(())
}
