//! Every endpoint there is, asked for by those who may not.
use crate::{
    api::{Shelf, method, put, shelf},
    harness::{Browser, PASSWORD, Site},
};
use batchtrack_web::{
    endpoint::{Access, Endpoint},
    openapi, page_api, routes,
};
use reqwest::{Method, Response, StatusCode, header};
use std::collections::BTreeSet;

/// Somebody with a membership of the first organisation and no role in it.
async fn without_roles(site: &Site, name: &str) -> Browser {
    site.owner(name).await;
    let theirs = format!("user_id = (SELECT id FROM users WHERE email = '{name}@example.com')");
    let away = format!("UPDATE memberships SET role = 'member', is_active = false WHERE {theirs}");
    site.execute(&away).await;
    let here = format!(
        "INSERT INTO memberships (organization_id, user_id, role, created_at) \
         SELECT 1, user_id, 'member', created_at FROM memberships WHERE {theirs}"
    );
    site.execute(&here).await;
    let mut browser = site.stranger();
    let address = format!("{name}@example.com");
    let answer = browser.sign_in(&address, PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    browser.open("/user_dashboard").await;
    browser
}

/// All that a request to `endpoint` needs to be understood, so that what refuses it is who asks.
async fn ask(browser: &Browser, endpoint: &Endpoint, there: &Shelf) -> Response {
    let key = uuid::Uuid::new_v4().to_string();
    asked(browser, endpoint, there, &key, &browser.token).await
}

/// The same under a key, with the token of a form.
pub(crate) async fn asked(
    browser: &Browser,
    endpoint: &Endpoint,
    there: &Shelf,
    key: &str,
    token: &str,
) -> Response {
    let is_json = is_json(endpoint);
    let path = match (endpoint.path.contains('{'), is_json) {
        (true, true) => there.shop.at(endpoint.path),
        (true, false) => put(endpoint.path, there.shop.item),
        (false, _) => endpoint.path.to_owned(),
    };
    let method = method(endpoint);
    let request = browser
        .request(method.clone(), &path)
        .header(header::ORIGIN, &browser.url)
        .header("X-CSRFToken", token)
        .header("Idempotency-Key", key);
    let request = match method {
        Method::GET | Method::HEAD => request,
        _ if is_json => request.json(&there.shop.body(endpoint.path)),
        // Enough of everything for any form to be understood.
        _ => request.form(&[
            ("name", "Taken over"),
            ("type", "ingredient"),
            ("unit", "g"),
            ("recipe_id", "1"),
            ("batch_type", "product"),
            ("scale", "1"),
            ("quantity", "1"),
            ("sku_id", "1"),
            ("size_label", "s"),
            ("price", "1"),
            ("reason", "r"),
        ]),
    };
    request.send().await.unwrap()
}

pub(crate) fn is_json(endpoint: &Endpoint) -> bool {
    static JSON: std::sync::LazyLock<BTreeSet<&str>> = std::sync::LazyLock::new(|| {
        openapi::endpoints()
            .chain(page_api::endpoints())
            .map(|endpoint| endpoint.path)
            .collect()
    });
    JSON.contains(endpoint.path)
}

/// Whether whoever asks was taken for nobody.
pub(crate) fn is_asked_to_sign_in(answer: &Response) -> bool {
    let to = answer.headers().get(header::LOCATION);
    answer.status() == StatusCode::UNAUTHORIZED
        || to.is_some_and(|to| to.to_str().unwrap().starts_with("/auth/login"))
}

/// Where somebody moves to another organisation, or away: what they may do after it is another question.
pub(crate) fn moves(endpoint: &Endpoint) -> bool {
    endpoint.method != actix_web::http::Method::GET
        && endpoint.path.starts_with("/account/organizations")
}

/// Whether whoever asks was told that they can't act here, or was sent to where they choose anew.
fn is_shown_out(answer: &Response) -> bool {
    let to = answer.headers().get(header::LOCATION);
    answer.status() == StatusCode::FORBIDDEN
        || to.is_some_and(|to| to.to_str().unwrap() == "/account/organizations")
}

pub(crate) fn closed() -> impl Iterator<Item = &'static Endpoint> {
    routes::endpoints().filter(|endpoint| endpoint.access != Access::Public)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_where_one_must_sign_in() {
    let there = shelf().await;
    let mut nobody = there.site.stranger();
    nobody.open("/auth/login").await;
    let before = there.site.state_of(1).await;
    let mut asked = 0;
    for endpoint in closed() {
        let answer = ask(&nobody, endpoint, &there).await;
        let (status, path) = (answer.status(), endpoint.path);
        assert!(
            is_asked_to_sign_in(&answer),
            "{} {path}: {status}",
            endpoint.method
        );
        asked += 1;
    }
    assert!(asked > 100, "{asked}");
    assert_eq!(there.site.state_of(1).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_without_the_permission_is_refused_in_words() {
    let there = shelf().await;
    let mia = without_roles(&there.site, "mia").await;
    let before = there.site.state_of(1).await;
    for endpoint in closed() {
        let (path, access) = (endpoint.path, endpoint.access);
        if moves(endpoint) {
            continue;
        }
        if path == "/actions/{id}/undo" || path == "/api/v1/actions/{id}/undo" {
            continue; // depends on what is undone, and is held below
        }
        let answer = ask(&mia, endpoint, &there).await;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap().replace("&#39;", "'");
        let what = format!("{} {path}: {status} {text}", endpoint.method);
        match access {
            Access::May(permission) => {
                assert_eq!(status, 403, "{what}");
                assert!(text.contains(permission.label()), "{what}");
            }
            Access::Owner => assert_eq!(status, 403, "{what}"),
            Access::Operator => assert_eq!(status, 404, "{what}"),
            Access::Member | Access::Person | Access::Public => {
                assert!(status != 403 && status != 401 && status < 500, "{what}");
            }
        }
    }
    let mine = [("reason", "r")];
    let undo = mia
        .post(&format!("/actions/{}/undo", there.shop.receipt), &mine)
        .await;
    assert_eq!(undo.status(), StatusCode::FORBIDDEN);
    let undo = format!("/api/v1/actions/{}/undo", there.shop.receipt);
    let undo = mia
        .json(&undo, "u", &serde_json::Value::Null)
        .send()
        .await
        .unwrap();
    assert_eq!(undo.status(), StatusCode::FORBIDDEN);
    assert_eq!(there.site.state_of(1).await, before);
}

/// Each way of losing one's place takes effect with the next request, at every address.
#[tokio::test(flavor = "multi_thread")]
async fn who_lost_their_place_is_out_at_once() {
    let there = shelf().await;
    // Whoever has an account still is told so; whoever has none, or signed out elsewhere, is nobody.
    let ways = [
        (
            "ada",
            "UPDATE memberships SET is_active = false WHERE user_id = $",
            true,
        ),
        ("bea", "DELETE FROM memberships WHERE user_id = $", true),
        (
            "cai",
            "UPDATE users SET is_active = false WHERE id = $",
            false,
        ),
        (
            "dov",
            "UPDATE users SET session_epoch = session_epoch + 1 WHERE id = $",
            false,
        ),
    ];
    for (name, sql, is_known) in ways {
        let member = without_roles(&there.site, name).await;
        let user = there
            .site
            .text(&format!(
                "SELECT id::text FROM users WHERE email = '{name}@example.com'"
            ))
            .await;
        assert_eq!(member.get("/user_dashboard").await.status(), StatusCode::OK);
        let sql = sql.replace('$', &user);
        there.site.execute(&sql).await;
        let before = there.site.state_of(1).await;
        // The first look at the door ends the session, or their place; the others meet somebody without.
        for endpoint in closed().filter(|endpoint| endpoint.access != Access::Person) {
            let answer = ask(&member, endpoint, &there).await;
            let status = answer.status();
            let path = endpoint.path;
            let is_out = match (is_known, endpoint.access) {
                (true, Access::Operator) => {
                    status == StatusCode::NOT_FOUND || is_shown_out(&answer)
                }
                (true, _) => is_shown_out(&answer),
                (false, _) => is_asked_to_sign_in(&answer),
            };
            assert!(is_out, "{name}, {} {path}: {status}", endpoint.method);
        }
        assert_eq!(there.site.state_of(1).await, before);
    }
}

/// An organisation that is closed lets nobody act in it, its owner included.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_in_an_organisation_that_is_closed() {
    let there = shelf().await;
    there
        .site
        .execute("UPDATE organizations SET is_active = false")
        .await;
    let before = there.site.state_of(1).await;
    for endpoint in closed().filter(|endpoint| endpoint.access != Access::Person) {
        let answer = ask(&there.ana, endpoint, &there).await;
        let (status, path) = (answer.status(), endpoint.path);
        let is_out = is_shown_out(&answer)
            || endpoint.access == Access::Operator && status == StatusCode::NOT_FOUND;
        assert!(is_out, "{} {path}: {status}", endpoint.method);
    }
    assert_eq!(there.site.state_of(1).await, before);
    let page = there.ana.get("/user_dashboard").await.text().await.unwrap();
    assert!(page.contains("is suspended"), "{page}");
    let own = there.ana.get("/account/organizations").await;
    assert_eq!(own.status(), StatusCode::OK);
    assert!(own.text().await.unwrap().contains("Suspended"));
}

/// What an owner may do ends where the organisation's tier does, and no dashboard is out of reach.
#[tokio::test(flavor = "multi_thread")]
async fn a_tier_bounds_even_the_owner() {
    let there = shelf().await;
    there
        .site
        .execute("UPDATE organizations SET tier = 'free'")
        .await;
    let free = [
        "recipes.view",
        "recipes.create",
        "recipes.edit",
        "recipes.delete",
        "recipes.create_variations",
        "inventory.view",
    ];
    for endpoint in closed().filter(|endpoint| endpoint.method == actix_web::http::Method::GET) {
        let answer = ask(&there.ana, endpoint, &there).await;
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        let what = format!("{}: {status} {text}", endpoint.path);
        match endpoint.access {
            Access::May(permission) if !free.contains(&permission.as_str()) => {
                assert_eq!(status, 403, "{what}");
                assert!(text.contains("Free Tools"), "{what}");
            }
            Access::Operator => assert_eq!(status, 404, "{what}"),
            _ => assert_ne!(status, 403, "{what}"),
        }
    }
}
