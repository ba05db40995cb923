use super::{
    Whose,
    model::{ApiToken, Found, NewToken},
    secret::{Fresh, Presented, Sort},
};
use crate::{
    identity::display_name,
    kernel::{
        StoreError,
        ids::{ApiTokenId, UserId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{api_tokens, users},
    tiers::Permissions,
};
use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, PgExpressionMethods as _,
    QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
    sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

statements! {
    Find -> (BigInt, Nullable<BigInt>, Text, Array<Text>, Nullable<Timestamptz>):
        "SELECT id, user_id, name, scopes, last_used_at FROM api_tokens \
         WHERE organization_id = $1 AND hash = $2 AND (user_id IS NULL) = $3 AND revoked_at IS NULL \
            AND (expires_at IS NULL OR expires_at > $4)";
    NoteUse:
        "UPDATE api_tokens SET last_used_at = $3 WHERE organization_id = $1 AND id = $2 \
            AND (last_used_at IS NULL OR last_used_at < $3)";
    Revoke:
        "UPDATE api_tokens SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL \
            AND ($4 IS NULL OR user_id = $4)";
}

/// First and last name, and user name.
type Names = (String, String, String);

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
struct Row {
    id: ApiTokenId,
    user_id: Option<UserId>,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

/// A token of the current organisation that is good at this moment.
pub(super) async fn find(tx: &mut OrgTx, shown: &Presented) -> Result<Option<Found>, StoreError> {
    type Row = (
        ApiTokenId,
        Option<UserId>,
        String,
        Vec<String>,
        Option<DateTime<Utc>>,
    );
    let found: Option<Row> = Find::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Binary, _>(shown.hash.to_vec())
        .bind::<Bool, _>(shown.sort == Sort::Organization)
        .bind::<Timestamptz, _>(tx.now())
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(found.map(|(id, user, name, scopes, last_used_at)| Found {
        id,
        user,
        name,
        scopes: Permissions::of_words(scopes.iter().map(String::as_str)),
        last_used_at,
    }))
}

pub(super) async fn note_use(tx: &mut OrgTx, id: ApiTokenId) -> Result<(), StoreError> {
    NoteUse::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(tx.now())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Live tokens of `user`, or of the organisation.
pub(super) async fn count(tx: &mut OrgTx, user: Option<UserId>) -> Result<i64, StoreError> {
    let now = tx.now();
    Ok(api_tokens::table
        .filter(api_tokens::organization_id.eq(tx.organization()))
        .filter(api_tokens::user_id.is_not_distinct_from(user))
        .filter(api_tokens::revoked_at.is_null())
        .filter(
            api_tokens::expires_at
                .is_null()
                .or(api_tokens::expires_at.gt(now)),
        )
        .count()
        .get_result(tx.conn())
        .await?)
}

pub(super) async fn insert(
    tx: &mut OrgTx,
    maker: UserId,
    new: &NewToken,
    fresh: &Fresh,
) -> Result<ApiTokenId, StoreError> {
    let now = tx.now();
    Ok(diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::organization_id.eq(tx.organization()),
            api_tokens::user_id.eq((new.sort == Sort::Personal).then_some(maker)),
            api_tokens::name.eq(new.name.as_str()),
            api_tokens::prefix.eq(&fresh.prefix),
            api_tokens::hash.eq(fresh.hash.as_slice()),
            api_tokens::scopes.eq(new.scopes.words()),
            api_tokens::created_by.eq(maker),
            api_tokens::created_at.eq(now),
            api_tokens::expires_at.eq(new.lifetime.end(now)),
        ))
        .returning(api_tokens::id)
        .get_result(tx.conn())
        .await?)
}

/// Says whether there was one to revoke, of `user` if that is given.
pub(super) async fn revoke(
    tx: &mut OrgTx,
    id: ApiTokenId,
    user: Option<UserId>,
) -> Result<bool, StoreError> {
    let changed = Revoke::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Nullable<BigInt>, _>(user)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Tokens of the current organisation that were not revoked, the latest first; those that have expired
/// are among them.
pub async fn list(tx: &mut OrgTx, whose: Whose) -> Result<Vec<ApiToken>, StoreError> {
    const MOST: i64 = 500;
    let mut tokens = api_tokens::table
        .left_join(users::table.on(users::id.nullable().eq(api_tokens::user_id)))
        .filter(api_tokens::organization_id.eq(tx.organization()))
        .filter(api_tokens::revoked_at.is_null())
        .order(api_tokens::id.desc())
        .limit(MOST)
        .select((
            Row::as_select(),
            (users::first_name, users::last_name, users::username).nullable(),
        ))
        .into_boxed();
    if whose == Whose::Mine {
        tokens = tokens.filter(api_tokens::user_id.eq(tx.user()));
    }
    let rows: Vec<(Row, Option<Names>)> = tokens.load(tx.conn()).await?;
    let token = |(row, owner)| token(row, owner);
    Ok(rows.into_iter().map(token).collect())
}

fn token(row: Row, owner: Option<Names>) -> ApiToken {
    ApiToken {
        id: row.id,
        user: row.user_id,
        user_name: owner.map_or_else(String::new, |(first, last, username)| {
            display_name(&first, &last, &username)
        }),
        name: row.name,
        prefix: row.prefix,
        scopes: Permissions::of_words(row.scopes.iter().map(String::as_str)),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}
