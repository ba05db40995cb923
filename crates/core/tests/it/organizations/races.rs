//! Two at once.
use super::{begin_as, by, desk, grants, invite, known, may, member, offers, one, person, role};
use batchtrack_core::{
    kernel::ids::UserId,
    organizations::{
        self, NewInvitation, OrganizationError,
        SystemRole::{Maker, Manager},
    },
    tiers::Permission as P,
};
use batchtrack_testkit::TestDb;
use futures_util::future::join_all;

#[tokio::test(flavor = "multi_thread")]
async fn the_last_seat_goes_to_one() {
    let t = TestDb::with_pool(12).await;
    let ours = t.organization("Acme").await;
    super::execute(&t, "UPDATE tiers SET user_limit = 3 WHERE key = 'exempt'").await;
    let maker = role(&t, ours, Maker).await;
    let owner = t.owner_of(ours);
    // All are let in before the first of them begins to hold the organisation.
    let letters = (0..10).map(async |n| {
        let mut tx = begin_as(&t, ours, owner).await;
        let by = grants(&mut tx).await;
        let new = NewInvitation {
            email: format!("p{n}@example.test").parse().unwrap(),
            roles: vec![maker],
        };
        organizations::invite(&mut tx, &by, &desk(), new).await?;
        tx.commit().await.unwrap();
        Ok::<_, OrganizationError>(())
    });
    let done = join_all(letters).await;
    let sent = done.iter().filter(|done| done.is_ok()).count();
    assert_eq!(sent, 2, "{done:?}");
    assert!(
        done.iter()
            .filter_map(|done| done.as_ref().err())
            .all(|error| matches!(error, OrganizationError::SeatsFull(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_hand_over_one_does() {
    let t = TestDb::with_pool(8).await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let mut heirs = vec![];
    for n in 0..4 {
        heirs.push(member(&t, ours, &format!("heir{n}"), &[Maker]).await);
    }
    let transfers = heirs.iter().map(async |heir| {
        let mut tx = begin_as(&t, ours, owner).await;
        organizations::transfer(&mut tx, *heir).await?;
        tx.commit().await.unwrap();
        Ok::<_, OrganizationError>(())
    });
    let done = join_all(transfers).await;
    assert_eq!(
        done.iter().filter(|done| done.is_ok()).count(),
        1,
        "{done:?}"
    );
    let owners = format!(
        "SELECT count(*)::text AS line FROM memberships WHERE organization_id = {ours} AND role = 'owner'"
    );
    assert_eq!(one(&t, &owners).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_accepted_once() {
    let t = TestDb::with_pool(4).await;
    let ours = t.organization("Acme").await;
    let maker = role(&t, ours, Maker).await;
    let ben = person(&t, "ben").await;
    invite(&t, ours, t.owner_of(ours), "ben@example.test", vec![maker])
        .await
        .unwrap();
    let offer = offers(&t, "ben@example.test").await.remove(0);
    let known = known(&t, ben).await;
    let answers = (0..4).map(async |n| {
        if n == 3 {
            organizations::decline(&t.system, &offer, &by(ben)).await
        } else {
            organizations::accept_by_letter(&t.system, &offer, &known, &by(ben))
                .await
                .map(drop)
        }
    });
    let done = join_all(answers).await;
    assert_eq!(
        done.iter().filter(|done| done.is_ok()).count(),
        1,
        "{done:?}"
    );
    let state = one(&t, "SELECT state AS line FROM invitations").await;
    let is_member = may(&t, ours, ben, P::BatchesView).await;
    assert_eq!(is_member, state == "accepted", "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_right_while_they_act_is_refused() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let boss = member(&t, ours, "boss", &[Manager]).await;
    let ben = member(&t, ours, "ben", &[Maker]).await;
    let maker = role(&t, ours, Maker).await;
    // The manager's request is let in; then the owner makes them a maker; then it goes on.
    let mut slow = begin_as(&t, ours, boss).await;
    let admitted = grants(&mut slow).await;
    super::does(&t, ours, owner, async |tx, by| {
        organizations::set_roles(tx, by, boss, vec![maker]).await
    })
    .await
    .unwrap();
    let refused = organizations::remove(&mut slow, &admitted, ben).await;
    assert!(
        matches!(refused, Err(OrganizationError::MayNot(_))),
        "{refused:?}"
    );
    drop(slow);
    let mut slow = begin_as(&t, ours, boss).await;
    let admitted = grants(&mut slow).await;
    super::does(&t, ours, owner, async |tx, by| {
        organizations::remove(tx, by, boss).await
    })
    .await
    .unwrap();
    let refused = organizations::remove(&mut slow, &admitted, ben).await;
    assert!(
        matches!(refused, Err(OrganizationError::NotAMember)),
        "{refused:?}"
    );
    let _: UserId = ben;
}
