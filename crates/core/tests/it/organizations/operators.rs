//! What those who run the installation do about organisations.
use super::{desk, execute, invite, may, noted, one, role};
use crate::{operators::actor, sql::lines};
use batchtrack_core::{
    kernel::ids::{OrganizationId, UserId},
    operators::{self, Act, Actor, OperatorError},
    organizations::{self, Flag, OrganizationError, SystemRole::Maker},
    platform::db::{Acting, OperatorStay, Origin},
    tiers::{self, Limits, MoreLimits, Permission as P, TierChange},
};
use batchtrack_testkit::TestDb;
use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection as _;
use std::sync::Arc;

/// An operator, who belongs to an organisation of their own.
async fn operator(t: &TestDb) -> (OrganizationId, Actor) {
    let ops = t.organization("Ops").await;
    let user = t.owner_of(ops);
    execute(
        t,
        &format!("UPDATE users SET is_operator = true WHERE id = {user}"),
    )
    .await;
    let actor = Actor {
        user: Some(user),
        name: "olga@example.com".to_owned(),
        correlation: "test".to_owned(),
    };
    (ops, actor)
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_are_found_by_name_address_and_number() {
    let t = TestDb::new().await;
    let (soap, candles) = (
        t.organization("Soap 50%").await,
        t.organization("Candles").await,
    );
    let find = async |words: Option<&str>| {
        let mut tx = t.system.begin().await.unwrap();
        let page = operators::organizations(&mut tx, words, None, 50)
            .await
            .unwrap();
        page.rows
            .into_iter()
            .map(|card| card.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(find(None).await, [soap, candles]);
    assert_eq!(find(Some("SOAP")).await, [soap]);
    assert_eq!(find(Some("0%")).await, [soap]);
    assert_eq!(find(Some("_")).await, []);
    assert_eq!(find(Some(&candles.to_string())).await, [candles]);
    assert_eq!(
        find(Some(&format!("Owner-{candles}@example.test"))).await,
        [candles]
    );
    let mut tx = t.system.begin().await.unwrap();
    let first = operators::organizations(&mut tx, None, None, 1)
        .await
        .unwrap();
    let rest = operators::organizations(&mut tx, None, first.next.as_ref(), 1)
        .await
        .unwrap();
    assert_eq!((rest.rows[0].id, rest.next), (candles, None));
    assert_eq!(rest.rows[0].active_members, 1);
    drop(tx);
    let counts = operators::counts(&mut t.begin(soap).await).await.unwrap();
    assert_eq!((counts.members, counts.items, counts.batches), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_changed_and_an_organisation_closed_in_two_lists() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    assert!(may(&t, ours, owner, P::BatchesCreate).await);
    operators::set_tier(&t.system, &actor(), ours, "free")
        .await
        .unwrap();
    assert!(!may(&t, ours, owner, P::BatchesCreate).await);
    operators::set_tier(&t.system, &actor(), ours, "free")
        .await
        .unwrap();
    let unknown = operators::set_tier(&t.system, &actor(), ours, "gold").await;
    assert!(matches!(unknown, Err(OperatorError::NoTier)), "{unknown:?}");
    let nobody = OrganizationId::new(999);
    let missing = operators::set_tier(&t.system, &actor(), nobody, "free").await;
    assert!(matches!(missing, Err(OperatorError::NoOrganization)));
    for reason in ["", " \t"] {
        let refused = operators::suspend(&t.system, &actor(), ours, reason).await;
        assert!(matches!(refused, Err(OperatorError::ReasonNeeded)));
    }
    operators::suspend(&t.system, &actor(), ours, "Spam.")
        .await
        .unwrap();
    assert!(!may(&t, ours, owner, P::InventoryView).await);
    operators::activate(&t.system, &actor(), ours)
        .await
        .unwrap();
    assert!(may(&t, ours, owner, P::InventoryView).await);
    assert_eq!(
        noted(&t, ours).await,
        [
            "organization.tier_changed Acme by root@here",
            "organization.suspended Acme by root@here",
            "organization.activated Acme by root@here",
        ]
    );
    let mut tx = t.system.begin().await.unwrap();
    let done = operators::audit_of(&mut tx, Some(ours), None, 9)
        .await
        .unwrap()
        .rows;
    let acts: Vec<_> = done.iter().map(|entry| entry.act).collect();
    assert_eq!(
        acts,
        [
            Act::OrganizationActivated,
            Act::OrganizationSuspended,
            Act::TierOfOrganizationChanged
        ]
    );
    assert_eq!(done[1].reason.as_deref(), Some("Spam."));
}

#[tokio::test(flavor = "multi_thread")]
async fn features_are_switched_for_all_and_for_one() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Rival").await);
    let is_on = async |of| {
        let mut tx = t.begin(of).await;
        desk()
            .flags
            .is_on(&mut tx, Flag::Invitations)
            .await
            .unwrap()
    };
    let set = async |of, to| {
        operators::set_flag(&t.system, &actor(), "invitations", of, to)
            .await
            .unwrap();
    };
    assert!(is_on(ours).await);
    set(Some(ours), Some(false)).await;
    assert!(!is_on(ours).await && is_on(theirs).await);
    let maker = role(&t, ours, Maker).await;
    let off = invite(&t, ours, t.owner_of(ours), "x@example.test", vec![maker]).await;
    assert!(matches!(off, Err(OrganizationError::InvitationsOff)));
    set(None, Some(false)).await;
    set(Some(ours), Some(true)).await;
    assert!(is_on(ours).await && !is_on(theirs).await);
    set(Some(ours), None).await;
    assert!(!is_on(ours).await);
    let unknown = operators::set_flag(&t.system, &actor(), "gold", None, Some(true)).await;
    assert!(matches!(unknown, Err(OperatorError::NoFlag)));
    let unknown = operators::set_flag(&t.system, &actor(), "gold", Some(ours), Some(true)).await;
    assert!(matches!(unknown, Err(OperatorError::NoFlag)), "{unknown:?}");
    // What is kept is forgotten after five seconds.
    let flags = organizations::Flags::default();
    let mut tx = t.begin(theirs).await;
    assert!(!flags.is_on(&mut tx, Flag::Invitations).await.unwrap());
    set(None, Some(true)).await;
    assert!(!flags.is_on(&mut tx, Flag::Invitations).await.unwrap());
    tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
    assert!(flags.is_on(&mut tx, Flag::Invitations).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_allows_what_an_operator_says() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    operators::set_tier(&t.system, &actor(), ours, "free")
        .await
        .unwrap();
    assert!(!may(&t, ours, owner, P::TagsManage).await);
    let change = TierChange {
        name: "Free Tools".to_owned(),
        summary: String::new(),
        is_public: true,
        own: Some([P::TagsManage, P::AffiliatesView].into_iter().collect()),
        limits: Limits {
            users: Some(3),
            ..Limits::default()
        },
        more: MoreLimits {
            retention_days: Some(30),
            ..MoreLimits::default()
        },
        included_addons: vec!["batchbot_access".to_owned()],
        sold_addons: vec!["affiliate_program".to_owned()],
    };
    operators::change_tier(&t.system, &actor(), "free", &change)
        .await
        .unwrap();
    assert!(
        may(&t, ours, owner, P::TagsManage).await,
        "from the next request on"
    );
    assert!(
        may(&t, ours, owner, P::AiBatchbot).await,
        "an add-on it has for nothing"
    );
    assert!(!may(&t, ours, owner, P::AffiliatesView).await, "for sale");
    let mut tx = t.system.begin().await.unwrap();
    let tiers = tiers::catalogue_for_system(&mut tx).await.unwrap();
    drop(tx);
    let free = tiers.iter().find(|tier| tier.key == "free").unwrap();
    assert_eq!((free.limits, free.more), (change.limits, change.more));
    assert_eq!(
        (&free.included_addons, &free.sold_addons),
        (&change.included_addons, &change.sold_addons)
    );
    assert_eq!(free.organizations, 1);
    assert!(free.permissions().contains(P::AiBatchbot));
    let taken = TierChange {
        name: "Team Plan".to_owned(),
        ..change.clone()
    };
    let taken = operators::change_tier(&t.system, &actor(), "free", &taken).await;
    assert!(
        matches!(taken, Err(OperatorError::TierNameTaken)),
        "{taken:?}"
    );
    let unknown = operators::change_tier(&t.system, &actor(), "gold", &change).await;
    assert!(matches!(unknown, Err(OperatorError::NoTier)));
}

#[tokio::test(flavor = "multi_thread")]
async fn acting_as_an_organisation_is_short_visible_and_written_down_twice() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let (_, olga) = operator(&t).await;
    let user = olga.user.unwrap();
    let refused = operators::begin_stay(&t.system, &olga, ours, " ").await;
    assert!(matches!(refused, Err(OperatorError::ReasonNeeded)));
    let refused = operators::begin_stay(&t.system, &actor(), ours, "why").await;
    assert!(
        matches!(refused, Err(OperatorError::NoOperator)),
        "the command has no session"
    );
    let stay = operators::begin_stay(&t.system, &olga, ours, "Ticket 4711")
        .await
        .unwrap();
    let live = async |user| {
        let mut tx = t.system.begin().await.unwrap();
        operators::stay(&mut tx, user, stay.id)
            .await
            .unwrap()
            .is_some()
    };
    assert!(live(user).await);
    assert!(!live(t.owner_of(ours)).await, "it is nobody else's");

    // What they do is noted for both, with the effect or not at all.
    let origin = Origin {
        client: None,
        stay: Some(Arc::new(OperatorStay {
            id: stay.id,
            name: "Olga".to_owned(),
            email: "olga@example.com".to_owned(),
            reason: stay.reason.clone(),
        })),
    };
    let acting = Acting {
        organization: ours,
        user: Some(user),
        correlation: "request".into(),
    };
    let mut tx = t.db.begin_from(acting, origin).await.unwrap();
    let person = super::known(&t, user).await;
    let membership = organizations::stay_membership(&mut tx, &person)
        .await
        .unwrap()
        .unwrap();
    assert!(membership.is_stay() && !membership.is_owner());
    let by = organizations::grants(&mut tx, &membership).await.unwrap();
    assert!(by.allows(P::OrganizationManageUsers));
    let refused = organizations::transfer(&mut tx, t.owner_of(ours)).await;
    assert!(
        matches!(refused, Err(OrganizationError::NotTheOwner)),
        "{refused:?}"
    );
    operators::acted(&mut tx, "POST /organization")
        .await
        .unwrap();
    tx.commit().await.unwrap();

    execute(
        &t,
        &format!("UPDATE users SET is_operator = false WHERE id = {user}"),
    )
    .await;
    assert!(
        !live(user).await,
        "whoever is no operator any more acts as nobody"
    );
    execute(
        &t,
        &format!("UPDATE users SET is_operator = true WHERE id = {user}"),
    )
    .await;
    assert!(live(user).await);
    t.clock.advance(TimeDelta::minutes(61));
    assert!(!live(user).await, "an hour is over");
    let stay = operators::begin_stay(&t.system, &olga, ours, "Once more")
        .await
        .unwrap();
    operators::end_stay(&t.system, &olga, UserId::new(0), stay.id)
        .await
        .unwrap();
    operators::end_stay(&t.system, &olga, user, stay.id)
        .await
        .unwrap();
    operators::end_stay(&t.system, &olga, user, stay.id)
        .await
        .unwrap();
    assert_eq!(
        noted(&t, ours).await,
        [
            "operator.entered Acme by olga@example.com",
            "operator.acted POST /organization by Olga",
            "operator.entered Acme by olga@example.com",
            "operator.left Acme by olga@example.com",
        ]
    );
    let done = lines(
        &mut t.owner_conn().await,
        "SELECT act || ' ' || organization_id || ' ' || coalesce(reason, '') AS line FROM operator_audit ORDER BY id",
    )
    .await;
    assert_eq!(
        done,
        [
            format!("organizations.entered {ours} Ticket 4711"),
            format!("organizations.acted {ours} Ticket 4711"),
            format!("organizations.entered {ours} Once more"),
            format!("organizations.left {ours} "),
        ]
    );
    // The app role writes such lines and no others.
    let mut app = t.app_conn().await;
    for (organization, act) in [
        (ours, "operator.added"),
        (OrganizationId::new(2), "organizations.acted"),
    ] {
        let sql = format!(
            "BEGIN; SET LOCAL app.organization_id = '{ours}'; INSERT INTO operator_audit \
                (at, user_id, actor, act, subject, how_many, correlation_id, organization_id) \
             VALUES (now(), {user}, 'x', '{act}', 'y', 1, 'z', {organization})"
        );
        let refused = app.batch_execute(&sql).await.unwrap_err().to_string();
        assert!(refused.contains("row-level security"), "{refused}");
        app.batch_execute("ROLLBACK").await.unwrap();
    }
    assert_eq!(
        one(&t, "SELECT count(*)::text AS line FROM operator_audit").await,
        "4"
    );
}
