//! What people change about themselves, and the clock by which pages tell them the time.
use crate::{
    harness::{PASSWORD, Site},
    pages::{go, has, item, page, refused},
};
use reqwest::StatusCode;

async fn zone(site: &Site) -> String {
    site.text("SELECT timezone FROM users ORDER BY id DESC LIMIT 1")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_says_its_zone_at_sign_up() {
    let site = Site::start().await;
    for (name, said, kept) in [
        ("ana", "Pacific/Auckland", "Pacific/Auckland"),
        ("bob", "Mars/Olympus", "UTC"),
        ("cid", "", "UTC"),
        ("dot", "Asia/Calcutta", "Asia/Calcutta"),
    ] {
        let mut browser = site.stranger();
        has(
            &browser.open("/auth/signup").await,
            "name=\"timezone\" value=\"\" type=\"hidden\" data-zone",
        );
        let email = format!("{name}@example.com");
        let fields = [
            ("first_name", name),
            ("last_name", "Maker"),
            ("email", &email),
            ("password", PASSWORD),
            ("timezone", said),
        ];
        let answer = browser.post("/auth/signup", &fields).await;
        assert_eq!(answer.status(), StatusCode::FOUND, "{name}");
        assert_eq!(zone(&site).await, kept, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_those_of_the_reader() {
    let site = Site::start().await; // where it is noon of the first of November in UTC
    let mut ana = site.owner("ana").await;
    ana.open("/account").await;
    let oil = item(&ana, "Olive Oil", "100", "1").await;
    let sold = [
        ("change_type", "use"),
        ("quantity", "1"),
        ("input_unit", "gram"),
    ];
    let adjust = oil.replace("view", "adjust");
    go(&ana, &adjust, &sold).await;
    has(&page(&ana, &oil).await, ">1 Nov 2026, 12:00</time>");

    let me = [
        ("first_name", " Anahera "),
        ("last_name", "Ngata"),
        ("timezone", "Pacific/Auckland"),
    ];
    assert_eq!(go(&ana, "/account", &me).await, "/account");
    let html = page(&ana, "/account").await;
    has(&html, "Saved.");
    has(&html, "value=\"Anahera\"");
    has(&html, "href=\"/account/letters\"");
    has(&html, "value=\"Pacific/Auckland\" selected");
    has(&html, "By the saved one it is 2 Nov 2026, 01:00.");
    has(&page(&ana, "/user_dashboard").await, "Hello, Anahera");
    let html = page(&ana, &oil).await;
    has(&html, ">2 Nov 2026, 01:00</time>");
    has(&html, "datetime=\"2026-11-01T12:00:00Z\"");
    has(&html, "NZDT");

    // Their today is no future, even where UTC has not got there.
    let today = [
        ("change_type", "restock"),
        ("quantity", "5"),
        ("input_unit", "gram"),
        ("received_at", "2026-11-02"),
    ];
    go(&ana, &adjust, &today).await;
    let mut tomorrow = today;
    tomorrow[3].1 = "2026-11-03";
    has(
        &refused(&ana, &adjust, &tomorrow).await,
        "The date lies in the future.",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_keeps_what_was_typed() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account").await;
    let fields = [
        ("first_name", " "),
        ("last_name", "<Maker>"),
        ("timezone", "Mars/Olympus"),
    ];
    let html = refused(&ana, "/account", &fields).await;
    for words in [
        "id=\"f-first_name-error\"",
        "id=\"f-timezone-error\"",
        "value=\"&#60;Maker&#62;\"",
    ] {
        has(&html, words);
    }
    assert_eq!(zone(&site).await, "UTC");
    // Nobody changes anybody else: a second person stays who they are.
    let mut bob = site.owner("bob").await;
    bob.open("/account").await;
    let fields = [
        ("first_name", "Robert"),
        ("last_name", "Maker"),
        ("timezone", "Europe/Berlin"),
    ];
    go(&bob, "/account", &fields).await;
    assert_eq!(
        site.text("SELECT string_agg(first_name || ' ' || timezone, ', ' ORDER BY id) FROM users")
            .await,
        "ana UTC, Robert Europe/Berlin"
    );
    assert_eq!(
        site.stranger().get("/account").await.status(),
        StatusCode::SEE_OTHER
    );
}
