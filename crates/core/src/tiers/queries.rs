mod catalogue;

pub(crate) use self::catalogue::change_tier;
pub use self::catalogue::{addons, catalogue, catalogue_for_system};
use super::{Allowance, Limits, Permissions, model::Granted};
use crate::{
    kernel::{StoreError, ids::OrganizationId},
    platform::{OrgTx, prepared::statements},
};
use diesel::sql_types::{Array, BigInt, Int4, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;

type Words = Array<Text>;

statements! {
    Find -> (Text, Text, Nullable<Words>, Nullable<Int4>, Nullable<Int4>, Nullable<Int4>, Nullable<Int4>, Words, Words, Words):
        "SELECT t.key, t.name, t.permissions, t.user_limit, t.recipe_limit, t.product_limit, t.monthly_batch_limit, \
            ARRAY(SELECT a.permission FROM tier_addons l JOIN addons a ON a.key = l.addon \
                WHERE l.tier = t.key AND l.is_included AND a.is_active AND a.permission IS NOT NULL), \
            ARRAY(SELECT a.permission FROM tier_addons l JOIN addons a ON a.key = l.addon \
                WHERE l.tier = t.key AND NOT l.is_included AND a.permission IS NOT NULL), \
            ARRAY(SELECT a.permission FROM organization_addons b JOIN addons a ON a.key = b.addon \
                WHERE b.organization_id = o.id AND b.is_active AND (b.ends_at IS NULL OR b.ends_at > $2) \
                AND a.permission IS NOT NULL) \
         FROM organizations o JOIN tiers t ON t.key = o.tier WHERE o.id = $1";
}

/// As [`Find`] answers.
type Row = (
    String,
    String,
    Option<Vec<String>>,
    Option<i32>,
    Option<i32>,
    Option<i32>,
    Option<i32>,
    Vec<String>,
    Vec<String>,
    Vec<String>,
);

/// What the tier of the current organisation allows at this moment.
pub async fn allowance(tx: &mut OrgTx) -> Result<Allowance, StoreError> {
    let organization: OrganizationId = tx.organization();
    let (
        tier,
        tier_name,
        own,
        users,
        recipes,
        products,
        monthly_batches,
        included,
        for_sale,
        bought,
    ): Row = Find::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(tx.now())
        .get_result(tx.conn())
        .await?;
    let set = |words: &[String]| Permissions::of_words(words.iter().map(String::as_str));
    let granted = Granted {
        tier: own.as_deref().map_or(Permissions::ALL, set),
        included: set(&included),
        for_sale: set(&for_sale),
        bought: set(&bought),
    };
    Ok(Allowance {
        tier,
        tier_name,
        permissions: granted.permissions(),
        limits: Limits {
            users,
            recipes,
            products,
            monthly_batches,
        },
    })
}
