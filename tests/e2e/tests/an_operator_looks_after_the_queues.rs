//! Somebody who runs the installation: by the command, and by the pages that only operators have.
use batchtrack_e2e::{Browser, PASSWORD, Stack, until};
use serde_json::Value;
use std::{
    process::{Command, Output},
    time::Duration,
};

const EMAIL: &str = "olga@example.com";
const SOON: Duration = Duration::from_secs(20);

/// What a command said on either stream; stops the test unless it ended with this code.
fn said(stack: &Stack, arguments: &[&str], code: i32) -> String {
    let mut command: Command = stack.batchtrack(arguments);
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("our own binary starts");
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert_eq!(status.code(), Some(code), "{arguments:?}: {said}");
    said
}

fn must_say(stack: &Stack, arguments: &[&str], code: i32, words: &str) {
    let said = said(stack, arguments, code);
    assert!(
        said.contains(words),
        "{arguments:?}: “{words}” is not in:\n{said}"
    );
}

/// The numbers of the dead, the latest first.
fn dead(stack: &Stack, more: &[&str]) -> Vec<String> {
    let list = [&["jobs", "list", "--dead", "--json"], more].concat();
    let all: Value = serde_json::from_str(&said(stack, &list, 0)).expect("JSON");
    let all = all.as_array().expect("a list");
    let ids = all.iter().filter_map(|job| job.get("id"));
    ids.map(ToString::to_string).collect()
}

/// Lets a job die that tells nobody of an event: with no hook set it succeeds at once.
async fn let_one_die(stack: &Stack) {
    stack
        .as_owner(
            "INSERT INTO jobs_dead (id, died_at, queue, kind, args, correlation_id, enqueued_at, attempt, failures, last_error) \
             VALUES (nextval('job_ids'), now(), 'webhooks', 'webhooks.operator.v1', \
                     '{\"organization\": 1, \"event\": 1, \"recorded_at\": \"2026-11-21T12:00:00Z\", \"secret\": \"hunter2\"}', \
                     'request-17', now(), 12, 12, 'the operator''s hook: answered 500')",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_after_the_queues() {
    let stack = Stack::up("operator");
    let olga = Browser::start(stack.http()).await;
    sign_up(&olga).await;
    who_is_one(&stack, &olga).await;
    the_pages(&stack, &olga).await;
    olga.quit().await;
    the_dead_by_command(&stack).await;
    events_by_command(&stack);
    letters_by_command(&stack).await;
}

async fn sign_up(olga: &Browser) {
    olga.open("/auth/signup").await;
    for (field, text) in [
        ("First name", "Olga"),
        ("Last name", "Operator"),
        ("Workshop or business", "Olga's Oils"),
        ("E-mail address", EMAIL),
        ("Password", PASSWORD),
    ] {
        olga.type_in(field, text).await;
    }
    olga.go("Create workspace").await;
    olga.see("Welcome to BatchTrack").await;
}

async fn who_is_one(stack: &Stack, olga: &Browser) {
    let text = olga.text().await;
    assert!(!text.contains("Operations"), "{text}");
    let add = ["users", "operator", "add", "Olga@Example.com"];
    must_say(stack, &add, 0, "olga@example.com is an operator now.");
    must_say(stack, &add, 0, "is an operator already.");
    let nobody = ["users", "operator", "add", "nobody@example.com"];
    must_say(stack, &nobody, 1, "nobody with that address");
    olga.open("/user_dashboard").await;
    olga.see("Operations").await;
}

async fn the_pages(stack: &Stack, olga: &Browser) {
    let_one_die(stack).await;
    olga.go("Operations").await;
    olga.see("Deliveries to other people's servers").await;
    olga.see("Last heartbeat").await;
    olga.picture("operator-queues").await;
    // It is drawn anew in place: what has the focus keeps it.
    let link = "#dead-webhooks";
    olga.focus(link).await;
    let_one_die(stack).await;
    olga.see("Dead jobs 2").await;
    assert!(olga.has_focus(link).await, "the focus is lost");

    olga.open("/operator/dead").await;
    olga.see("answered 500").await;
    olga.picture("operator-dead").await;
    olga.go("webhooks.operator.v1").await;
    let latest = dead(stack, &[]).first().cloned().unwrap_or_default();
    olga.open(&format!("/operator/jobs/{latest}")).await;
    olga.see("request-17").await;
    let text = olga.text().await;
    assert!(
        text.contains("(hidden)") && !text.contains("hunter2"),
        "{text}"
    );
    olga.picture("operator-job").await;
    olga.go("Retry").await;
    olga.see("Back in line: 1.").await;
    olga.open("/operator/events").await;
    olga.see("Nothing was given up").await;
    stack
        .as_owner(
            "INSERT INTO operator_hook_failures (organization_id, event_id, recorded_at, error, failed_at, attempts) \
             SELECT organization_id, id, recorded_at, 'answered 500', now(), 12 FROM domain_events LIMIT 3",
        )
        .await;
    olga.open("/operator/events").await;
    olga.see("DOMAIN_EVENT_WEBHOOK_URL is not set").await;
    olga.picture("operator-events").await;
    olga.open("/operator/audit").await;
    olga.see("Made an operator").await;
    olga.see("Jobs retried").await;
    olga.picture("operator-audit").await;
}

async fn the_dead_by_command(stack: &Stack) {
    let left = dead(stack, &["--queue", "webhooks"]);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(dead(stack, &["--kind", "mail.send.v1"]).is_empty());
    let one = left.first().map(String::as_str).unwrap_or_default();
    must_say(stack, &["jobs", "list", "--dead"], 0, "answered 500");
    must_say(stack, &["jobs", "list"], 0, "1 are dead");
    let shown = said(stack, &["jobs", "show", one], 0);
    assert!(
        shown.contains("request-17") && !shown.contains("hunter2"),
        "{shown}"
    );
    must_say(
        stack,
        &["jobs", "retry", one],
        0,
        "1 jobs are back in line.",
    );
    // The dispatcher that runs does it.
    until("the retried job is done", SOON, || {
        let mut show = stack.batchtrack(&["jobs", "show", one]);
        let gone = show.output().expect("our own binary starts");
        (!gone.status.success()).then_some(())
    });
    must_say(stack, &["jobs", "retry", one], 1, "no such job");
    let kind = ["jobs", "retry", "--kind", "webhooks.operator.v1"];
    must_say(stack, &kind, 1, "no job of that kind is dead");
    let_one_die(stack).await;
    let_one_die(stack).await;
    let two = dead(stack, &[]);
    let latest = two.first().map(String::as_str).unwrap_or_default();
    must_say(stack, &["jobs", "discard", latest], 0, "dropped for good");
    must_say(stack, &["jobs", "discard", latest], 1, "no such job");
    must_say(stack, &kind, 0, "1 jobs are back in line.");
    must_say(stack, &["jobs", "list", "--dead"], 0, "No job is dead.");
}

fn events_by_command(stack: &Stack) {
    must_say(
        stack,
        &["replay", "--event", "evt_1"],
        0,
        "goes to 0 endpoints",
    );
    must_say(stack, &["replay", "--event", "999999"], 1, "no such event");
    let from = ["replay", "--from", "2026-01-01"];
    must_say(stack, &from, 0, "Nobody has an endpoint");
    let empty = ["replay", "--from", "2126-01-01"];
    must_say(stack, &empty, 1, "before “to”");
    let endpoint = ["replay", "--from", "2026-01-01", "--endpoint", "7"];
    must_say(stack, &endpoint, 1, "no endpoint 7");
    must_say(stack, &["dispatch", "--once"], 0, "processed ");
}

async fn letters_by_command(stack: &Stack) {
    let list = ["mail", "suppressions", "list"];
    must_say(stack, &list, 0, "No address is suppressed.");
    stack
        .as_owner(
            "INSERT INTO mail_suppressions (address, reason, said, since) \
             VALUES ('ada@example.com', 'refused', '550 5.1.1 gone', now())",
        )
        .await;
    must_say(stack, &list, 0, "550 5.1.1 gone");
    let again = ["mail", "suppressions", "lift", "Ada@example.com"];
    must_say(stack, &again, 0, "Letters go to Ada@example.com again.");
    must_say(stack, &again, 1, "not suppressed");
    let done = stack.count("operator_audit").await;
    assert_eq!(done, 6, "each act is written down");
    let remove = ["users", "operator", "remove", EMAIL];
    must_say(stack, &remove, 0, "no operator any more");
}
