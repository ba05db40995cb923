//! What is said about the API, held against what it is.
use batchtrack_web::{endpoint::Access, openapi, page_api};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

fn document() -> Value {
    serde_json::from_str(&openapi::json()).unwrap()
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| {
                    (format!("{} {path}", method.to_uppercase()), operation)
                })
        })
}

#[test]
fn the_document_describes_what_is_routed_and_nothing_else() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<String> = operations(&document).map(|(name, _)| name).collect();
    let routed: BTreeSet<String> = openapi::endpoints()
        .map(|endpoint| format!("{} {}", endpoint.method, endpoint.path))
        .collect();
    assert_eq!(described, routed);
    assert!(page_api::endpoints().all(|endpoint| !endpoint.path.starts_with("/api/v1")));
    // Nothing is routed behind the tables' back.
    for (file, source) in sources("src") {
        assert!(
            !source.contains("resource(\"/api/v1"),
            "{file} routes without a table"
        );
    }
}

#[test]
fn every_operation_says_what_it_needs() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap()),
            "{name}: {}",
            operation["operationId"]
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{name}"
        );
        if name.ends_with("openapi.json") {
            continue;
        }
        let parameters = operation["parameters"].as_array();
        let has = |wanted: &str| {
            parameters.is_some_and(|all| all.iter().any(|one| one["name"] == wanted))
        };
        let (is_safe, is_sign_in) = (name.starts_with("GET"), name.contains("/api/v1/auth/"));
        assert_eq!(has("Idempotency-Key"), !is_safe && !is_sign_in, "{name}");
        assert_eq!(has("id"), name.contains("{id}"), "{name}");
        let ways = operation["security"].as_array().unwrap();
        if is_sign_in {
            assert_eq!(ways, &[serde_json::json!({})], "{name}");
        } else {
            assert!(
                ways[0]["token"].is_array() && ways[1]["app"].is_array(),
                "{name}"
            );
            assert_eq!(ways[2].get("csrf").is_some(), !is_safe, "{name}");
        }
        for status in ["403", "429"] {
            assert!(
                operation["responses"][status].is_object(),
                "{name}: {status}"
            );
        }
        assert!(
            operation["responses"]["401"]["content"]["application/problem+json"].is_object(),
            "{name}"
        );
        assert_eq!(
            operation["responses"].get("404").is_some(),
            name.contains("{id}"),
            "{name}"
        );
        let answer = operation["responses"]
            .as_object()
            .unwrap()
            .iter()
            .find(|(status, _)| status.starts_with('2'));
        assert!(
            answer.unwrap().0 == "204"
                || answer.unwrap().1["content"]["application/json"]["schema"].is_object(),
            "{name}"
        );
    }
    resolve(&document, &document);
}

#[test]
fn every_operation_says_which_permission_it_needs() {
    let document = document();
    for (name, operation) in operations(&document) {
        let endpoint = openapi::endpoints()
            .find(|endpoint| format!("{} {}", endpoint.method, endpoint.path) == name)
            .unwrap();
        let needed = match endpoint.access {
            Access::May(permission) => Value::from(permission.as_str()),
            _ => Value::Null,
        };
        assert_eq!(operation["x-permission"], needed, "{name}");
        if let Some(word) = needed.as_str() {
            let about = operation["description"].as_str().unwrap();
            assert!(about.contains(word), "{name}: {about}");
        }
    }
}

/// Every reference leads somewhere.
fn resolve(document: &Value, at: &Value) {
    match at {
        Value::Object(members) => {
            if let Some(Value::String(place)) = members.get("$ref") {
                assert!(
                    document.pointer(place.trim_start_matches('#')).is_some(),
                    "{place}"
                );
            }
            members.values().for_each(|value| resolve(document, value));
        }
        Value::Array(values) => values.iter().for_each(|value| resolve(document, value)),
        _ => {}
    }
}

#[test]
fn the_kept_document_is_the_one_that_is_served() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let made = openapi::json();
    if std::env::var_os("UPDATE_OPENAPI").is_some_and(|set| set == "1") {
        fs::write(&place, &made).unwrap();
    }
    let kept = fs::read_to_string(&place).unwrap_or_default();
    assert!(
        kept == made,
        "docs/openapi.json is out of date: run the tests once with UPDATE_OPENAPI=1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_read_the_document() {
    let site = crate::harness::Site::start().await;
    let answer = site.stranger().get("/api/v1/openapi.json").await;
    assert_eq!(answer.text().await.unwrap(), openapi::json());
}

#[test]
fn every_problem_is_explained() {
    let mut coded = BTreeSet::new();
    for (_, source) in sources("../../crates/core/src") {
        for body in source.split("fn code(&self) -> &'static str {").skip(1) {
            let body = body.split("\n    fn ").next().unwrap();
            let texts = body.split('"').skip(1).step_by(2);
            coded.extend(texts.filter(|text| is_code(text)).map(str::to_owned));
        }
    }
    for (_, source) in sources("src") {
        for start in [
            "Problem::new(",
            "Problem::invalid(",
            "Problem::malformed(",
            "Self::new(",
        ] {
            for call in source.split(start).skip(1) {
                let before = call.split('"').next().unwrap();
                let is_first = match before.trim() {
                    "" => start != "Self::new(",
                    kind => kind.starts_with("Kind::"),
                };
                let code = call
                    .split('"')
                    .nth(1)
                    .filter(|text| is_first && is_code(text));
                coded.extend(code.map(str::to_owned));
            }
        }
    }
    assert!(
        coded.contains("inventory.short")
            && coded.contains("csrf.invalid")
            && coded.contains("not_found")
    );
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems.md"))
            .unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let explained: BTreeSet<String> = rows.map(str::to_owned).collect();
    let missing: Vec<_> = coded.difference(&explained).collect();
    let stale: Vec<_> = explained.difference(&coded).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "docs/problems.md lacks {missing:?} and should not have {stale:?}"
    );
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c == '_' || c == '.')
        && text.len() > 3
}

/// Every source below a folder of this package.
fn sources(below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push((
                    path.display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    assert!(!found.is_empty());
    found
}
