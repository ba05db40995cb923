//! The pages of operators: there for them, and for nobody else.
use crate::harness::{Browser, Site, location};
use reqwest::StatusCode;

const PAGES: [&str; 5] = [
    "/operator/queues",
    "/operator/dead",
    "/operator/jobs/1",
    "/operator/events",
    "/operator/audit",
];
const ACTS: [&str; 5] = [
    "/operator/dead/retry",
    "/operator/jobs/1/retry",
    "/operator/jobs/1/discard",
    "/operator/events/replay",
    "/operator/events/1/replay",
];
const FAR: &str = "2027-01-01T00:00:00Z";

async fn make_operator(site: &Site, name: &str) {
    let sql = format!("UPDATE users SET is_operator = true WHERE email = '{name}@example.com'");
    site.execute(&sql).await;
}

/// A dead job of each kind; says the numbers.
async fn let_die(site: &Site, kinds: &[&str]) -> Vec<i64> {
    let mut ids = vec![];
    for kind in kinds {
        site.execute(&format!(
            "INSERT INTO jobs_dead (id, died_at, queue, kind, args, correlation_id, enqueued_at, attempt, failures, last_error) \
             VALUES (nextval('job_ids'), '2026-11-01 11:00+00', 'mail', '{kind}', \
                     '{{\"to\": {{\"address\": \"hunter2@example.com\"}}, \"n\": 7}}', 'request-17', \
                     '2026-11-01 10:00+00', 8, 8, 'the server <said> no')"
        ))
        .await;
        ids.push(site.number("SELECT max(id) FROM jobs_dead").await);
    }
    ids
}

async fn audit(site: &Site) -> Vec<String> {
    let all = site
        .text("SELECT coalesce(string_agg(concat_ws(' ', actor, act, subject, how_many), '|' ORDER BY id), '') FROM operator_audit")
        .await;
    all.split('|')
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn page(browser: &mut Browser, path: &str) -> String {
    let html = browser.get(path).await;
    assert_eq!(html.status(), StatusCode::OK, "{path}");
    let html = html.text().await.unwrap();
    if let Some(token) = crate::harness::token_in(&html) {
        token.clone_into(&mut browser.token);
    }
    html
}

#[tokio::test(flavor = "multi_thread")]
async fn for_others_there_is_nothing_there() {
    let site = Site::start().await;
    let_die(&site, &["mail.send.v1"]).await;
    let mut ada = site.owner("ada").await;
    let html = page(&mut ada, "/inventory/").await;
    assert!(!html.contains("/operator/"), "no way leads there");
    for path in PAGES {
        assert_eq!(
            ada.get(path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
        let away = site.stranger().get(path).await;
        assert!(location(&away).starts_with("/auth/login?next="), "{path}");
    }
    for path in ACTS {
        let fields = [("kind", "mail.send.v1"), ("until", FAR)];
        let answer = ada.post(path, &fields).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(site.number("SELECT count(*) FROM jobs_dead").await, 1);
    assert_eq!(audit(&site).await, Vec::<String>::new());

    make_operator(&site, "ada").await;
    let html = page(&mut ada, "/inventory/").await;
    assert!(html.contains("href=\"/operator/queues\""));
    site.execute("UPDATE users SET is_operator = false").await;
    let gone = ada.get("/operator/queues").await.status();
    assert_eq!(gone, StatusCode::NOT_FOUND, "it ends at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queues_are_shown_and_drawn_anew() {
    let site = Site::start().await;
    let mut ada = site.owner("ada").await;
    make_operator(&site, "ada").await;
    let_die(&site, &["mail.send.v1"]).await;
    site.execute(
        "INSERT INTO job_workers (host, pid, queues, started_at, heartbeat_at) \
         VALUES ('kiln', 4711, '{mail,bulk}', now(), now() - interval '5 minutes'); \
         INSERT INTO job_minutes (queue, minute, done, failed) \
         VALUES ('mail', date_trunc('minute', now()) - interval '1 minute', 50, 3)",
    )
    .await;
    let html = page(&mut ada, "/operator/queues").await;
    for words in [
        "kiln",
        "mail, bulk",
        "hx-trigger=\"every 5s\"",
        "hx-swap=\"innerMorph\"",
        "50 attempts done and 3 failed or put off in the last 30 minutes",
        "href=\"/operator/dead?queue=mail\"",
    ] {
        assert!(html.contains(words), "{words} in {html}");
    }
    assert!(html.matches("s ago").count() > 0 && html.contains("op-late"));
    let still = page(&mut ada, "/operator/queues?refresh=off").await;
    assert!(!still.contains("every 5s") && still.contains("kiln"));
    let part = ada
        .http
        .get(format!("{}/operator/queues", site.url))
        .header("HX-Request", "true")
        .send()
        .await
        .unwrap();
    let part = part.text().await.unwrap();
    assert!(part.contains("kiln") && !part.contains("<html"), "{part}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_are_looked_at_retried_and_discarded() {
    let site = Site::start().await;
    let mut ada = site.owner("ada").await;
    make_operator(&site, "ada").await;
    let kinds = [
        "mail.send.v1",
        "mail.send.v1",
        "mail.send.v1",
        "mail.send_now.v1",
    ];
    let ids = let_die(&site, &kinds).await;

    let html = page(&mut ada, "/operator/dead").await;
    assert!(html.contains("the server &#60;said&#62; no"), "{html}");
    let narrow = page(&mut ada, "/operator/dead?kind=mail.send_now.v1").await;
    assert!(narrow.contains(&format!("/operator/jobs/{}\"", ids[3])));
    assert!(!narrow.contains(&format!("/operator/jobs/{}\"", ids[0])));
    for (bad, status) in [("queue=letters", 404), ("cursor=damaged", 400)] {
        let answer = ada.get(&format!("/operator/dead?{bad}")).await;
        assert_eq!(answer.status().as_u16(), status, "{bad}");
    }
    let html = page(&mut ada, &format!("/operator/jobs/{}", ids[0])).await;
    assert!(
        html.contains("request-17") && html.contains("&#34;n&#34;: 7"),
        "{html}"
    );
    assert!(!html.contains("hunter2"), "nobody's address is shown");

    // A double click is one act, and what is decided is decided.
    let retry = format!("/operator/jobs/{}/retry", ids[0]);
    for _ in 0..2 {
        let answer = ada.post(&retry, &[("idempotency_key", "once")]).await;
        assert_eq!(location(&answer), "/operator/dead");
    }
    let late = ada.post(&retry, &[("idempotency_key", "again")]).await;
    assert_eq!(location(&late), "/operator/dead");
    let html = page(&mut ada, "/operator/dead").await;
    assert!(html.contains("not dead"), "{html}");
    let discard = format!("/operator/jobs/{}/discard", ids[1]);
    let answer = ada.post(&discard, &[]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let answer = ada.post(&discard, &[]).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);

    // What died after the page was read is not meant.
    let all = |until| [("kind", "mail.send.v1"), ("until", until)];
    let early = ada
        .post("/operator/dead/retry", &all("2026-11-01T10:59:00Z"))
        .await;
    assert_eq!(early.status(), StatusCode::SEE_OTHER);
    assert_eq!(site.number("SELECT count(*) FROM jobs_dead").await, 2);
    ada.post("/operator/dead/retry", &all(FAR)).await;
    assert_eq!(site.number("SELECT count(*) FROM jobs_dead").await, 1);
    let damaged = ada.post("/operator/dead/retry", &all("now")).await;
    assert_ne!(damaged.status(), StatusCode::OK);
    assert_eq!(site.number("SELECT count(*) FROM jobs").await, 2);
    assert_eq!(
        audit(&site).await,
        [
            format!("ada@example.com jobs.retried mail.send.v1 {} 1", ids[0]),
            format!("ada@example.com jobs.discarded mail.send.v1 {} 1", ids[1]),
            "ada@example.com jobs.retried mail.send.v1 1".to_owned(),
        ]
    );
    let html = page(&mut ada, "/operator/audit").await;
    assert!(html.contains("Jobs discarded") && html.contains("ada@example.com"));

    let mut forged = site.owner("eve").await;
    make_operator(&site, "eve").await;
    forged.token = "forged".to_owned();
    let refused = forged.post("/operator/dead/retry", &all(FAR)).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_the_hook_did_not_take_are_sent_again() {
    let site = Site::with(|settings| {
        settings.webhooks.operator_url = Some("http://127.0.0.1:1/hook".into());
    })
    .await;
    let mut ada = site.owner("ada").await;
    make_operator(&site, "ada").await;
    site.execute(
        "INSERT INTO operator_hook_failures (organization_id, event_id, recorded_at, error, failed_at, attempts) \
         SELECT organization_id, id, recorded_at, 'answered 500', '2026-11-01 11:00+00', 12 FROM domain_events",
    )
    .await;
    let many = site
        .number("SELECT count(*) FROM operator_hook_failures")
        .await;
    assert!(many > 1, "signing up is told of");
    let event = site
        .number("SELECT min(event_id) FROM operator_hook_failures")
        .await;
    let html = page(&mut ada, "/operator/events").await;
    assert!(html.contains("answered 500") && html.contains("Send all again"));
    let one = format!("/operator/events/{event}/replay");
    for key in ["a", "a", "b"] {
        let answer = ada.post(&one, &[("idempotency_key", key)]).await;
        assert_eq!(location(&answer), "/operator/events");
    }
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'webhooks.operator.v1'";
    assert_eq!(site.number(jobs).await, 1);
    let html = page(&mut ada, "/operator/events").await;
    assert!(html.contains("On its way"));
    ada.post("/operator/events/replay", &[("until", FAR)]).await;
    assert_eq!(site.number(jobs).await, many);
    let missing = ada.post("/operator/events/999999/replay", &[]).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    let done = audit(&site).await;
    assert_eq!(done.len(), 2, "{done:?}");
    assert!(done[1].ends_with(&format!(" {}", many - 1)), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_hook_there_is_nowhere_to_send_to() {
    let site = Site::start().await;
    let mut ada = site.owner("ada").await;
    make_operator(&site, "ada").await;
    let html = page(&mut ada, "/operator/events").await;
    assert!(html.contains("DOMAIN_EVENT_WEBHOOK_URL is not set"));
    let answer = ada.post("/operator/events/replay", &[("until", FAR)]).await;
    assert_eq!(location(&answer), "/operator/events");
    let html = page(&mut ada, "/operator/events").await;
    assert!(html.contains("nowhere to send"), "{html}");
    assert_eq!(audit(&site).await, Vec::<String>::new());
}
