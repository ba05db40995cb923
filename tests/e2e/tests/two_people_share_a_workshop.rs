//! Somebody is invited by letter, joins, may do what their role allows, and is out at once.
use batchtrack_e2e::{Browser, PASSWORD, Stack, client, until_async};
use serde_json::Value;
use std::time::Duration;

const BEN: &str = "ben@example.com";
const SOON: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn two_people_share_a_workshop() {
    let stack = Stack::up("workshop");
    let ana = Browser::start(stack.http()).await;
    sign_up(&ana).await;
    invite(&ana).await;
    let link = letter(&stack).await;
    let ben = Browser::start(stack.http()).await;
    join(&ben, &link).await;
    refused(&ben).await;
    promote(&ana).await;
    ben.open("/products/new").await;
    ben.see("New product").await;
    remove(&ana).await;
    ben.open("/recipes/").await;
    ben.see("any more").await;
    ben.see("You belong to no organisation").await;
    assert_eq!(ben.path().await, "/account/organizations");
    ben.picture("organizations-nowhere").await;
    found(&ben).await;
    the_list(&ana).await;
    ana.quit().await;
    ben.quit().await;
}

async fn sign_up(ana: &Browser) {
    ana.open("/auth/signup").await;
    for (field, text) in [
        ("First name", "Ana"),
        ("Last name", "Maker"),
        ("Workshop or business", "Soap & Sons"),
        ("E-mail address", "ana@example.com"),
        ("Password", PASSWORD),
    ] {
        ana.type_in(field, text).await;
    }
    ana.go("Create workspace").await;
    ana.see("Welcome to BatchTrack").await;
}

async fn invite(ana: &Browser) {
    ana.open("/organization/members").await;
    ana.picture("organization-members").await;
    ana.type_in("E-mail address", BEN).await;
    ana.go("Send invitation").await;
    ana.see("Choose at least one role").await;
    ana.tick("Maker").await;
    ana.go("Send invitation").await;
    ana.see("The letter is on its way").await;
    ana.picture("organization-invited").await;
}

/// The path of the link in the letter, once it has come.
async fn letter(stack: &Stack) -> String {
    let status = stack
        .batchtrack(&["status"])
        .output()
        .expect("our own binary starts");
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    let mail = status.lines().find(|line| line.starts_with("mail "));
    let address = mail.and_then(|line| line.split_whitespace().nth(3));
    let inbox = format!(
        "http://{}/email",
        address.expect("the stack has a mail server")
    );
    let client = client();
    until_async("the letter comes", SOON, async || {
        let letters: Value = client.get(&inbox).send().await.ok()?.json().await.ok()?;
        let text = letters.get(0)?.get("text")?.as_str()?.to_owned();
        let (_, rest) = text.split_once("/invitations/")?;
        let token = rest.split_whitespace().next()?;
        Some(format!("/invitations/{token}"))
    })
    .await
}

async fn join(ben: &Browser, link: &str) {
    ben.open(link).await;
    ben.see("Ana Maker invites ben@example.com").await;
    ben.picture("invitation").await;
    ben.type_in("First name", "Ben").await;
    ben.type_in("Last name", "Helper").await;
    ben.type_in("Choose a password", PASSWORD).await;
    ben.go("Join").await;
    ben.see("Welcome to Soap & Sons").await;
}

async fn refused(ben: &Browser) {
    ben.open("/products/new").await;
    ben.see("Your roles don't let you add products").await;
    ben.must_be_refused(403).await;
    ben.open("/account/access").await;
    ben.see("Role Maker").await;
    ben.picture("access").await;
}

async fn promote(ana: &Browser) {
    ana.open("/organization/members").await;
    ana.go("Ben Helper").await;
    ana.tick("Manager").await;
    ana.picture("organization-member").await;
    ana.go("Save roles").await;
    ana.see("It counts from their next click on").await;
    ana.open("/organization/roles").await;
    ana.picture("organization-roles").await;
    ana.open("/organization/roles/new").await;
    ana.picture("organization-role").await;
}

async fn remove(ana: &Browser) {
    ana.open("/organization/members").await;
    ana.go("Ben Helper").await;
    ana.press("Remove").await;
    ana.see("Remove this member?").await;
    ana.go("Remove").await;
    ana.see("What they did stays in the books").await;
}

async fn found(ben: &Browser) {
    ben.type_in("Workshop or business", "Ben's Bread").await;
    ben.go("Found it").await;
    ben.see("Ben's Bread is founded").await;
}

async fn the_list(ana: &Browser) {
    ana.open("/organization/audit").await;
    ana.see("Member removed").await;
    ana.picture("organization-audit").await;
    ana.open("/organization").await;
    ana.picture("organization-settings").await;
    ana.open("/organization/transfer").await;
    ana.see("nobody to hand over to").await;
}
