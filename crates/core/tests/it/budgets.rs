//! How many statements things cost, whatever their size. `BEGIN` and `COMMIT` don't count.
use batchtrack_core::{
    batches::{self, BatchFilter},
    inventory::{self, ActionKind, ItemFilter},
    kernel::ids::{ItemId, WebhookEndpointId},
    platform::statements::counted,
    products,
    recipes::{self, RecipeFilter},
    webhooks::{self, NewDelivery},
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, receipt};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_350_lines_costs_as_many_statements_as_one_of_two() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut items: Vec<ItemId> = vec![];
    for n in 0..350 {
        items.push(t.item(ours, &format!("Item {n}"), "g").await);
    }
    let parcels = items
        .iter()
        .flat_map(|&item| [receipt(item, "1 g", "0.03"), receipt(item, "9 g", "0.1")])
        .collect();
    let (_, cost) =
        counted(t.commit(ours, async |tx| inventory::receive_many(tx, parcels).await)).await;
    let mut seen = vec![("receive 700", cost)];
    let mut costs = vec![];
    for lines in [2, 350] {
        let lines: Vec<_> = items
            .iter()
            .take(lines)
            .map(|&item| (item, "1.5 g"))
            .collect();
        let recipe = t
            .recipe(ours, &format!("Recipe {}", lines.len()), &lines)
            .await;
        let mut each = vec![];
        let (started, cost) = counted(t.commit(ours, async |tx| {
            batches::start(tx, batch_of(recipe, "2")).await
        }))
        .await;
        each.push(cost);
        let (_, cost) =
            counted(t.commit(ours, async |tx| batches::cancel(tx, started.id).await)).await;
        each.push(cost);
        let started = t
            .commit(ours, async |tx| {
                batches::start(tx, batch_of(recipe, "1")).await
            })
            .await;
        let mut tx = t.begin(ours).await;
        let begun = batches::last_step(&mut tx, started.id)
            .await
            .unwrap()
            .unwrap()
            .id;
        drop(tx);
        let (_, cost) = counted(crate::inventory::undo(&t, ours, begun)).await;
        each.push(cost);
        let (_, cost) = counted(t.commit(ours, async |tx| {
            batches::availability(tx, recipe, "1".parse().unwrap()).await
        }))
        .await;
        each.push(cost);
        costs.push(each);
    }
    assert_eq!(costs[0], costs[1], "start, cancel, undo, availability");
    assert_eq!(costs[0], [14, 13, 15, 2]);

    let (_, cost) = counted(t.receive(ours, receipt(items[0], "5 g", "1"))).await;
    seen.push(("receive", cost));
    let (used, cost) =
        counted(t.take_out(ours, adjustment(items[0], ActionKind::Use, "0.1 g"))).await;
    seen.push(("take from one lot", cost));
    let (_, cost) = counted(t.take_out(ours, adjustment(items[0], ActionKind::Use, "11 g"))).await;
    seen.push(("take from three lots", cost));
    let (_, cost) = counted(crate::inventory::undo(&t, ours, used.unwrap().action)).await;
    seen.push(("undo", cost));
    let expected = [
        ("receive 700", 6),
        ("receive", 6),
        ("take from one lot", 8),
        ("take from three lots", 8),
        ("undo", 10),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_costs_the_same_however_much_is_on_it() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    let mut costs = vec![];
    let mut oil = t.item(ours, "First", "g").await;
    for n in 0..2 {
        for i in 0..(n * 20) {
            oil = t.stocked(ours, &format!("Item {i}"), "100 g", "1").await;
            let recipe = t
                .recipe(ours, &format!("Recipe {i}"), &[(oil, "1 g")])
                .await;
            t.commit(ours, async |tx| {
                batches::start(tx, batch_of(recipe, "1")).await
            })
            .await;
            let name = format!("Product {i}").parse().unwrap();
            let new = products::NewProduct {
                name,
                category_id: None,
                sku: products::NewSku::each(),
            };
            t.commit(ours, async |tx| products::create(tx, new).await)
                .await;
        }
        let mut tx = t.begin(ours).await;
        let (done, cost) = counted(async {
            inventory::items(&mut tx, &ItemFilter::default(), None, 50).await?;
            inventory::search(&mut tx, "item", None, 20).await?;
            inventory::history(&mut tx, oil, None, 20).await?;
            inventory::lots(&mut tx, oil, true, None, 20).await?;
            inventory::low_stock(&mut tx, 20).await?;
            inventory::totals(&mut tx).await?;
            recipes::list(&mut tx, &RecipeFilter::default(), None, 50).await?;
            batches::list(&mut tx, &BatchFilter::default(), None, 50).await?;
            products::list(&mut tx, None, None, 50).await?;
            products::search(&mut tx, "product", 20).await?;
            products::low_stock(&mut tx, 1_000_000, 20).await
        })
        .await;
        done.unwrap();
        costs.push(cost);
    }
    assert_eq!(costs, [14, 14]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_deliveries_are_planned_in_as_many_statements_as_one() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut owner = t.owner_conn().await;
    let endpoint = "WITH made AS ( \
            INSERT INTO webhook_endpoints (organization_id, url, events, state, created_at) \
            SELECT id, 'https://example.test/', '{}', 'enabled', now() FROM organizations RETURNING id) \
         SELECT id AS n FROM made";
    let endpoint = WebhookEndpointId::new(crate::sql::number(&mut owner, endpoint).await);
    crate::outbox::emit_for(&t, ours, 1_000).await;
    let facts = crate::outbox::read_all(&t).await;
    let mut costs = vec![];
    for many in [1, 1_000] {
        let deliveries = facts.iter().take(many).map(|fact| NewDelivery {
            organization: ours,
            endpoint,
            event: fact.event,
            recorded_at: fact.recorded_at,
            event_name: fact.name.clone(),
            correlation: fact.correlation.clone(),
            traceparent: None,
        });
        let mut tx = t.system.begin().await.unwrap();
        let (planned, cost) = counted(webhooks::plan(&mut tx, deliveries.collect())).await;
        planned.unwrap();
        tx.commit().await.unwrap();
        costs.push(cost);
    }
    assert_eq!(costs, [2, 2], "deliveries, and their jobs");
    for table in ["webhook_deliveries", "jobs"] {
        let written = format!("SELECT count(*) AS n FROM {table}");
        assert_eq!(
            crate::sql::number(&mut owner, &written).await,
            1_001,
            "{table}"
        );
    }
}
