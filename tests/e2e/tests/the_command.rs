//! The command as an operator meets it: what it says, and the exit code that scripts go by.
use batchtrack_e2e::{Api, Stack};
use serde_json::json;
use std::process::{Command, Output};

/// What a command said on either stream; stops the test unless it ended with this code.
fn said(command: &mut Command, code: i32) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("our own binary starts");
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert_eq!(status.code(), Some(code), "{said}");
    said
}

fn must_say(said: &str, words: &str) {
    assert!(said.contains(words), "“{words}” is not in:\n{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_is_and_what_to_do() {
    let stack = Stack::up("command");
    everything_is_well(&stack);
    a_second_start_says_where_the_first_one_is(&stack);
    a_taken_port_names_the_setting(&stack);
    the_settings_come_without_their_secrets(&stack);
    a_misspelt_setting_is_refused(&stack);
    damage_is_found(&stack).await;
    down_and_up_again_in_the_background(&stack);
}

fn everything_is_well(stack: &Stack) {
    let status = said(&mut stack.batchtrack(&["status"]), 0);
    must_say(&status, stack.http());
    must_say(&status, stack.https());
    let names: Vec<_> = stack
        .processes()
        .into_iter()
        .map(|one| (one.name, one.is_well))
        .collect();
    let expected = [
        "postgres",
        "redis",
        "mail",
        "billing-cache",
        "dispatcher",
        "web-1",
        "web-2",
        "nginx",
    ];
    assert_eq!(names, expected.map(|name| (name.to_owned(), true)));
    must_say(&said(&mut stack.batchtrack(&["migrate"]), 0), "up to date");
}

fn a_second_start_says_where_the_first_one_is(stack: &Stack) {
    for arguments in [["up"].as_slice(), &["up", "--detach"]] {
        let second = said(&mut stack.batchtrack(arguments), 1);
        must_say(&second, "already runs here");
        must_say(&second, stack.http());
        must_say(&second, "`batchtrack down` stops it");
    }
    everything_is_well(stack);
}

fn a_taken_port_names_the_setting(stack: &Stack) {
    let elsewhere = stack.home().join("elsewhere");
    let smtp = stack.setting("MAIL_SMTP_URL");
    for (address, setting) in [
        (stack.http(), "BATCHTRACK_HTTP_PORT"),
        (stack.https(), "BATCHTRACK_HTTPS_PORT"),
        (smtp.as_str(), "BATCHTRACK_MAIL_SMTP_PORT"),
    ] {
        let port = address.rsplit(':').next().expect("a port");
        let mut up = stack.batchtrack(&["up"]);
        up.env("BATCHTRACK_HOME", &elsewhere).env(setting, port);
        let refused = said(&mut up, 1);
        must_say(&refused, "another program already uses");
        must_say(&refused, &format!(":{port}"));
        must_say(&refused, &format!("{setting}="));
        let mut status = stack.batchtrack(&["status"]);
        let status = said(status.env("BATCHTRACK_HOME", &elsewhere), 1);
        must_say(&status, "Nothing runs in");
    }
}

fn the_settings_come_without_their_secrets(stack: &Stack) {
    let shown = said(&mut stack.batchtrack(&["config", "check"]), 0);
    must_say(&shown, "The settings are sound.");
    must_say(&shown, "Connections:");
    must_say(&shown, stack.http());
    let mut secrets = vec![stack.setting("APP_SECRET_KEY")];
    for url in [
        "DATABASE_URL",
        "DATABASE_SYSTEM_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
    ] {
        let url = stack.setting(url);
        let (before, _) = url.split_once('@').expect("a password comes before an @");
        let password = before
            .rsplit(':')
            .next()
            .expect("a password comes after a colon");
        secrets.push(password.to_owned());
    }
    for secret in secrets {
        assert!(secret.len() >= 16, "too short for a secret");
        assert!(!shown.contains(&secret), "a secret is shown:\n{shown}");
    }
}

fn a_misspelt_setting_is_refused(stack: &Stack) {
    let mut check = stack.batchtrack(&["config", "check"]);
    let refused = said(check.env("DATABASE_POOL_SIZ", "3"), 1);
    must_say(&refused, "DATABASE_POOL_SIZ");
    must_say(&refused, "DATABASE_POOL_SIZE");
}

async fn damage_is_found(stack: &Stack) {
    let maker = Api::sign_up(stack.http(), "ada").await;
    let item = json!({ "name": "Olive Oil", "unit": "g", "density": "0.915" });
    let item = maker
        .post("/api/v1/items", "item", &item)
        .await
        .expect("an answer")
        .must(201);
    let path = format!("/api/v1/items/{}/receipts", item.get("id").expect("an id"));
    let receipt = json!({ "quantity": "35", "unit": "lb", "total_cost": "148.75" });
    maker
        .post(&path, "receipt", &receipt)
        .await
        .expect("an answer")
        .must(201);
    must_say(
        &said(&mut stack.batchtrack(&["verify"]), 0),
        "All is as it should be in 1 organisations.",
    );

    stack
        .as_owner("UPDATE inventory_lots SET value = value - 1")
        .await;
    let found = said(&mut stack.batchtrack(&["verify"]), 1);
    must_say(
        &found,
        "worth 148749999, computed 15875720000 worth 148750000",
    );
    let one = ["verify", "--organization", "1"];
    said(&mut stack.batchtrack(&one), 1);
    must_say(
        &said(&mut stack.batchtrack(&["verify", "--organization", "2"]), 1),
        "no organisation 2",
    );

    stack
        .as_owner("UPDATE inventory_lots SET value = value + 1")
        .await;
    said(&mut stack.batchtrack(&one), 0);
}

fn down_and_up_again_in_the_background(stack: &Stack) {
    must_say(&said(&mut stack.batchtrack(&["down"]), 0), "Stopped.");
    must_say(
        &said(&mut stack.batchtrack(&["status"]), 1),
        "Nothing runs in",
    );
    must_say(
        &said(&mut stack.batchtrack(&["down"]), 0),
        "Nothing runs in",
    );

    let up = said(&mut stack.batchtrack(&["up", "--detach", "--no-seed"]), 0);
    must_say(&up, "BatchTrack is ready.");
    must_say(
        &said(&mut stack.batchtrack(&["verify"]), 0),
        "in 1 organisations",
    );
    must_say(&said(&mut stack.batchtrack(&["down"]), 0), "Stopped.");
}
