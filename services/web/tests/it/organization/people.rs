use super::{invite, join, look, role, token, user};
use crate::{
    harness::{PASSWORD, Site, head, location},
    pages::page,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn somebody_joins_is_bounded_by_their_role_and_is_out_at_once_on_every_replica() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let letter = invite(&site, &ana, "Ben@Example.com", "Maker").await;
    // Programs that look for harm follow links, too.
    for _ in 0..2 {
        page(&site.stranger(), &format!("/invitations/{letter}")).await;
    }
    let ben = join(&site, &letter, "Ben").await;
    let html = page(&ben, "/user_dashboard").await;
    assert!(
        html.contains("Soap &amp; Sons") || html.contains("Soap &#38; Sons"),
        "{html}"
    );
    assert_eq!(ben.get("/recipes/new").await.status(), StatusCode::OK);
    let refused = ben.get("/products/new").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(refused.text().await.unwrap().contains("add products"));
    for closed in [
        "/organization",
        "/organization/roles",
        "/organization/audit",
        "/organization/transfer",
    ] {
        assert_eq!(
            ben.get(closed).await.status(),
            StatusCode::FORBIDDEN,
            "{closed}"
        );
    }
    let seen = page(&ben, "/organization/members").await;
    assert!(seen.contains("ana@example.com") && !seen.contains("Invite somebody"));

    let id = user(&site, "ben@example.com").await;
    let manager = role(&ana, "Manager").await;
    let to = format!("/organization/members/{id}/roles");
    let answer = ana.post(&to, &[("roles", &manager)]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        ben.get("/products/new").await.status(),
        StatusCode::OK,
        "from the next click on"
    );

    let other = site.replica().await;
    let elsewhere = async |path: &str| {
        let request = ben.http.get(format!("{other}{path}"));
        request.header("accept", "text/html").send().await.unwrap()
    };
    // Both replicas have seen them, and have kept what they may do.
    assert_eq!(elsewhere("/recipes/").await.status(), StatusCode::OK);
    let answer = ana
        .post(&format!("/organization/members/{id}/remove"), &[])
        .await;
    assert_eq!(location(&answer), "/organization/members");
    let out = elsewhere("/recipes/").await;
    assert_eq!(
        (out.status(), location(&out)),
        (StatusCode::SEE_OTHER, "/account/organizations")
    );
    let out = ben.get("/recipes/").await;
    assert_eq!(
        (out.status(), location(&out)),
        (StatusCode::SEE_OTHER, "/account/organizations")
    );
    let html = page(&ben, "/account/organizations").await;
    assert!(
        html.contains("any more") && html.contains("You belong to no organisation"),
        "{html}"
    );
    assert!(
        !page(&ben, "/account/organizations")
            .await
            .contains("any more"),
        "told once"
    );
    assert_eq!(
        page(&ben, "/account").await.matches("Ben").count().min(1),
        1
    );
    // No loop: who belongs nowhere lands there after signing in, too.
    let mut again = site.stranger();
    let answer = again.sign_in("ben@example.com", PASSWORD).await;
    assert_eq!(location(&answer), "/user_dashboard");
    assert_eq!(
        location(&again.get("/user_dashboard").await),
        "/account/organizations"
    );
    let (status, problem) = again
        .call(Method::GET, "/api/v1/members", &Value::Null)
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("organizations.none"))
    );
    // The link is worth nothing any more.
    let used = site.stranger().get(&format!("/invitations/{letter}")).await;
    assert_eq!(used.status(), StatusCode::CONFLICT);
    assert!(used.text().await.unwrap().contains("accepted"));
    assert_eq!(
        site.text("SELECT string_agg(act, ' ' ORDER BY id) FROM audit_entries")
            .await,
        "invitations.sent members.joined members.roles_changed members.removed"
    );
    let from = "SELECT count(*) FROM audit_entries WHERE client = '127.0.0.1'";
    assert_eq!(site.number(from).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_what_was_typed() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let maker = role(&ana, "Maker").await;
    for (email, roles, words) in [
        ("ben", maker.as_str(), "such as ana@example.com"),
        ("ben@example.com", "", "Choose from the list"),
        (
            "ana@example.com",
            maker.as_str(),
            "belongs to the organisation already",
        ),
    ] {
        let answer = ana
            .post(
                "/organization/invitations",
                &[("email", email), ("roles", roles)],
            )
            .await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{email}");
        let html = answer.text().await.unwrap();
        assert!(
            html.contains(words) && html.contains(&format!("value=\"{email}\"")),
            "{words}: {html}"
        );
    }
    let answer = ana
        .post("/organization/invitations", &[("email", "ben@example.com")])
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("Choose at least one role")
    );
    let answer = ana
        .post("/organization", &[("name", ""), ("email", "nonsense")])
        .await;
    let html = answer.text().await.unwrap();
    assert!(
        html.contains("Give it a name") && html.contains("nonsense"),
        "{html}"
    );
    let answer = ana
        .post("/organization", &[("name", "Candles"), ("email", "")])
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(
        page(&ana, "/organization")
            .await
            .contains("value=\"Candles\"")
    );

    let letter = invite(&site, &ana, "ben@example.com", "Maker").await;
    let mut ben = site.stranger();
    ben.open(&format!("/invitations/{letter}")).await;
    let fields = [
        ("first_name", "Ben"),
        ("last_name", ""),
        ("password", "short"),
    ];
    let answer = ben
        .post(&format!("/invitations/{letter}/join"), &fields)
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = answer.text().await.unwrap();
    assert!(
        html.contains("value=\"Ben\"") && html.contains("at least 8 characters"),
        "{html}"
    );
    assert!(
        !html.contains("value=\"short\""),
        "a password is never sent back"
    );
    assert_eq!(site.number("SELECT count(*) FROM users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_for_whom_it_is_for() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let mut cy = site.owner("cy").await;
    let mut ben = site.owner("ben").await;
    let letter = invite(&site, &ana, "ben@example.com", "Viewer").await;
    let link = format!("/invitations/{letter}");
    // Who has an account is asked to sign in, and comes back.
    let html = page(&site.stranger(), &link).await;
    assert!(
        html.contains(&format!("/auth/login?next={link}")) && !html.contains("Choose a password"),
        "{html}"
    );
    let html = look(&mut cy, &link).await;
    assert!(html.contains("signed in as cy@example.com"), "{html}");
    let refused = cy.post(&format!("{link}/accept"), &[]).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let refused = cy.post(&format!("{link}/decline"), &[]).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let nobody = site.stranger().get("/invitations/nonsense").await;
    assert_eq!(nobody.status(), StatusCode::NOT_FOUND);
    // The invitation waits on the account's page, too.
    assert!(
        page(&ben, "/account/organizations")
            .await
            .contains("You are invited")
    );
    assert!(
        !page(&cy, "/account/organizations")
            .await
            .contains("You are invited")
    );
    look(&mut ben, &link).await;
    let before = super::session_cookie(&ben.get("/auth/login").await);
    let joined = ben.post(&format!("{link}/accept"), &[]).await;
    assert_eq!(location(&joined), "/user_dashboard");
    let after = super::session_cookie(&joined).expect("another session id");
    assert_ne!(before, Some(after));
    let who = ben.get("/test/whoami").await.json::<Value>().await.unwrap();
    assert_eq!(who["role"], "member");
    let twice = ben.post(&format!("{link}/accept"), &[]).await;
    assert_eq!(twice.status(), StatusCode::CONFLICT);
    // Sent again, only the latest letter's link counts.
    let first = invite(&site, &ana, "dora@example.com", "Viewer").await;
    site.db.clock.advance(chrono::TimeDelta::minutes(2));
    let id = site.number("SELECT max(id) FROM invitations").await;
    let resent = ana
        .post(&format!("/organization/invitations/{id}/resend"), &[])
        .await;
    assert_eq!(location(&resent), "/organization/members");
    let second = token(&site).await;
    assert_eq!(
        site.stranger()
            .get(&format!("/invitations/{first}"))
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
    let mut dora = site.stranger();
    dora.open(&format!("/invitations/{second}")).await;
    let declined = dora
        .post(&format!("/invitations/{second}/decline"), &[])
        .await;
    assert_eq!(location(&declined), "/");
    assert!(
        page(&ana, "/organization/members")
            .await
            .contains("Declined")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_have_not_by_page_or_program() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let porter = json!({ "name": "Porter", "permissions": ["organization.manage_users", "organization.manage_roles", "organization.view"] });
    ana.does("/api/v1/roles", porter).await;
    let letter = invite(&site, &ana, "ben@example.com", "Porter").await;
    let ben = join(&site, &letter, "Ben").await;
    let manager = role(&ana, "Manager").await;
    let invited = ben
        .post(
            "/organization/invitations",
            &[("email", "x@example.com"), ("roles", &manager)],
        )
        .await;
    assert_eq!(invited.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        invited
            .text()
            .await
            .unwrap()
            .contains("You can&#39;t give what you don&#39;t have")
    );
    let body = json!({ "email": "x@example.com", "roles": [manager.parse::<i64>().unwrap()] });
    let (status, problem) = ben.call(Method::POST, "/api/v1/invitations", &body).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("organizations.escalation"))
    );
    let made = ben
        .post(
            "/organization/roles/new",
            &[("name", "Mine"), ("permissions", "batches.create")],
        )
        .await;
    assert_eq!(made.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({ "name": "Mine", "permissions": ["batches.create"] });
    let (status, problem) = ben.call(Method::POST, "/api/v1/roles", &body).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("organizations.escalation"))
    );
    let owner = user(&site, "ana@example.com").await;
    let (status, problem) = ben
        .call(
            Method::DELETE,
            &format!("/api/v1/members/{owner}"),
            &Value::Null,
        )
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("organizations.the_owner"))
    );
    let unknown = json!({ "name": "Odd", "permissions": ["inventory.fly"] });
    let (status, problem) = ana.call(Method::POST, "/api/v1/roles", &unknown).await;
    assert_eq!((status, &problem["field"]), (422, &json!("permissions[0]")));
    // Full is said with figures.
    site.execute("UPDATE tiers SET user_limit = 2 WHERE key = 'exempt'")
        .await;
    let maker: i64 = role(&ana, "Maker").await.parse().unwrap();
    let body = json!({ "email": "y@example.com", "roles": [maker] });
    let (status, problem) = ana.call(Method::POST, "/api/v1/invitations", &body).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("organizations.seats_full"))
    );
    assert_eq!(
        (&problem["limit"], &problem["used"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(problem["tiers"], json!(["Team Plan", "Enterprise Plan"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_access_and_the_list_of_who_did_what_are_shown() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let made = ana
        .post(
            "/organization/roles/new",
            &[
                ("name", "=Packer"),
                ("description", "Packs"),
                ("permissions", "products.view"),
                ("permissions", "tags.manage"),
            ],
        )
        .await;
    assert_eq!(location(&made), "/organization/roles");
    let html = page(&ana, "/organization/roles").await;
    assert!(
        html.contains("=Packer") && html.contains("Built in"),
        "{html}"
    );
    let id = role(&ana, "=Packer").await;
    let html = page(&ana, &format!("/organization/roles/{id}")).await;
    assert!(
        html.contains("value=\"tags.manage\" type=\"checkbox\" checked"),
        "{html}"
    );
    let html = page(&ana, &format!("/organization/roles/new?copy={id}")).await;
    assert!(html.contains("value=\"=Packer, changed\""), "{html}");
    let letter = invite(&site, &ana, "ben@example.com", "=Packer").await;
    let ben = join(&site, &letter, "Ben").await;
    let deleted = ana
        .post(&format!("/organization/roles/{id}/delete"), &[])
        .await;
    assert_eq!(location(&deleted), format!("/organization/roles/{id}"));
    assert!(
        page(&ana, "/organization/roles")
            .await
            .contains("Ben Helper")
    );

    site.execute("UPDATE organizations SET tier = 'team'").await;
    site.execute("UPDATE tiers SET permissions = '{products.view,organization.view,organization.view_audit_logs}' WHERE key = 'team'").await;
    let member = user(&site, "ben@example.com").await;
    for (browser, path) in [
        (&ana, format!("/organization/members/{member}/access")),
        (&ben, "/account/access".to_owned()),
    ] {
        let html = page(browser, &path).await;
        for words in [
            "Role =Packer",
            "Not part of Team Plan, but of Enterprise Plan",
            "None of their roles gives it",
        ] {
            assert!(html.contains(words), "{words} in {html}");
        }
    }
    assert!(
        page(&ana, "/account/access")
            .await
            .contains("Owns the organisation")
    );

    let html = page(&ana, "/organization/audit").await;
    assert!(
        html.contains("Role made")
            && html.contains("Ben Helper")
            && html.contains("permissions: products.view, tags.manage"),
        "{html}"
    );
    let html = page(&ana, "/organization/audit?act=members.joined&q=ben").await;
    assert!(
        html.contains("Joined</span>") && !html.contains("Role made</span>"),
        "{html}"
    );
    let file = ana.get("/organization/audit.csv?act=roles.created").await;
    assert!(head(&file, "content-disposition").contains("audit.csv"));
    let file = file.text().await.unwrap();
    let lines: Vec<_> = file.lines().collect();
    assert_eq!(lines.len(), 2, "{file}");
    assert!(
        lines[1].contains("\"'=Packer\"") && lines[1].contains("ana Maker"),
        "{file}"
    );
    let bad = ana.get("/organization/audit?from=yesterday").await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let entries = ana.reads("/api/v1/audit-entries?act=roles.created").await;
    assert_eq!(entries["data"][0]["subject"], "=Packer");
    let (status, _) = ana
        .call(Method::GET, "/api/v1/audit-entries?act=x", &Value::Null)
        .await;
    assert_eq!(status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_hands_over_with_their_password() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let letter = invite(&site, &ana, "ben@example.com", "Maker").await;
    let ben = join(&site, &letter, "Ben").await;
    let heir = user(&site, "ben@example.com").await.to_string();
    let hand_over = async |password: &str| {
        let fields = [("member", heir.as_str()), ("password", password)];
        ana.post("/organization/transfer", &fields).await
    };
    let wrong = hand_over("not it").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = wrong.text().await.unwrap();
    assert!(
        html.contains("isn&#39;t your password")
            && html.contains(&format!("value=\"{heir}\" selected")),
        "{html}"
    );
    assert_eq!(
        ben.get("/organization/transfer").await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        location(&hand_over(PASSWORD).await),
        "/organization/members"
    );
    assert_eq!(
        ana.get("/organization/transfer").await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        ben.get("/organization/transfer").await.status(),
        StatusCode::OK
    );
    let owners = "SELECT count(*) FROM memberships WHERE role = 'owner'";
    assert_eq!(site.number(owners).await, 1);
}
