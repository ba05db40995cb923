//! Who is there: servers, services, organisations, and endpoints for all that happens.
use super::{DISPATCHERS, LEASE, TIMEOUT};
use batchtrack_core::kernel::Clock;
use batchtrack_e2e::{
    Api,
    chaos::{AUDIT, Endpoint, Known, Manner, Receivers, Servers, Service, World},
};
use serde_json::json;
use std::{path::Path, sync::Arc, time::Duration};

/// Each organisation's endpoints and what they want to hear of: nothing said means everything.
pub(crate) const ENDPOINTS: [(usize, &str, &[&str]); 12] = [
    (0, "prompt", &[]),
    (0, "slow", &[]),
    (0, "sales", &["sku_sold"]),
    (1, "prompt", &[]),
    (1, "hanging", &[]),
    (1, "stock", &["inventory_adjusted", "recipe_updated"]),
    (2, "prompt", &[]),
    (2, "failing", &[]),
    (2, "deleted", &[]),
    (3, "prompt", &[]),
    (3, "busy", &[]),
    (3, "rotated", &[]),
];
pub(crate) const SHOPS: [&str; 4] = ["ada", "bob", "cho", "dev"];

pub(crate) struct Shop {
    pub(crate) api: Api,
    pub(crate) organization: i64,
    pub(crate) item: i64,
}

pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) web: Service,
    pub(crate) receivers: Receivers,
    pub(crate) shops: Vec<Shop>,
    pub(crate) known: Known,
}

/// Servers, services, organisations, and endpoints for all that happens from now on.
pub(crate) async fn set(folder: &Path) -> Stage {
    let servers = Servers::start(folder).await;
    servers.run(AUDIT).await;
    let mut web = Service::start(
        folder,
        &servers,
        "batchtrack-web",
        "web",
        &[
            ("TRUSTED_CLIENTS", "127.0.0.0/8"),
            ("WEBHOOK_ALLOWED_ADDRESSES", "127.0.0.0/8"),
        ],
    );
    let lease = LEASE.as_secs().to_string();
    let settings = [
        ("JOBS_LEASE_SECONDS", lease.as_str()),
        ("SHUTDOWN_TIMEOUT_SECONDS", "3"),
        ("WEBHOOK_ALLOWED_ADDRESSES", "127.0.0.0/8"),
        ("DATABASE_POOL_SIZE", "6"),
    ];
    let mut dispatchers: Vec<_> = (1..=DISPATCHERS)
        .map(|number| {
            let name = format!("dispatcher-{number}");
            Service::start(folder, &servers, "batchtrack-dispatcher", &name, &settings)
        })
        .collect();
    web.until_ready().await;
    for dispatcher in &mut dispatchers {
        dispatcher.until_ready().await;
    }
    let mut shops = Vec::new();
    for name in SHOPS {
        shops.push(open_shop(&servers, &web.base(), name).await);
    }
    let mut stage = Stage {
        world: Arc::new(World::new(servers, dispatchers)),
        web,
        receivers: Receivers::start().await,
        shops,
        known: Known {
            lease: LEASE,
            longest_request: TIMEOUT + LEASE + Duration::from_secs(5),
            ..Known::default()
        },
    };
    for hook in 0..ENDPOINTS.len() {
        listen(&mut stage, hook).await;
    }
    stage
}

async fn open_shop(servers: &Servers, base: &str, name: &str) -> Shop {
    let api = Api::sign_up(base, name).await;
    let item = json!({ "name": "Soy Wax", "unit": "g" });
    let item = api
        .post("/api/v1/items", name, &item)
        .await
        .expect("an answer")
        .must(201);
    let item = item["id"].as_i64().expect("an id");
    let sql = format!("SELECT organization_id AS id FROM inventory_items WHERE id = {item}");
    let organization = servers.ask(&sql).await[0]["id"].as_i64().expect("an id");
    Shop {
        api,
        organization,
        item,
    }
}

/// Makes an endpoint for a hook through the API.
async fn listen(stage: &mut Stage, hook: usize) {
    let (shop, description, wants) = ENDPOINTS[hook];
    let Shop {
        api, organization, ..
    } = &stage.shops[shop];
    let body =
        json!({ "url": stage.receivers.url(hook), "description": description, "events": wants });
    let made = api
        .post("/api/v1/webhook-endpoints", &format!("hook {hook}"), &body)
        .await;
    let made = made.expect("an answer").must(201);
    let id = made["id"].as_i64().expect("an id");
    let secret = made["secret"].as_str().expect("a secret, this once");
    let manner = match description {
        "slow" => Manner::Slow(Duration::from_millis(400)),
        _ => Manner::Prompt,
    };
    stage.receivers.set(hook, manner, &[secret]);
    let hook = i64::try_from(hook).expect("a small number");
    stage.known.hooks.insert(hook, id);
    stage.known.endpoints.push(Endpoint {
        organization: *organization,
        id,
        wants: wants.iter().map(ToString::to_string).collect(),
        since: Clock::System.now(),
        deleted: None,
    });
}
