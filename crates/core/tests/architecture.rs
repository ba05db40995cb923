//! The rules of the house, held by reading the sources: nothing to install, nothing to forget.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't read its own sources should stop loudly"
)]
use batchtrack_core::outbox::Event;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms of core, lowest first. A room may use those before it and none after.
const ORDER: &[&str] = &[
    "kernel",
    "schema",
    "platform",
    "outbox",
    "jobs",
    "mail",
    "identity",
    "tiers",
    "organizations",
    "tokens",
    "catalog",
    "inventory",
    "recipes",
    "batches",
    "products",
    "imports",
    "webhooks",
    "operators",
    "verify",
];
/// Rooms below the features: they are the database's neighbours and may speak Diesel anywhere.
const GROUND: &[&str] = &["kernel", "schema", "platform", "outbox", "jobs"];
const MAX_LINES: usize = 400;

/// Events whose feature is not built yet.
const TO_COME: &[Event] = &[
    Event::OnboardingCompleted,
    Event::UserUpdated,
    Event::SignupCheckoutStarted,
    Event::SignupCheckoutCompleted,
    Event::PurchaseCompleted,
    Event::BillingCheckoutStarted,
    Event::StripeCheckoutCompleted,
    Event::SubscriptionStarted,
    Event::SubscriptionChanged,
    Event::SubscriptionRenewed,
    Event::SubscriptionCancelled,
    Event::SubscriptionExpired,
    Event::PaymentFailed,
    Event::PaymentRecovered,
    Event::RecipeVariationCreated,
    Event::RecipeTestCreated,
    Event::RecipeUpdated,
    Event::PlanProductionRequested,
    Event::StockCheckRun,
    Event::BatchMetricsComputed,
    Event::TimerStarted,
    Event::TimerStopped,
    Event::SkuReserved,
    Event::ReservationReleased,
    Event::GlobalItemCreated,
    Event::GlobalItemDeleted,
    Event::WebhookEndpointCreated,
    Event::WebhookEndpointUpdated,
    Event::WebhookEndpointDeleted,
    Event::WebhookEndpointDisabled,
    Event::WebhookEndpointSecretRotated,
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A source file: where it is from `folder`, and its text without comments.
struct Source {
    path: String,
    code: String,
    lines: usize,
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = vec![];
    collect(&root(), &root().join(folder), &mut found);
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["target", "node_modules"].contains(&name) && !name.starts_with('.') {
                collect(root, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push(Source {
                path: path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
                code: without_comments(&text),
                lines: text.lines().count(),
            });
        }
    }
}

fn without_comments(text: &str) -> String {
    let code = |line: &str| {
        line.trim_start()
            .strip_prefix("//")
            .map_or(line.to_owned(), |_| String::new())
    };
    text.lines().map(|line| code(line) + "\n").collect()
}

/// `inventory` of `crates/core/src/inventory/ops/items.rs`.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("crates/core/src/").unwrap();
    inside.split(['/', '.']).next().unwrap()
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Every `x` of `<start>x`, whether in a tree `use <start>{x, y::z}` or inline.
fn imports(code: &str, start: &str) -> Vec<String> {
    let mut found = vec![];
    for (at, _) in code.match_indices(start) {
        let rest = &code[at + start.len()..];
        let Some(tree) = rest.strip_prefix('{') else {
            found.push(word(rest).to_owned());
            continue;
        };
        let (mut depth, mut at_head) = (1, true);
        for (i, c) in tree.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => at_head = true,
                c if at_head && !c.is_whitespace() => {
                    found.push(word(&tree[i..]).to_owned());
                    at_head = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// Rooms reached from `path` by climbing out of its own with `super::super::…`.
fn climbs(path: &str, code: &str) -> Vec<String> {
    let inside = path.strip_prefix("crates/core/src/").unwrap();
    let modules = inside.trim_end_matches("/mod.rs").split('/').count();
    let to_root = "super::".repeat(modules);
    imports(code, &to_root)
}

#[test]
fn no_room_imports_one_that_comes_later() {
    let rank = |name: &str| ORDER.iter().position(|room| *room == name);
    let mut wrong = vec![];
    for Source { path, code, .. } in sources("crates/core/src") {
        if path.ends_with("src/lib.rs") {
            continue;
        }
        let here = rank(room(&path)).unwrap_or_else(|| panic!("{path} has no place in ORDER"));
        for there in imports(&code, "crate::")
            .iter()
            .chain(&climbs(&path, &code))
        {
            if rank(there).is_some_and(|there| there > here) {
                wrong.push(format!("{path} -> {there}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that point the wrong way: {wrong:#?}"
    );
}

#[test]
fn the_rooms_stand_in_lib_rs_in_the_same_order() {
    let text = fs::read_to_string(root().join("crates/core/src/lib.rs")).unwrap();
    let rooms: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(rooms, ORDER);
}

#[test]
fn core_knows_no_http_server_and_services_know_no_other() {
    let mut wrong = vec![];
    for (crate_, allowed) in [
        ("crates/core", &["testkit"][..]),
        ("crates/testkit", &["core"]),
        ("crates/service", &["core", "testkit"]),
        ("crates/cli", &["core", "testkit"]),
        ("services/web", &["core", "service", "testkit"]),
        ("services/dispatcher", &["core", "service", "testkit"]),
        ("services/billing-cache", &["core", "service", "testkit"]),
    ] {
        let manifest = fs::read_to_string(root().join(crate_).join("Cargo.toml")).unwrap();
        let own = crate_.rsplit('/').next().unwrap();
        let named = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("batchtrack-"))
            .map(|line| line.split(['.', ' ', '=']).next().unwrap().to_owned());
        let imported = sources(crate_)
            .into_iter()
            .flat_map(|source| {
                imports(
                    &source.code.replace("batchtrack_", "batchtrack::"),
                    "batchtrack::",
                )
            })
            .map(|name| name.replace('_', "-"));
        for name in named.chain(imported) {
            let is_ours = [
                "core",
                "testkit",
                "service",
                "cli",
                "web",
                "dispatcher",
                "billing-cache",
            ]
            .contains(&name.as_str());
            if is_ours && name != own && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{crate_} -> batchtrack-{name}"));
            }
        }
        if crate_ == "crates/core" && manifest.contains("\nactix") {
            wrong.push("core knows actix".to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn features_ask_the_database_in_their_queries_only() {
    let asks = [
        "diesel_async",
        "RunQueryDsl",
        ".conn()",
        "statements!",
        "sql_query",
        "dsl::sql",
    ];
    let wrong: Vec<_> = sources("crates/core/src")
        .into_iter()
        .filter(|source| !source.path.ends_with("src/lib.rs"))
        .filter(|source| !GROUND.contains(&room(&source.path)))
        .filter(|source| {
            !source.path.contains("/queries/") && !source.path.ends_with("/queries.rs")
        })
        .filter_map(|source| {
            let asked = asks.iter().find(|ask| source.code.contains(**ask))?;
            Some(format!("{}: {asked}", source.path))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "queries belong into queries.rs: {wrong:#?}"
    );
}

#[test]
fn services_have_no_queries_of_their_own() {
    let wrong: Vec<_> = sources("services")
        .into_iter()
        .filter(|source| source.path.contains("/src/") && source.code.contains("diesel"))
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn redis_keys_are_made_in_one_place() {
    let wrong: Vec<_> = ["crates", "services"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| source.path.contains("/src/") && !source.path.starts_with("crates/cli/"))
        .filter(|source| {
            ![
                "crates/core/src/platform/redis.rs",
                "crates/core/src/platform/config.rs",
            ]
            .contains(&source.path.as_str())
        })
        .filter(|source| {
            let squeezed: String = source.code.split_whitespace().collect();
            squeezed.contains("redis.prefix")
                || squeezed.contains(".arg(format!")
                || squeezed.contains(".arg(&format!")
        })
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "ask Redis::key for it: {wrong:#?}");
}

#[test]
fn every_event_is_emitted_or_belongs_to_a_feature_to_come() {
    let code: String = ["crates/core/src", "services"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| source.path.contains("/src/") && !source.path.contains("/src/outbox/"))
        .map(|source| source.code)
        .collect();
    let emitted = |event: &Event| {
        let variant = format!("Event::{event:?}");
        code.match_indices(&variant)
            .any(|(at, _)| !code[at + variant.len()..].starts_with(char::is_alphanumeric))
    };
    let missing: Vec<_> = Event::ALL
        .iter()
        .filter(|event| !emitted(event) && !TO_COME.contains(event))
        .collect();
    assert!(missing.is_empty(), "nobody emits {missing:#?}");
    assert!(emitted(&Event::BatchStarted) && !emitted(&Event::SignupCheckoutCompleted));
}

#[test]
fn no_file_outgrows_a_sitting() {
    let long: Vec<_> = ["crates", "services", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| source.path.contains("/src/") && source.lines > MAX_LINES)
        // Nobody reads it from top to bottom: it is written by `make schema`.
        .filter(|source| source.path != "crates/core/src/schema.rs")
        .map(|source| format!("{}: {} lines", source.path, source.lines))
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn the_scanner_sees_trees_and_paths_and_climbs() {
    let code =
        "use crate::{db::OrgTx, fault::{Fault, Kind}, ids};\nfn f() { crate::money::Cents::ZERO; }";
    assert_eq!(imports(code, "crate::"), ["db", "fault", "ids", "money"]);
    assert_eq!(
        imports(
            &without_comments("  /// crate::db\n//! crate::ids"),
            "crate::"
        ),
        Vec::<String>::new()
    );
    let climbing = "use super::super::{products, recipes::Recipe};";
    assert_eq!(
        climbs("crates/core/src/inventory/rules.rs", climbing),
        ["products", "recipes"]
    );
    assert_eq!(
        climbs("crates/core/src/inventory/ops/mod.rs", climbing),
        ["products", "recipes"]
    );
    assert!(climbs("crates/core/src/inventory/ops/items.rs", climbing).is_empty());
}
