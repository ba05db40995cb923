//! The document of the API, tried by schemathesis: whatever it says may be sent, and what it says may
//! not, is answered, and never by a failure of ours.
#![expect(clippy::disallowed_methods, reason = "a test reads its own variables")]
use batchtrack_e2e::{Api, Reply, Stack, client};
use serde_json::{Value, json};
use std::{env, path::Path, process::Command};

/// Requests of each kind for each operation. `SCHEMATHESIS_EXAMPLES` asks for more.
const EXAMPLES: &str = "12";

fn schemathesis() -> Command {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = project.join(".local/python/bin/schemathesis");
    assert!(
        program.is_file(),
        "{} is not installed. `make e2e` does it",
        program.display()
    );
    Command::new(program)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_breaks_it() {
    let stack = Stack::up("schemathesis");
    let api = Api::sign_up(stack.http(), "ana").await;
    let token = token(&api).await;
    some_stock(&api).await;
    let examples = env::var("SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_unset| EXAMPLES.to_owned());
    let output = schemathesis()
        .arg("run")
        .arg(format!("{}/api/v1/openapi.json", stack.http()))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &examples])
        .args(["--workers", "2"])
        // The same requests every time; others are for whoever asks for more.
        .args(["--seed", "20261121"])
        .args([
            "--checks",
            "not_a_server_error,content_type_conformance,response_schema_conformance",
        ])
        .args(["--request-timeout", "30"])
        .args(["--no-color"])
        .current_dir(stack.home())
        .output()
        .expect("schemathesis starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // It did ask.
    assert!(said.contains("generated"), "{said}");
    // It is all still there, and so is whoever asked.
    let reply = Reply::of(
        client()
            .get(format!("{}/api/v1/items", stack.http()))
            .bearer_auth(&token)
            .send()
            .await
            .expect("the site answers"),
    );
    reply.await.expect("a whole answer").must(200);
}

/// One that may do everything.
async fn token(api: &Api) -> String {
    let document = api.get("/api/v1/openapi.json").await;
    let mut scopes: Vec<&str> = operations(&document)
        .filter_map(|operation| operation["x-permission"].as_str())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    assert!(scopes.len() > 10, "{scopes:?}");
    let body = json!({ "name": "schemathesis", "scopes": scopes });
    let reply = api.post("/api/v1/tokens", "token", &body).await;
    let made = reply.expect("an answer").must(201);
    let secret = made.get("secret").and_then(Value::as_str);
    secret.expect("a secret").to_owned()
}

fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .values()
        .flat_map(|item| item.as_object().expect("operations").values())
}

/// So that ids in small numbers lead somewhere.
async fn some_stock(api: &Api) {
    for (name, path, body) in [
        (
            "item",
            "/api/v1/items",
            json!({ "name": "Olive Oil", "unit": "g" }),
        ),
        (
            "lot",
            "/api/v1/items/1/receipts",
            json!({ "quantity": "5000", "unit": "g", "total_cost": "50" }),
        ),
        (
            "recipe",
            "/api/v1/recipes",
            json!({ "name": "Castile", "yield_amount": "8", "yield_unit": "count",
                "lines": [{ "item_id": 1, "amount": "9", "unit": "g" }] }),
        ),
    ] {
        let reply = api.post(path, name, &body).await;
        reply.expect("an answer").must(201);
    }
}
