use super::{LetterKind, To};
use crate::{
    kernel::{
        StoreError,
        ids::{JobId, OrganizationId, UserId},
        words::words,
    },
    platform::{OrgTx, SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, NaiveTime, Utc};
use diesel::{
    Queryable,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

statements! {
    Owners -> (BigInt, Text, Text):
        "SELECT u.id, u.email, coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) \
           FROM memberships m JOIN users u ON u.id = m.user_id \
          WHERE m.organization_id = $1 AND m.role = 'owner' AND m.is_active AND u.is_active \
          ORDER BY u.id";
    Stands -> (Bool, Bool, Bool):
        "SELECT EXISTS (SELECT FROM mail_letters WHERE job_id = $1), \
                EXISTS (SELECT FROM mail_suppressions WHERE address = lower($2)), \
                EXISTS (SELECT FROM mail_preferences WHERE user_id = $3 AND kind = $4 AND NOT wanted)";
    // An attempt that ran out of time while the server was slow may come second.
    Note:
        "INSERT INTO mail_letters (job_id, kind, organization_id, user_id, address, outcome, remark, settled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, left($7, 1000), $8) ON CONFLICT (job_id) DO NOTHING";
    Suppress:
        "INSERT INTO mail_suppressions (address, reason, said, since) \
         VALUES (lower($1), 'refused', left($2, 1000), $3) ON CONFLICT (address) DO NOTHING";
    Suppressions -> (Text, Text, Timestamptz):
        "SELECT address, said, since FROM mail_suppressions WHERE address > $1 ORDER BY address LIMIT $2";
    Lift:
        "DELETE FROM mail_suppressions WHERE address = lower($1)";
    Preferences -> (Text, Bool):
        "SELECT kind, wanted FROM mail_preferences WHERE user_id = $1";
    Prefer:
        "INSERT INTO mail_preferences (user_id, kind, wanted, changed_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, kind) DO UPDATE SET wanted = $3, changed_at = $4";
    // Whoever comes second waits here, and then finds that today's is written.
    ClaimDigest:
        "INSERT INTO mail_digests (organization_id, kind, sent_at) VALUES ($1, $2, $3) \
         ON CONFLICT (organization_id, kind) DO UPDATE SET sent_at = $3 WHERE mail_digests.sent_at < $4";
    Forget:
        "DELETE FROM mail_letters WHERE job_id IN ( \
            SELECT job_id FROM mail_letters WHERE settled_at < $1 ORDER BY settled_at LIMIT $2)";
}

/// Where a letter is going, and on account of what.
#[derive(Debug, Clone, Copy)]
pub struct Mailbox<'a> {
    pub job: JobId,
    pub kind: LetterKind,
    pub organization: Option<OrganizationId>,
    pub to: &'a To,
}

/// Whether a letter is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was sent or settled before.
    Settled,
    /// The address was refused for good.
    Suppressed,
    /// They said that they don't want such letters.
    Unwanted,
    Due,
}

words! {
    pub enum Outcome {
        Sent = "sent",
        /// Nobody was asked to deliver it.
        Skipped = "skipped",
        /// The server would not have it.
        Refused = "refused",
    }
}

/// Who to write to about an organisation.
pub(super) async fn owners(tx: &mut OrgTx) -> Result<Vec<To>, StoreError> {
    let organization = tx.organization();
    owners_of(tx.conn(), organization).await
}

pub(super) async fn owners_for_system(
    tx: &mut SystemTx,
    organization: OrganizationId,
) -> Result<Vec<To>, StoreError> {
    owners_of(tx.conn(), organization).await
}

async fn owners_of(
    conn: &mut AsyncPgConnection,
    organization: OrganizationId,
) -> Result<Vec<To>, StoreError> {
    let rows: Vec<(UserId, String, String)> = Owners::prepared()
        .bind::<BigInt, _>(organization)
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(user, address, name)| To {
            address,
            name,
            user: Some(user),
        })
        .collect())
}

pub async fn standing(tx: &mut SystemTx, mailbox: Mailbox<'_>) -> Result<Standing, StoreError> {
    let (settled, suppressed, unwanted): (bool, bool, bool) = Stands::prepared()
        .bind::<BigInt, _>(mailbox.job)
        .bind::<Text, _>(mailbox.to.address.clone())
        .bind::<Nullable<BigInt>, _>(mailbox.to.user)
        .bind::<Text, _>(mailbox.kind)
        .get_result(tx.conn())
        .await?;
    Ok(match (settled, suppressed, unwanted) {
        (true, ..) => Standing::Settled,
        (_, true, _) => Standing::Suppressed,
        (_, _, true) if !mailbox.kind.is_awaited() => Standing::Unwanted,
        _ => Standing::Due,
    })
}

/// Notes what became of a letter; the first note stays.
pub async fn note(
    tx: &mut SystemTx,
    mailbox: Mailbox<'_>,
    outcome: Outcome,
    remark: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    Note::prepared()
        .bind::<BigInt, _>(mailbox.job)
        .bind::<Text, _>(mailbox.kind)
        .bind::<Nullable<BigInt>, _>(mailbox.organization)
        .bind::<Nullable<BigInt>, _>(mailbox.to.user)
        .bind::<Text, _>(mailbox.to.address.clone())
        .bind::<Text, _>(outcome)
        .bind::<Text, _>(remark.to_owned())
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Sends no more to `address`.
pub async fn suppress(tx: &mut SystemTx, address: &str, said: &str) -> Result<(), StoreError> {
    let now = tx.now();
    Suppress::prepared()
        .bind::<Text, _>(address.to_owned())
        .bind::<Text, _>(said.to_owned())
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// An address that nothing is sent to any more, since a mail server has refused it for good.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Suppression {
    pub address: String,
    /// In the words of the server.
    pub said: String,
    pub since: DateTime<Utc>,
}

/// Suppressed addresses in the order of the alphabet, up to `limit` of those behind `after`.
pub async fn suppressions(
    tx: &mut SystemTx,
    after: &str,
    limit: i64,
) -> Result<Vec<Suppression>, StoreError> {
    Ok(Suppressions::prepared()
        .bind::<Text, _>(after.to_owned())
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Sends to `address` again; `false` if it was not suppressed.
pub async fn lift(tx: &mut SystemTx, address: &str) -> Result<bool, StoreError> {
    let lifted = Lift::prepared()
        .bind::<Text, _>(address.to_owned())
        .execute(tx.conn())
        .await?;
    Ok(lifted == 1)
}

/// Each kind that one may do without, and whether `user` wants it.
pub async fn preferences(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Vec<(LetterKind, bool)>, StoreError> {
    let said: Vec<(String, bool)> = Preferences::prepared()
        .bind::<BigInt, _>(user)
        .load(tx.conn())
        .await?;
    let wanted = |kind: LetterKind| {
        said.iter()
            .find(|(word, _)| word == kind.as_str())
            .is_none_or(|(_, wanted)| *wanted)
    };
    Ok(LetterKind::optional()
        .map(|kind| (kind, wanted(kind)))
        .collect())
}

pub async fn set_preference(
    tx: &mut SystemTx,
    user: UserId,
    kind: LetterKind,
    wanted: bool,
) -> Result<(), StoreError> {
    let now = tx.now();
    Prefer::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(kind)
        .bind::<Bool, _>(wanted)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes today's (UTC) letter of this kind to the organisation for this unit of work; `false` when
/// there was one today.
pub async fn claim_digest(tx: &mut OrgTx, kind: LetterKind) -> Result<bool, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let claimed = ClaimDigest::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(kind)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(start_of_day(now))
        .execute(tx.conn())
        .await?;
    Ok(claimed == 1)
}

fn start_of_day(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// Drops up to `most` notes of letters settled before `before`; says how many there were.
pub async fn forget_letters(
    db: &SystemDb,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let dropped = Forget::prepared()
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(dropped)
}
