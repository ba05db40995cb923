//! Organisations: who belongs to them, what they may do, who may say so, and who did what.
mod audit;
mod members;
mod operators;
mod races;
mod roles;

use crate::sql::lines;
use batchtrack_core::{
    identity::{self, Person},
    kernel::ids::{InvitationId, OrganizationId, RoleId, UserId},
    mail::Letters,
    organizations::{
        self, Desk, Flags, Grants, NewInvitation, Offer, OrganizationError, SystemRole,
        audit::{By, Filter},
    },
    platform::{OrgTx, db::Acting, seal::Keyring},
    tiers::Permission,
};
use batchtrack_testkit::{CORRELATION, TestDb};
use diesel_async::SimpleAsyncConnection as _;

pub(crate) fn desk() -> Desk {
    let secret = secrecy::SecretString::from("5eed".repeat(16));
    Desk {
        letters: Letters::new(&Keyring::new(Some(&secret)).unwrap()),
        flags: Flags::default(),
    }
}

pub(crate) async fn execute(t: &TestDb, sql: &str) {
    t.owner_conn().await.batch_execute(sql).await.unwrap();
}

pub(crate) async fn one(t: &TestDb, sql: &str) -> String {
    let found = lines(&mut t.owner_conn().await, sql).await;
    assert_eq!(found.len(), 1, "{sql}");
    found.into_iter().next().unwrap()
}

/// Somebody with an account, who belongs to nothing yet.
pub(crate) async fn person(t: &TestDb, name: &str) -> UserId {
    let sql = format!(
        "INSERT INTO users (username, email, password_hash, first_name, created_at) \
         VALUES ('{name}', '{name}@example.test', '!', '{name}', '2026-11-01') RETURNING id::text AS line"
    );
    one(t, &sql).await.parse().unwrap()
}

pub(crate) async fn role(t: &TestDb, of: OrganizationId, system: SystemRole) -> RoleId {
    let sql = format!(
        "SELECT id::text AS line FROM roles WHERE organization_id = {of} AND system_key = '{system}'"
    );
    one(t, &sql).await.parse().unwrap()
}

/// Somebody who belongs to `of` with these roles.
pub(crate) async fn member(
    t: &TestDb,
    of: OrganizationId,
    name: &str,
    roles: &[SystemRole],
) -> UserId {
    let user = person(t, name).await;
    execute(
        t,
        &format!(
            "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ({of}, {user}, 'member', '2026-11-01')"
        ),
    )
    .await;
    for system in roles {
        let role = role(t, of, *system).await;
        execute(
            t,
            &format!("INSERT INTO member_roles VALUES ({of}, {user}, {role})"),
        )
        .await;
    }
    user
}

pub(crate) async fn begin_as(t: &TestDb, of: OrganizationId, user: UserId) -> OrgTx {
    let acting = Acting {
        organization: of,
        user: Some(user),
        correlation: CORRELATION.into(),
    };
    t.db.begin(acting).await.unwrap()
}

/// What the user of this unit of work may do, as a request is let in with.
pub(crate) async fn grants(tx: &mut OrgTx) -> Grants {
    let membership = organizations::membership(tx).await.unwrap().unwrap();
    organizations::grants(tx, &membership).await.unwrap()
}

/// Does something as `user`, and keeps it.
pub(crate) async fn does<T>(
    t: &TestDb,
    of: OrganizationId,
    user: UserId,
    work: impl AsyncFnOnce(&mut OrgTx, &Grants) -> Result<T, OrganizationError>,
) -> Result<T, OrganizationError> {
    let mut tx = begin_as(t, of, user).await;
    let by = grants(&mut tx).await;
    let done = work(&mut tx, &by).await?;
    tx.commit().await.unwrap();
    Ok(done)
}

pub(crate) async fn invite(
    t: &TestDb,
    of: OrganizationId,
    by: UserId,
    email: &str,
    roles: Vec<RoleId>,
) -> Result<InvitationId, OrganizationError> {
    let new = NewInvitation {
        email: email.parse().unwrap(),
        roles,
    };
    let desk = desk();
    does(t, of, by, async |tx, by| {
        organizations::invite(tx, by, &desk, new).await
    })
    .await
}

pub(crate) async fn known(t: &TestDb, user: UserId) -> Person {
    let mut tx = t.system.begin().await.unwrap();
    identity::person(&mut tx, user).await.unwrap().unwrap()
}

/// What waits for somebody.
pub(crate) async fn offers(t: &TestDb, email: &str) -> Vec<Offer> {
    let mut tx = t.system.begin().await.unwrap();
    organizations::offers_to(&mut tx, email).await.unwrap()
}

pub(crate) fn by(user: UserId) -> By {
    By {
        user: Some(user),
        correlation: CORRELATION.to_owned(),
        ..By::default()
    }
}

/// Whether somebody may do something at this moment.
pub(crate) async fn may(
    t: &TestDb,
    of: OrganizationId,
    user: UserId,
    permission: Permission,
) -> bool {
    let mut tx = begin_as(t, of, user).await;
    match organizations::membership(&mut tx).await.unwrap() {
        Some(membership) => organizations::grants(&mut tx, &membership)
            .await
            .unwrap()
            .allows(permission),
        None => false,
    }
}

/// Acts and subjects of the list of who did what, the oldest first.
pub(crate) async fn noted(t: &TestDb, of: OrganizationId) -> Vec<String> {
    let mut tx = t.begin(of).await;
    let page = organizations::audit::entries(&mut tx, &Filter::default(), None, 200)
        .await
        .unwrap();
    let mut lines: Vec<_> = page
        .rows
        .into_iter()
        .map(|entry| format!("{} {} by {}", entry.act, entry.subject, entry.actor))
        .collect();
    lines.reverse();
    lines
}
