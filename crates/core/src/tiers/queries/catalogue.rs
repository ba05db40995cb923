//! All tiers and add-ons there are.
use super::super::{
    Permission, Permissions,
    model::{Addon, Limits, MoreLimits, Tier, TierChange},
};
use crate::{
    kernel::StoreError,
    platform::{OrgTx, SystemTx, prepared::statements},
};
use diesel::sql_types::{Array, BigInt, Bool, Int4, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

type Words = Array<Text>;

type TierColumns = (
    Text,
    Text,
    Text,
    Text,
    Bool,
    Nullable<Words>,
    Array<Nullable<Int4>>,
    Words,
    Words,
    Words,
    Words,
    BigInt,
);
type TierRow = (
    String,
    String,
    String,
    String,
    bool,
    Option<Vec<String>>,
    Vec<Option<i32>>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
    i64,
);

statements! {
    List -> TierColumns:
        "SELECT t.key, t.name, t.summary, t.provider, t.is_public, t.permissions, \
                ARRAY[t.user_limit, t.recipe_limit, t.product_limit, t.monthly_batch_limit, \
                      t.monthly_api_request_limit, t.source_limit, t.daily_source_event_limit, t.retention_days], \
                ARRAY(SELECT a.permission FROM tier_addons l JOIN addons a ON a.key = l.addon \
                       WHERE l.tier = t.key AND l.is_included AND a.is_active AND a.permission IS NOT NULL), \
                ARRAY(SELECT a.permission FROM tier_addons l JOIN addons a ON a.key = l.addon \
                       WHERE l.tier = t.key AND NOT l.is_included AND a.permission IS NOT NULL), \
                ARRAY(SELECT l.addon FROM tier_addons l WHERE l.tier = t.key AND l.is_included ORDER BY 1), \
                ARRAY(SELECT l.addon FROM tier_addons l WHERE l.tier = t.key AND NOT l.is_included ORDER BY 1), \
                (SELECT count(*) FROM organizations o WHERE o.tier = t.key) \
           FROM tiers t ORDER BY t.position, t.key";
    Addons -> (Text, Text, Text, Nullable<Text>):
        "SELECT key, name, summary, permission FROM addons WHERE is_active ORDER BY name, key";
    Change:
        "UPDATE tiers SET name = $2, summary = $3, is_public = $4, permissions = $5, user_limit = $6, recipe_limit = $7, \
                product_limit = $8, monthly_batch_limit = $9, monthly_api_request_limit = $10, source_limit = $11, \
                daily_source_event_limit = $12, retention_days = $13 WHERE key = $1";
    DropAddons:
        "DELETE FROM tier_addons WHERE tier = $1 AND NOT (addon = ANY ($2 || $3))";
    PutAddons:
        "INSERT INTO tier_addons (tier, addon, is_included) \
         SELECT $1, a.key, a.key = ANY ($2) FROM addons a WHERE a.key = ANY ($2 || $3) \
         ON CONFLICT (tier, addon) DO UPDATE SET is_included = excluded.is_included \
          WHERE tier_addons.is_included <> excluded.is_included";
}

fn tier(
    (
        key,
        name,
        summary,
        provider,
        is_public,
        own,
        limits,
        included,
        for_sale,
        included_addons,
        sold_addons,
        organizations,
    ): TierRow,
) -> Tier {
    let set = |words: &[String]| Permissions::of_words(words.iter().map(String::as_str));
    let limit = |nth: usize| limits.get(nth).copied().flatten();
    Tier {
        key,
        name,
        summary,
        provider,
        is_public,
        own: own.as_deref().map(set),
        included: set(&included),
        for_sale: set(&for_sale),
        included_addons,
        sold_addons,
        limits: Limits {
            users: limit(0),
            recipes: limit(1),
            products: limit(2),
            monthly_batches: limit(3),
        },
        more: MoreLimits {
            monthly_api_requests: limit(4),
            sources: limit(5),
            daily_source_events: limit(6),
            retention_days: limit(7),
        },
        organizations,
    }
}

async fn list(conn: &mut AsyncPgConnection) -> Result<Vec<Tier>, StoreError> {
    let rows: Vec<TierRow> = List::prepared().load(conn).await?;
    Ok(rows.into_iter().map(tier).collect())
}

/// All tiers, in the order in which they are shown. How many organisations have them is not told here.
pub async fn catalogue(tx: &mut OrgTx) -> Result<Vec<Tier>, StoreError> {
    list(tx.conn()).await
}

/// The same, with how many organisations have each.
pub async fn catalogue_for_system(tx: &mut SystemTx) -> Result<Vec<Tier>, StoreError> {
    list(tx.conn()).await
}

/// Add-ons that tiers may list, by name.
pub async fn addons(tx: &mut SystemTx) -> Result<Vec<Addon>, StoreError> {
    let rows: Vec<(String, String, String, Option<String>)> =
        Addons::prepared().load(tx.conn()).await?;
    let addon = |(key, name, summary, permission): (_, _, _, Option<String>)| Addon {
        key,
        name,
        summary,
        permission: permission.and_then(|word| word.parse::<Permission>().ok()),
    };
    Ok(rows.into_iter().map(addon).collect())
}

/// Writes a tier as it is to be; says whether there is one of that key.
pub(crate) async fn change_tier(
    tx: &mut SystemTx,
    key: &str,
    change: &TierChange,
) -> Result<bool, StoreError> {
    let own = change.own.map(Permissions::words);
    let changed = Change::prepared()
        .bind::<Text, _>(key.to_owned())
        .bind::<Text, _>(change.name.clone())
        .bind::<Text, _>(change.summary.clone())
        .bind::<Bool, _>(change.is_public)
        .bind::<Nullable<Words>, _>(own)
        .bind::<Nullable<Int4>, _>(change.limits.users)
        .bind::<Nullable<Int4>, _>(change.limits.recipes)
        .bind::<Nullable<Int4>, _>(change.limits.products)
        .bind::<Nullable<Int4>, _>(change.limits.monthly_batches)
        .bind::<Nullable<Int4>, _>(change.more.monthly_api_requests)
        .bind::<Nullable<Int4>, _>(change.more.sources)
        .bind::<Nullable<Int4>, _>(change.more.daily_source_events)
        .bind::<Nullable<Int4>, _>(change.more.retention_days)
        .execute(tx.conn())
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    DropAddons::prepared()
        .bind::<Text, _>(key.to_owned())
        .bind::<Words, _>(change.included_addons.clone())
        .bind::<Words, _>(change.sold_addons.clone())
        .execute(tx.conn())
        .await?;
    PutAddons::prepared()
        .bind::<Text, _>(key.to_owned())
        .bind::<Words, _>(change.included_addons.clone())
        .bind::<Words, _>(change.sold_addons.clone())
        .execute(tx.conn())
        .await?;
    Ok(true)
}
