//! What a newcomer needs to know, once.
use super::start::Plan;
use crate::{
    say::say,
    stack::{home::Home, seed::DemoSignIn},
};

pub(super) fn ready(plan: &Plan, home: &Home, sign_in: Option<&DemoSignIn>) {
    say("\nBatchTrack is ready.\n");
    for url in &plan.urls {
        let remark = if url.starts_with("https:") {
            "   (its own certificate: the browser asks about it once)"
        } else {
            ""
        };
        say(format_args!("  {url}{remark}"));
    }
    if let Some(DemoSignIn { email, password }) = sign_in {
        say(format_args!(
            "\n  Sign in as {email} with the password {password}"
        ));
    }
    if let Some(ports) = plan.mail {
        say(format_args!(
            "\n  Letters end here: {}   (none is delivered)",
            ports.inbox_url()
        ));
    }
    say(format_args!("\nLogs: {}", home.logs().display()));
    say("Ctrl-C or `batchtrack down` stops it.");
}
