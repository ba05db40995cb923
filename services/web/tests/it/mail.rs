//! What people want us to write about.
use crate::harness::{Site, head, location};
use batchtrack_core::{
    kernel::ids::UserId,
    mail::{self, LetterKind, UnsubscribeLinks},
    platform::seal::Keyring,
};
use reqwest::{Method, StatusCode};

impl Site {
    async fn user(&self, name: &str) -> UserId {
        let sql = format!("SELECT id AS n FROM users WHERE email = '{name}@example.com'");
        UserId::new(self.number(&sql).await)
    }

    fn link(&self, user: UserId, kind: LetterKind) -> String {
        let keys = Keyring::new(self.db.settings.http.secret_key.as_ref()).unwrap();
        format!("/u/{}", UnsubscribeLinks::new(&keys).token(user, kind))
    }

    async fn unwanted(&self, user: UserId) -> Vec<LetterKind> {
        let mut tx = self.db.system.begin().await.unwrap();
        let said = mail::preferences(&mut tx, user).await.unwrap();
        said.into_iter()
            .filter(|(_, wanted)| !wanted)
            .map(|(kind, _)| kind)
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_stops_these_letters_to_this_person_and_no_others() {
    let site = Site::start().await;
    site.owner("ana").await;
    site.owner("bo").await;
    let (ana, bo) = (site.user("ana").await, site.user("bo").await);
    let link = site.link(ana, LetterKind::LowStock);
    let nobody = site.stranger();

    // Scanners look at every link of a letter.
    for method in [Method::GET, Method::HEAD] {
        let look = nobody.request(method, &link).send().await.unwrap();
        assert_eq!(look.status(), StatusCode::OK);
    }
    assert_eq!(site.unwanted(ana).await, []);

    // As a mail program does it (RFC 8058): no cookie, no page before, no redirect after.
    for _ in 0..2 {
        let form = [("List-Unsubscribe", "One-Click")];
        let click = nobody.request(Method::POST, &link).form(&form);
        let click = click.send().await.unwrap();
        assert_eq!(click.status(), StatusCode::OK);
        assert!(click.headers().get("set-cookie").is_none());
        assert!(click.text().await.unwrap().contains("Done"));
    }
    assert_eq!(site.unwanted(ana).await, [LetterKind::LowStock]);
    assert_eq!(site.unwanted(bo).await, []);

    let again = nobody.request(Method::POST, &format!("{link}/again"));
    assert_eq!(again.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(site.unwanted(ana).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_not_ours_does_nothing() {
    let site = Site::start().await;
    let owner = site.owner("ana").await;
    site.owner("bo").await;
    let (ana, bo) = (site.user("ana").await, site.user("bo").await);
    let link = site.link(ana, LetterKind::LowStock);
    let for_bo = link.replacen(&format!("/u/{ana}."), &format!("/u/{bo}."), 1);
    assert_ne!(link, for_bo);
    let awaited = site.link(ana, LetterKind::ResetPassword);
    let gone = site.link(UserId::new(40_404), LetterKind::LowStock);
    for path in [
        for_bo.as_str(),
        &awaited,
        "/u/1.low_stock",
        "/u/x",
        &format!("{link}x"),
    ] {
        for (browser, method) in [
            (&site.stranger(), Method::GET),
            (&site.stranger(), Method::POST),
            (&owner, Method::POST),
        ] {
            let answer = browser.request(method.clone(), path).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
        }
    }
    let gone = site
        .stranger()
        .request(Method::POST, &gone)
        .send()
        .await
        .unwrap();
    assert_eq!(
        gone.status(),
        StatusCode::NOT_FOUND,
        "an account that is no more"
    );
    assert_eq!(
        (site.unwanted(ana).await, site.unwanted(bo).await),
        (vec![], vec![])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_chooses_by_box() {
    let site = Site::start().await;
    let mut owner = site.owner("ana").await;
    let ana = site.user("ana").await;
    let html = owner.open("/account/letters").await;
    assert!(html.contains("ana@example.com"), "{html}");
    assert_eq!(
        html.matches(" checked").count(),
        LetterKind::optional().count(),
        "{html}"
    );
    for kind in LetterKind::ALL {
        let box_ = format!("name=\"{kind}\"");
        assert_eq!(html.contains(&box_), !kind.is_awaited(), "{kind}");
    }

    let saved = owner
        .post(
            "/account/letters",
            &[("low_stock", "true"), ("payment_failed", "true")],
        )
        .await;
    assert_eq!(
        (saved.status(), location(&saved)),
        (StatusCode::SEE_OTHER, "/account/letters")
    );
    let unwanted = [LetterKind::LotsExpiring, LetterKind::EndpointDisabled];
    assert_eq!(site.unwanted(ana).await, unwanted);
    let html = owner.open("/account/letters").await;
    assert_eq!(html.matches(" checked").count(), 2, "{html}");

    // The link of a letter works for the one who is signed in as well.
    let link = site.link(ana, LetterKind::PaymentFailed);
    let page = owner.get(&link).await;
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("payments that did not go through")
    );
    assert_eq!(owner.post(&link, &[]).await.status(), StatusCode::OK);
    assert_eq!(site.unwanted(ana).await.len(), 3);

    let stranger = site.stranger().get("/account/letters").await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
    assert!(head(&stranger, "location").starts_with("/auth/login"));
    let forged = owner
        .request(Method::POST, "/account/letters")
        .form(&[("low_stock", "true")]);
    assert_eq!(
        forged.send().await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
}
