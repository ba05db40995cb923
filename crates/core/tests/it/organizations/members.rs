use super::{
    begin_as, by, desk, does, execute, grants, invite, known, may, member, noted, offers, one,
    person, role,
};
use batchtrack_core::{
    identity::{AccountDesk, Passwords},
    kernel::ids::{InvitationId, RoleId, UserId},
    organizations::{
        self, Flags, InvitationState, NewMember, OrganizationError, SeatsFull, Standing,
        SystemRole::{Maker, Manager, Viewer},
    },
    outbox::Event,
    platform::seal::Keyring,
    tiers::Permission as P,
};
use batchtrack_testkit::TestDb;
use chrono::TimeDelta;

async fn events(t: &TestDb) -> String {
    one(
        t,
        "SELECT coalesce(string_agg(event_name, ' ' ORDER BY id), '') AS line FROM domain_events",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_invited_joins_works_and_is_gone() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let maker = role(&t, ours, Maker).await;
    let ben = person(&t, "ben").await;
    invite(&t, ours, owner, "Ben@Example.test", vec![maker])
        .await
        .unwrap();
    let found = offers(&t, "ben@example.test").await;
    let [offer] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (
            offer.organization_name.as_str(),
            offer.inviter.as_str(),
            &offer.roles
        ),
        ("Acme", "Acme", &vec!["Maker".to_owned()])
    );
    assert!(offer.has_account && !may(&t, ours, ben, P::BatchesCreate).await);
    let ben_known = known(&t, ben).await;
    let unproved = organizations::accept(&t.system, offer, &ben_known, &by(ben)).await;
    assert!(
        matches!(unproved, Err(OrganizationError::FollowTheLetter(_))),
        "{unproved:?}"
    );
    organizations::accept_by_letter(&t.system, offer, &ben_known, &by(ben))
        .await
        .unwrap();
    assert!(
        known(&t, ben).await.is_proved,
        "whoever has the letter has the address"
    );
    assert!(may(&t, ours, ben, P::BatchesCreate).await);
    assert!(!may(&t, ours, ben, P::ProductsEdit).await);
    let again = organizations::accept_by_letter(&t.system, offer, &ben_known, &by(ben)).await;
    assert!(
        matches!(again, Err(OrganizationError::InvitationOver("accepted"))),
        "{again:?}"
    );

    let viewer = role(&t, ours, Viewer).await;
    does(&t, ours, owner, async |tx, by| {
        organizations::set_roles(tx, by, ben, vec![viewer]).await
    })
    .await
    .unwrap();
    assert!(
        !may(&t, ours, ben, P::BatchesCreate).await,
        "from the next request on"
    );
    does(&t, ours, owner, async |tx, by| {
        organizations::deactivate(tx, by, ben).await
    })
    .await
    .unwrap();
    assert!(!may(&t, ours, ben, P::BatchesView).await);
    let standing = organizations::standing(&mut t.system.begin().await.unwrap(), ben, ours).await;
    assert_eq!(
        standing.unwrap(),
        Standing::Deactivated {
            organization: "Acme".to_owned()
        }
    );
    does(&t, ours, owner, async |tx, by| {
        organizations::reactivate(tx, by, ben).await
    })
    .await
    .unwrap();
    assert!(may(&t, ours, ben, P::BatchesView).await);
    does(&t, ours, owner, async |tx, by| {
        organizations::remove(tx, by, ben).await
    })
    .await
    .unwrap();
    assert!(!may(&t, ours, ben, P::BatchesView).await);
    assert_eq!(
        noted(&t, ours).await,
        [
            "invitations.sent ben@example.test by Acme",
            "members.joined ben@example.test by ben",
            "members.roles_changed ben by Acme",
            "members.deactivated ben by Acme",
            "members.reactivated ben by Acme",
            "members.removed ben by Acme",
        ]
    );
    let told = [
        Event::UserInvited,
        Event::UserJoined,
        Event::UserRoleChanged,
        Event::UserDeactivated,
        Event::UserReactivated,
        Event::UserRemoved,
    ];
    let told: Vec<_> = told.iter().map(|event| event.as_str()).collect();
    assert_eq!(events(&t).await, told.join(" "));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_in_the_letter_alone() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let maker = role(&t, ours, Maker).await;
    invite(&t, ours, t.owner_of(ours), "ben@example.test", vec![maker])
        .await
        .unwrap();
    let token = token(&t).await;
    assert_eq!(token.len(), 43);
    for table in ["invitations", "jobs", "domain_events", "audit_entries"] {
        let sql = format!("SELECT coalesce(string_agg(r::text, ' '), '') AS line FROM {table} r");
        assert!(!one(&t, &sql).await.contains(&token), "{table}");
    }
    let mut tx = t.system.begin().await.unwrap();
    let offer = organizations::offer(&mut tx, &token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (offer.email.as_str(), offer.has_account),
        ("ben@example.test", false)
    );
    for wrong in ["", "x", &token.to_lowercase(), &format!("{token}A")] {
        assert_eq!(
            organizations::offer(&mut tx, wrong).await.unwrap(),
            None,
            "{wrong}"
        );
    }
}

/// Of the latest letter.
async fn token(t: &TestDb) -> String {
    use secrecy::ExposeSecret as _;
    let sql = "SELECT args -> 'letter' ->> 'token' AS line FROM jobs ORDER BY id DESC LIMIT 1";
    let sealed = serde_json::from_value(serde_json::Value::String(one(t, sql).await)).unwrap();
    desk()
        .letters
        .open(&sealed)
        .unwrap()
        .expose_secret()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_makes_an_account_and_joins_in_one_step() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let maker = role(&t, ours, Maker).await;
    invite(&t, ours, t.owner_of(ours), "ben@example.test", vec![maker])
        .await
        .unwrap();
    let token = token(&t).await;
    let offer = organizations::offer(&mut t.system.begin().await.unwrap(), &token)
        .await
        .unwrap()
        .unwrap();
    let keys = Keyring::new(Some(&"5eed".repeat(16).into())).unwrap();
    let desk = AccountDesk::without_site(&keys, Passwords::new(&t.settings.passwords));
    let new = |password: &str| NewMember {
        first_name: "Ben".parse().unwrap(),
        last_name: "Baker".parse().unwrap(),
        password: password.into(),
        timezone: "UTC".to_owned(),
    };
    let nobody = by(UserId::new(0));
    let nobody = organizations::audit::By {
        user: None,
        ..nobody
    };
    let weak = organizations::join(&t.system, &desk, &offer, new("short"), &nobody).await;
    assert!(
        matches!(weak, Err(OrganizationError::Identity(_))),
        "{weak:?}"
    );
    let ben = organizations::join(&t.system, &desk, &offer, new("gargantuan teapot"), &nobody)
        .await
        .unwrap();
    assert_eq!(known(&t, ben).await.display_name(), "Ben Baker");
    assert!(may(&t, ours, ben, P::BatchesCreate).await);
    let places = organizations::places(&mut t.system.begin().await.unwrap(), ben)
        .await
        .unwrap();
    assert_eq!(places.len(), 1, "no organisation of their own: {places:?}");
    assert!(!places[0].is_owner);
    assert_eq!(
        noted(&t, ours).await,
        [
            "invitations.sent ben@example.test by Acme",
            "members.joined ben@example.test by Ben Baker",
        ]
    );
    let twice =
        organizations::join(&t.system, &desk, &offer, new("gargantuan teapot"), &nobody).await;
    assert!(twice.is_err());
    assert_eq!(
        one(
            &t,
            "SELECT count(*)::text AS line FROM users WHERE email = 'ben@example.test'"
        )
        .await,
        "1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_ends_by_itself_and_can_be_sent_again() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let maker = role(&t, ours, Maker).await;
    let ben = person(&t, "ben").await;
    let id = invite(&t, ours, owner, "ben@example.test", vec![maker])
        .await
        .unwrap();
    let twice = invite(&t, ours, owner, "ben@example.test", vec![maker]).await;
    assert!(matches!(twice, Err(OrganizationError::AlreadyInvited(_))));
    let first = token(&t).await;
    let resend = async || {
        let desk = desk();
        does(&t, ours, owner, async |tx, by| {
            organizations::resend(tx, by, &desk, id).await
        })
        .await
    };
    assert!(matches!(
        resend().await,
        Err(OrganizationError::SentJustNow)
    ));
    t.clock.advance(TimeDelta::days(6));
    resend().await.unwrap();
    let second = token(&t).await;
    assert_ne!(first, second);
    let mut tx = t.system.begin().await.unwrap();
    assert_eq!(organizations::offer(&mut tx, &first).await.unwrap(), None);
    drop(tx);
    t.clock.advance(TimeDelta::days(6));
    let offer = &offers(&t, "ben@example.test").await[0];
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(offers(&t, "ben@example.test").await, []);
    let late =
        organizations::accept_by_letter(&t.system, offer, &known(&t, ben).await, &by(ben)).await;
    assert!(
        matches!(late, Err(OrganizationError::InvitationOver("expired"))),
        "{late:?}"
    );
    let state = async || {
        let mut tx = t.begin(ours).await;
        organizations::invitation(&mut tx, id)
            .await
            .unwrap()
            .unwrap()
            .state
    };
    assert_eq!(state().await, InvitationState::Expired);
    // Somebody else is invited, by which its end is written down; and it can still be sent again.
    invite(&t, ours, owner, "cy@example.test", vec![maker])
        .await
        .unwrap();
    resend().await.unwrap();
    assert_eq!(state().await, InvitationState::Open);
    for _ in 0..2 {
        t.clock.advance(TimeDelta::hours(1));
        resend().await.unwrap();
    }
    t.clock.advance(TimeDelta::hours(1));
    assert!(matches!(
        resend().await,
        Err(OrganizationError::SentTooOften)
    ));
    does(&t, ours, owner, async |tx, by| {
        organizations::withdraw(tx, by, id).await
    })
    .await
    .unwrap();
    assert_eq!(state().await, InvitationState::Withdrawn);
    assert!(matches!(
        resend().await,
        Err(OrganizationError::InvitationOver("withdrawn"))
    ));
    // Declined is over, too.
    let id = invite(&t, ours, owner, "ben@example.test", vec![maker])
        .await
        .unwrap();
    let offer = &offers(&t, "ben@example.test").await[0];
    organizations::decline(&t.system, offer, &by(ben))
        .await
        .unwrap();
    assert_eq!(offer.id, id);
    assert!(offers(&t, "ben@example.test").await.is_empty());
    let done = noted(&t, ours).await;
    assert_eq!(
        done.last().unwrap(),
        "invitations.declined ben@example.test by ben@example.test"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_says_so_and_what_would_help() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    execute(
        &t,
        &format!("UPDATE organizations SET tier = 'solo' WHERE id = {ours}"),
    )
    .await;
    execute(
        &t,
        "UPDATE tiers SET permissions = NULL, user_limit = 2 WHERE key = 'solo'",
    )
    .await;
    let maker = role(&t, ours, Maker).await;
    invite(&t, ours, owner, "ben@example.test", vec![maker])
        .await
        .unwrap();
    let full = invite(&t, ours, owner, "cy@example.test", vec![maker])
        .await
        .unwrap_err();
    let OrganizationError::SeatsFull(SeatsFull { limit, used, tiers }) = &full else {
        panic!("{full:?}")
    };
    assert_eq!((*limit, *used), (2, 2));
    assert_eq!(tiers, &["Team Plan", "Enterprise Plan"]);
    // Whoever is deactivated frees a seat, and needs one to come back.
    let ben = person(&t, "ben").await;
    let offer = &offers(&t, "ben@example.test").await[0];
    organizations::accept_by_letter(&t.system, offer, &known(&t, ben).await, &by(ben))
        .await
        .unwrap();
    does(&t, ours, owner, async |tx, by| {
        organizations::deactivate(tx, by, ben).await
    })
    .await
    .unwrap();
    invite(&t, ours, owner, "cy@example.test", vec![maker])
        .await
        .unwrap();
    let back = does(&t, ours, owner, async |tx, by| {
        organizations::reactivate(tx, by, ben).await
    })
    .await;
    assert!(
        matches!(back, Err(OrganizationError::SeatsFull(_))),
        "{back:?}"
    );
    // The plan shrinks while an invitation is open.
    execute(&t, "UPDATE tiers SET user_limit = 1 WHERE key = 'solo'").await;
    let cy = person(&t, "cy").await;
    let offer = &offers(&t, "cy@example.test").await[0];
    let late =
        organizations::accept_by_letter(&t.system, offer, &known(&t, cy).await, &by(cy)).await;
    assert!(
        matches!(late, Err(OrganizationError::SeatsFull(_))),
        "{late:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_on_the_owner_on_themselves_or_above_themselves() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let boss = member(&t, ours, "boss", &[Manager]).await;
    let ben = member(&t, ours, "ben", &[Maker]).await;
    let porter = member(&t, ours, "porter", &[Viewer]).await;
    // May look after members, and little else.
    let role_id = does(&t, ours, owner, async |tx, by| {
        let new = organizations::NewRole {
            name: "Porter".parse().unwrap(),
            description: String::new(),
            permissions: [P::OrganizationManageUsers].into_iter().collect(),
        };
        organizations::create_role(tx, by, new).await
    })
    .await
    .unwrap();
    execute(
        &t,
        &format!("INSERT INTO member_roles VALUES ({ours}, {porter}, {role_id})"),
    )
    .await;
    let (maker, viewer) = (role(&t, ours, Maker).await, role(&t, ours, Viewer).await);
    let set = async |who: UserId, whom: UserId, roles: Vec<RoleId>| {
        does(&t, ours, who, async |tx, by| {
            organizations::set_roles(tx, by, whom, roles).await
        })
        .await
    };
    let remove = async |who: UserId, whom: UserId| {
        does(&t, ours, who, async |tx, by| {
            organizations::remove(tx, by, whom).await
        })
        .await
    };
    assert!(matches!(
        remove(boss, owner).await,
        Err(OrganizationError::TheOwner)
    ));
    assert!(matches!(
        set(boss, owner, vec![viewer]).await,
        Err(OrganizationError::TheOwner)
    ));
    assert!(matches!(
        remove(boss, boss).await,
        Err(OrganizationError::Yourself)
    ));
    assert!(matches!(
        remove(porter, boss).await,
        Err(OrganizationError::Outranked { .. })
    ));
    assert!(matches!(
        remove(ben, porter).await,
        Err(OrganizationError::MayNot(_))
    ));
    assert!(matches!(
        set(porter, porter, vec![maker]).await,
        Err(OrganizationError::Yourself)
    ));
    // What one hasn't, one can't give: not to a member, not by a letter.
    let helper = member(&t, ours, "helper", &[]).await;
    let given = set(porter, helper, vec![maker]).await;
    assert!(
        matches!(given, Err(OrganizationError::Escalation { .. })),
        "{given:?}"
    );
    let by_letter = invite(&t, ours, porter, "x@example.test", vec![maker]).await;
    assert!(matches!(
        by_letter,
        Err(OrganizationError::Escalation { .. })
    ));
    set(porter, helper, vec![viewer]).await.unwrap();
    assert!(matches!(
        set(boss, ben, vec![]).await,
        Err(OrganizationError::RoleNeeded)
    ));
    let theirs = t.organization("Rival").await;
    let alien = role(&t, theirs, Maker).await;
    assert!(matches!(
        set(boss, ben, vec![alien]).await,
        Err(OrganizationError::NoRole)
    ));
    assert!(matches!(
        invite(&t, ours, owner, "y@example.test", vec![alien]).await,
        Err(OrganizationError::NoRole)
    ));
    let nobody = remove(boss, t.owner_of(theirs)).await;
    assert!(matches!(nobody, Err(OrganizationError::NoMember)));
    let already = invite(&t, ours, owner, "ben@example.test", vec![maker]).await;
    assert!(matches!(already, Err(OrganizationError::AlreadyMember(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_handed_over_and_left() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let ben = member(&t, ours, "ben", &[Maker]).await;
    let cy = member(&t, ours, "cy", &[Maker]).await;
    let transfer = async |who: UserId, to: UserId| {
        does(&t, ours, who, async |tx, _| {
            organizations::transfer(tx, to).await
        })
        .await
    };
    let leave = async |who: UserId| {
        let mut tx = begin_as(&t, ours, who).await;
        organizations::leave(&mut tx).await?;
        tx.commit().await.unwrap();
        Ok::<_, OrganizationError>(())
    };
    assert!(matches!(
        transfer(ben, cy).await,
        Err(OrganizationError::NotTheOwner)
    ));
    assert!(matches!(
        leave(owner).await,
        Err(OrganizationError::TheOwner)
    ));
    does(&t, ours, owner, async |tx, by| {
        organizations::deactivate(tx, by, cy).await
    })
    .await
    .unwrap();
    assert!(matches!(
        transfer(owner, cy).await,
        Err(OrganizationError::NotActive)
    ));
    transfer(owner, ben).await.unwrap();
    assert!(may(&t, ours, ben, P::OrganizationManageBilling).await);
    assert!(!may(&t, ours, owner, P::OrganizationManageBilling).await);
    assert!(
        may(&t, ours, owner, P::OrganizationManageUsers).await,
        "a manager now"
    );
    assert!(matches!(
        transfer(owner, cy).await,
        Err(OrganizationError::NotTheOwner)
    ));
    leave(owner).await.unwrap();
    leave(cy).await.unwrap();
    assert!(matches!(leave(cy).await, Err(OrganizationError::NoPlace)));
    let owners = format!(
        "SELECT string_agg(user_id::text, ' ') AS line FROM memberships WHERE organization_id = {ours} AND role = 'owner'"
    );
    assert_eq!(one(&t, &owners).await, ben.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_found_organisations_and_see_their_own() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let flags = Flags::default();
    let name = "Candles".parse().unwrap();
    let made = organizations::found(&t.system, &flags, owner, &name, &by(owner))
        .await
        .unwrap();
    let places = async || {
        organizations::places(&mut t.system.begin().await.unwrap(), owner)
            .await
            .unwrap()
    };
    let names: Vec<_> = places().await.into_iter().map(|place| place.name).collect();
    assert_eq!(names, ["Acme", "Candles"]);
    assert!(may(&t, made, owner, P::OrganizationManageBilling).await);
    execute(
        &t,
        &format!(
            "UPDATE organizations SET is_active = false, suspended_for = 'Unpaid' WHERE id = {made}"
        ),
    )
    .await;
    assert!(places().await[1].is_suspended);
    let standing = organizations::standing(&mut t.system.begin().await.unwrap(), owner, made)
        .await
        .unwrap();
    assert_eq!(
        standing,
        Standing::Suspended {
            organization: "Candles".to_owned(),
            reason: Some("Unpaid".to_owned())
        }
    );
    execute(
        &t,
        "UPDATE feature_flags SET is_on = false WHERE key = 'founding'",
    )
    .await;
    let fresh = Flags::default();
    let off = organizations::found(&t.system, &fresh, owner, &name, &by(owner)).await;
    assert!(matches!(off, Err(OrganizationError::FoundingOff)));
}

#[tokio::test(flavor = "multi_thread")]
async fn others_members_and_invitations_do_not_exist() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Rival").await);
    let maker = role(&t, theirs, Maker).await;
    let ben = member(&t, theirs, "ben", &[Maker]).await;
    let letter = invite(
        &t,
        theirs,
        t.owner_of(theirs),
        "x@example.test",
        vec![maker],
    )
    .await
    .unwrap();
    // Behind the first fence, and without it.
    for db in [t.db.clone(), t.unfenced_db().await] {
        let mut tx = db.begin(t.acting(ours)).await.unwrap();
        let tx = &mut tx;
        assert_eq!(organizations::member(tx, ben).await.unwrap(), None);
        assert_eq!(
            organizations::members(tx, None, None, 9)
                .await
                .unwrap()
                .rows
                .len(),
            1
        );
        assert_eq!(organizations::invitation(tx, letter).await.unwrap(), None);
        assert!(
            organizations::invitations(tx, None, 9)
                .await
                .unwrap()
                .rows
                .is_empty()
        );
        assert_eq!(organizations::role(tx, maker).await.unwrap(), None);
        assert_eq!(organizations::roles(tx).await.unwrap().len(), 4);
        assert_eq!(organizations::seats(tx).await.unwrap().used, 1);
        let by = grants(tx).await;
        let refused = organizations::withdraw(tx, &by, letter).await;
        assert!(matches!(refused, Err(OrganizationError::NoInvitation)));
        let refused = organizations::delete_role(tx, &by, maker).await;
        assert!(matches!(refused, Err(OrganizationError::NoRole)));
        let refused = organizations::deactivate(tx, &by, ben).await;
        assert!(matches!(refused, Err(OrganizationError::NoMember)));
    }
    let _: InvitationId = letter;
}
