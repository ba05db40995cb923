//! How long reading and the hot writes take in an organisation of 1,000 items and in one of 100,000
//! with a million movements, side by side: `cargo run --release -p batchtrack-core --example large`
//! with the addresses of the tests in the environment. Milliseconds; the middle and the worst but
//! five of a hundred.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that people read"
)]
use batchtrack_core::{
    batches::{self, BatchFilter},
    inventory::{self, ActionKind, ItemFilter},
    kernel::{Cursor, ids::OrganizationId},
    platform::OrgTx,
    products, recipes, verify,
};
use batchtrack_testkit::{Size, TestDb, adjustment, batch_of, receipt};
use std::time::Instant;

const SIZES: [Size; 2] = [
    Size {
        items: 1_000,
        uses_per_lot: 4,
    },
    Size {
        items: 100_000,
        uses_per_lot: 4,
    },
];
const TIMES: usize = 100;

/// Runs `work` often, each time in a unit of work that is committed.
async fn time(
    t: &TestDb,
    ours: OrganizationId,
    mut work: impl AsyncFnMut(&mut OrgTx),
) -> (f64, f64) {
    let mut took = vec![];
    for _ in 0..TIMES {
        let begin = Instant::now();
        let mut tx = t.begin(ours).await;
        work(&mut tx).await;
        tx.commit().await.unwrap();
        took.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    let at = |n: usize| took.get(n).copied().unwrap_or(f64::NAN);
    (at(TIMES / 2), at(TIMES - 6))
}

async fn measured(size: Size) -> Vec<(&'static str, f64, f64)> {
    let t = TestDb::new().await;
    let ours = t.organization("Large").await;
    let begin = Instant::now();
    let most = t.grow(ours, size).await;
    println!(
        "{} items, {} movements, put down in {:.1?}",
        size.items,
        size.movements(),
        begin.elapsed()
    );
    let middle = |key: &str| {
        Some(Cursor {
            key: key.to_owned(),
            id: 0,
        })
    };
    let all = ItemFilter::default();
    let search = ItemFilter {
        search: Some("c81e728d".to_owned()),
        ..ItemFilter::default()
    };
    let mut lines = vec![];
    for n in 0..350 {
        lines.push((
            batchtrack_core::kernel::ids::ItemId::new(most.get() + 10 + n),
            "0.001 g",
        ));
    }
    let recipe = t
        .recipe(ours, "Three hundred and fifty lines", &lines)
        .await;
    let mut rows = vec![];
    macro_rules! each {
        ($($what:literal: $work:expr;)+) => { $(
            let (middle, worst) = time(&t, ours, $work).await;
            rows.push(($what, middle, worst));
        )+ };
    }
    each!(
        "items, first page": async |tx| drop(inventory::items(tx, &all, None, 50).await.unwrap());
        "items, middle": async |tx| drop(inventory::items(tx, &all, middle("lavender").as_ref(), 50).await.unwrap());
        "items that contain": async |tx| drop(inventory::items(tx, &search, None, 50).await.unwrap());
        "search": async |tx| drop(inventory::search(tx, "laven", None, 20).await.unwrap());
        "item by name": async |tx| drop(inventory::item_by_name(tx, "nothing").await.unwrap());
        "item page": async |tx| drop(inventory::item_with_lots(tx, most, false, 50).await.unwrap());
        "history": async |tx| drop(inventory::history(tx, most, None, 20).await.unwrap());
        "lots": async |tx| drop(inventory::lots(tx, most, true, None, 50).await.unwrap());
        "low stock": async |tx| drop(inventory::low_stock(tx, 20).await.unwrap());
        "totals": async |tx| { inventory::totals(tx).await.unwrap(); };
        "overview": async |tx| drop(inventory::overview(tx, 8).await.unwrap());
        "recipes": async |tx| drop(recipes::list(tx, &recipes::RecipeFilter::default(), middle("recipe 8").as_ref(), 10).await.unwrap());
        "batches": async |tx| drop(batches::list(tx, &BatchFilter::default(), None, 50).await.unwrap());
        "products": async |tx| drop(products::list(tx, None, middle("recipe 8").as_ref(), 50).await.unwrap());
        "product search": async |tx| drop(products::search(tx, "recipe", 20).await.unwrap());
        "SKUs that run low": async |tx| drop(products::low_stock(tx, 1_000_000, 20).await.unwrap());
        "receive": async |tx| drop(inventory::receive(tx, receipt(most, "1 g", "1")).await.unwrap());
        "take, of the item with most lots": async |tx| {
            drop(inventory::take_out(tx, adjustment(most, ActionKind::Use, "1 g")).await.unwrap());
        };
        "start a batch of 350 lines": async |tx| drop(batches::start(tx, batch_of(recipe, "1")).await.unwrap());
    );
    let begin = Instant::now();
    assert_eq!(verify::verify(&t.db, ours).await.unwrap().discrepancies, []);
    println!("verified in {:.1?}", begin.elapsed());
    rows
}

#[tokio::main]
async fn main() {
    let small = measured(SIZES[0]).await;
    let large = measured(SIZES[1]).await;
    println!(
        "{:<34} {:>8} {:>8}   {:>8} {:>8}",
        "", "small", "p95", "large", "p95"
    );
    for ((what, a, b), (_, c, d)) in small.iter().zip(&large) {
        println!("{what:<34} {a:>8.2} {b:>8.2}   {c:>8.2} {d:>8.2}");
    }
}
