//! Where somebody is signed in, and ending it.
use crate::harness::{Browser, PASSWORD, Site, location};
use reqwest::{Method, StatusCode, header};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

impl Site {
    /// Somebody known already, on another device.
    async fn again(&self, name: &str, agent: &str) -> Browser {
        let mut browser = self.stranger();
        browser.open("/auth/login").await;
        let email = format!("{name}@example.com");
        let fields = [
            ("username", email.as_str()),
            ("password", PASSWORD),
            ("csrf_token", &browser.token),
        ];
        let answer = browser
            .request(Method::POST, "/auth/login")
            .header(header::ORIGIN, &browser.url)
            .header(header::USER_AGENT, agent)
            .header("X-Forwarded-For", "203.0.113.7")
            .form(&fields)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        browser
    }
}

impl Browser {
    async fn is_in(&self) -> bool {
        self.get("/test/whoami").await.status() == StatusCode::OK
    }

    /// What the page of sessions has for each: its handle and its row.
    async fn listed(&self) -> Vec<(String, String)> {
        let html = self.get("/account/sessions").await.text().await.unwrap();
        let (_, rows) = html.split_once("<tbody>").unwrap();
        let (rows, _) = rows.split_once("</tbody>").unwrap();
        rows.split("</tr>")
            .filter_map(|row| {
                let (_, rest) = row.split_once("name=\"end\" value=\"")?;
                Some((rest.split('"').next()?.to_owned(), row.to_owned()))
            })
            .collect()
    }

    async fn end(&self, what: &str) -> String {
        let answer = self.post("/account/sessions", &[("end", what)]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        location(&answer).to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_with_what_their_owner_knows_them_by() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let phone = site.again("ana", FIREFOX).await;
    site.owner("bo").await;
    let listed = phone.listed().await;
    assert_eq!(listed.len(), 2, "and none of Bo's");
    let (_, first) = &listed[0];
    for words in ["Firefox on Linux", "This device", "203.0.113.7", "just now"] {
        assert!(first.contains(words), "{words}: {first}");
    }
    assert!(!listed[1].1.contains("This device"));
    assert!(
        listed[1].1.contains("An unknown program"),
        "{}",
        listed[1].1
    );
    assert_eq!(
        ana.listed().await[0].0,
        listed[1].0,
        "one's own comes first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_ends_the_others_end_or_all_do() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let bo = site.owner("bo").await;
    let (phone, tablet) = (
        site.again("ana", FIREFOX).await,
        site.again("ana", FIREFOX).await,
    );
    let handle = phone.listed().await[0].0.clone();
    // Nobody ends other people's.
    assert_eq!(bo.end(&handle).await, "/account/sessions");
    assert!(phone.is_in().await);
    assert_eq!(ana.end(&handle).await, "/account/sessions");
    assert!(!phone.is_in().await && tablet.is_in().await && ana.is_in().await);

    let laptop = site.again("ana", FIREFOX).await;
    assert_eq!(laptop.end("others").await, "/account/sessions");
    assert!(!tablet.is_in().await && !ana.is_in().await && laptop.is_in().await);
    assert_eq!(laptop.listed().await.len(), 1);

    let phone = site.again("ana", FIREFOX).await;
    assert_eq!(phone.end("all").await, "/auth/login");
    assert!(!phone.is_in().await && !laptop.is_in().await && bo.is_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_end_even_where_redis_keeps_them() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let phone = site.again("ana", FIREFOX).await;
    // The number of the account alone suffices.
    site.execute(
        "UPDATE users SET session_epoch = session_epoch + 1 WHERE email = 'ana@example.com'",
    )
    .await;
    assert!(!ana.is_in().await && !phone.is_in().await);
    assert!(site.again("ana", FIREFOX).await.is_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_in_the_end_however_busy() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    for _ in 0..35 {
        assert!(ana.is_in().await);
        site.db.clock.advance(chrono::Duration::hours(20));
    }
    assert!(ana.is_in().await, "after 700 hours");
    site.db.clock.advance(chrono::Duration::hours(20));
    assert!(!ana.is_in().await, "after 720");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_device_at_a_time_is_wanted_signing_in_ends_the_others() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let bo = site.owner("bo").await;
    ana.open("/organization/doors").await;
    let answer = ana
        .post(
            "/organization/doors",
            &[("single_session", "true"), ("api_origins", "")],
        )
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let phone = site.again("ana", FIREFOX).await;
    assert!(!ana.is_in().await && phone.is_in().await && bo.is_in().await);
    let tablet = site.again("ana", FIREFOX).await;
    assert!(!phone.is_in().await && tablet.is_in().await);
    assert_eq!(tablet.listed().await.len(), 1);

    let (one, other) = tokio::join!(site.again("ana", FIREFOX), site.again("ana", FIREFOX));
    let live = [one.is_in().await, other.is_in().await];
    assert_eq!(live.iter().filter(|live| **live).count(), 1, "{live:?}");
}
