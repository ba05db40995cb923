use super::{does, execute, invite, may, member, noted, one, role};
use batchtrack_core::{
    kernel::ids::{OrganizationId, RoleId, UserId},
    organizations::{
        self, NewRole, OrganizationError,
        SystemRole::{Maker, Manager, Viewer},
    },
    tiers::{Permission as P, Permissions},
};
use batchtrack_testkit::TestDb;

fn new(name: &str, permissions: &[P]) -> NewRole {
    NewRole {
        name: name.parse().unwrap(),
        description: "d".to_owned(),
        permissions: permissions.iter().copied().collect(),
    }
}

async fn make(
    t: &TestDb,
    of: OrganizationId,
    by: UserId,
    name: &str,
    permissions: &[P],
) -> Result<RoleId, OrganizationError> {
    let wanted = new(name, permissions);
    does(t, of, by, async |tx, by| {
        organizations::create_role(tx, by, wanted).await
    })
    .await
}

async fn change(
    t: &TestDb,
    of: OrganizationId,
    by: UserId,
    id: RoleId,
    permissions: &[P],
) -> Result<(), OrganizationError> {
    let wanted = new("Packer", permissions);
    does(t, of, by, async |tx, by| {
        organizations::change_role(tx, by, id, wanted.into()).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_ones_own_counts_at_once() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let packer = make(&t, ours, owner, "Packer", &[P::ProductsView])
        .await
        .unwrap();
    let ben = member(&t, ours, "ben", &[]).await;
    does(&t, ours, owner, async |tx, by| {
        organizations::set_roles(tx, by, ben, vec![packer]).await
    })
    .await
    .unwrap();
    assert!(may(&t, ours, ben, P::ProductsView).await && !may(&t, ours, ben, P::TagsManage).await);
    change(&t, ours, owner, packer, &[P::ProductsView, P::TagsManage])
        .await
        .unwrap();
    assert!(may(&t, ours, ben, P::TagsManage).await);
    let taken = make(&t, ours, owner, "packer", &[]).await;
    assert!(
        matches!(taken, Err(OrganizationError::RoleNameTaken)),
        "{taken:?}"
    );
    let held = does(&t, ours, owner, async |tx, by| {
        organizations::delete_role(tx, by, packer).await
    })
    .await;
    let Err(OrganizationError::RoleInUse(who)) = held else {
        panic!("{held:?}")
    };
    assert_eq!(who, ["ben"]);
    let maker = role(&t, ours, Maker).await;
    does(&t, ours, owner, async |tx, by| {
        organizations::set_roles(tx, by, ben, vec![maker]).await
    })
    .await
    .unwrap();
    let letter = invite(&t, ours, owner, "cy@example.test", vec![packer])
        .await
        .unwrap();
    let held = does(&t, ours, owner, async |tx, by| {
        organizations::delete_role(tx, by, packer).await
    })
    .await;
    assert!(matches!(held, Err(OrganizationError::RoleInUse(who)) if who == ["cy@example.test"]));
    does(&t, ours, owner, async |tx, by| {
        organizations::withdraw(tx, by, letter).await
    })
    .await
    .unwrap();
    does(&t, ours, owner, async |tx, by| {
        organizations::delete_role(tx, by, packer).await
    })
    .await
    .unwrap();
    let lines = noted(&t, ours).await;
    for line in [
        "roles.created Packer by Acme",
        "roles.changed Packer by Acme",
        "roles.deleted Packer by Acme",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line} in {lines:?}");
    }
    let given =
        "SELECT (details -> 'given')::text AS line FROM audit_entries WHERE act = 'roles.changed'";
    assert_eq!(one(&t, given).await, "[\"tags.manage\"]");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_puts_into_a_role_what_they_have_not() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let owner = t.owner_of(ours);
    let clerk = member(&t, ours, "clerk", &[Viewer]).await;
    let editor = make(&t, ours, owner, "Editor", &[P::OrganizationManageRoles])
        .await
        .unwrap();
    execute(
        &t,
        &format!("INSERT INTO member_roles VALUES ({ours}, {clerk}, {editor})"),
    )
    .await;
    let refused = make(&t, ours, clerk, "Mine", &[P::BatchesView, P::RecipesDelete]).await;
    assert!(
        matches!(
            refused,
            Err(OrganizationError::Escalation {
                missing: P::RecipesDelete,
                ..
            })
        ),
        "{refused:?}"
    );
    make(&t, ours, clerk, "Mine", &[P::BatchesView])
        .await
        .unwrap();
    // What they lack stays in a role that has it, whether they ask for it or not.
    let packer = make(
        &t,
        ours,
        owner,
        "Packer",
        &[P::RecipesDelete, P::BatchesView],
    )
    .await
    .unwrap();
    let allows = async || {
        let mut tx = t.begin(ours).await;
        organizations::role(&mut tx, packer)
            .await
            .unwrap()
            .unwrap()
            .role
            .permissions
    };
    change(&t, ours, clerk, packer, &[P::ProductsView])
        .await
        .unwrap();
    let both: Permissions = [P::RecipesDelete, P::ProductsView].into_iter().collect();
    assert_eq!(allows().await, both);
    let refused = change(&t, ours, clerk, packer, &[P::RecipesDelete, P::RecipesEdit]).await;
    assert!(matches!(
        refused,
        Err(OrganizationError::Escalation {
            missing: P::RecipesEdit,
            ..
        })
    ));
    assert_eq!(allows().await, both);
    // A manager has all but what is the owner's.
    let boss = member(&t, ours, "boss", &[Manager]).await;
    let refused = make(&t, ours, boss, "Treasurer", &[P::OrganizationManageBilling]).await;
    assert!(matches!(refused, Err(OrganizationError::Escalation { .. })));
    let maker = role(&t, ours, Maker).await;
    for refused in [
        change(&t, ours, owner, maker, &[]).await,
        does(&t, ours, owner, async |tx, by| {
            organizations::delete_role(tx, by, maker).await
        })
        .await,
    ] {
        assert!(
            matches!(refused, Err(OrganizationError::SystemRole(_))),
            "{refused:?}"
        );
    }
    let viewer = member(&t, ours, "viewer", &[Viewer]).await;
    let refused = make(&t, ours, viewer, "Mine too", &[]).await;
    assert!(matches!(refused, Err(OrganizationError::MayNot(_))));
}
