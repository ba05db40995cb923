//! How long every list, page and search takes in an organisation of 1,000 items and in one of 100,000
//! with a million movements, side by side, and which of them misses its budget:
//! `cargo run -p batchtrack-core --example large` with the addresses of the tests in the environment.
//! Milliseconds; the middle and the worst but five of a hundred, taken by turns, so that what else the
//! machine does slows both down.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that people read"
)]
use batchtrack_core::{
    batches::{self, BatchFilter, BatchKey, BatchStatus},
    imports,
    inventory::{self, ActionKind, ItemFilter, ItemType},
    kernel::{
        Cursor,
        ids::{BatchId, ItemId, OrganizationId, ProductId, RecipeId},
    },
    platform::OrgTx,
    products,
    recipes::{self, RecipeFilter},
    verify,
};
use batchtrack_testkit::{Size, TestDb, adjustment, batch_of, receipt};
use chrono::Days;
use diesel_async::SimpleAsyncConnection as _;
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

/// What a read may take at its worst, and by how much more of everything may slow it down.
const MOST_MS: f64 = 20.0;
const MOST_TIMES: f64 = 1.5;

/// An organisation, and of each sort of thing in it one to look at.
struct Place {
    t: TestDb,
    ours: OrganizationId,
    /// The item that has the most of everything.
    most: ItemId,
    category: i64,
    recipe: RecipeId,
    /// One of three hundred and fifty lines.
    long_recipe: RecipeId,
    batch: BatchId,
    product: ProductId,
}

/// What something took: its name, whether the budgets hold for it, and for the small place and the
/// large one the middle and the worst but five.
struct Took {
    what: &'static str,
    is_read: bool,
    times: [(f64, f64); 2],
}

/// Runs `work` often in both places by turns, each time in a unit of work that is committed.
async fn time(
    places: &[Place; 2],
    mut work: impl AsyncFnMut(&mut OrgTx, &Place),
) -> [(f64, f64); 2] {
    let mut took = [vec![], vec![]];
    for _ in 0..TIMES {
        for (place, took) in places.iter().zip(&mut took) {
            let begin = Instant::now();
            let mut tx = place.t.begin(place.ours).await;
            work(&mut tx, place).await;
            tx.commit().await.unwrap();
            took.push(begin.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    took.map(|mut took| {
        took.sort_by(f64::total_cmp);
        let at = |n: usize| took.get(n).copied().unwrap_or(f64::NAN);
        (at(TIMES / 2), at(TIMES - 6))
    })
}

macro_rules! each {
    ($took:ident, $places:ident, $is_read:literal, $($what:literal: $work:expr;)+) => { $(
        let times = time($places, $work).await;
        $took.push(Took { what: $what, is_read: $is_read, times });
    )+ };
}

#[expect(clippy::unnecessary_wraps, reason = "lists ask for it like that")]
fn at(key: &str) -> Option<Cursor> {
    Some(Cursor {
        key: key.to_owned(),
        id: 0,
    })
}

fn named(text: &str) -> ItemFilter {
    ItemFilter {
        search: Some(text.to_owned()),
        ..ItemFilter::default()
    }
}

/// Some categories, and some SKUs that are not made any more.
async fn vary(t: &TestDb, ours: OrganizationId) {
    let mut owner = t.owner_conn().await;
    let sql = format!(
        "UPDATE inventory_items SET category_id = (SELECT min(id) FROM ingredient_categories)
         WHERE organization_id = {ours} AND type = 'ingredient' AND id % 50 = 0"
    );
    owner.batch_execute(&sql).await.unwrap();
    let mut tx = t.begin(ours).await;
    let filter = ItemFilter {
        item_type: Some(ItemType::Product),
        ..ItemFilter::default()
    };
    let skus = inventory::items(&mut tx, &filter, None, 60).await.unwrap();
    for item in skus.rows {
        inventory::archive_item(&mut tx, item.id).await.unwrap();
    }
    tx.commit().await.unwrap();
    owner.batch_execute("VACUUM ANALYZE").await.unwrap();
}

async fn stock(places: &[Place; 2], took: &mut Vec<Took>) {
    let all = ItemFilter::default();
    let of_type = ItemFilter {
        item_type: Some(ItemType::Ingredient),
        ..ItemFilter::default()
    };
    let on_hand = ItemFilter {
        hide_empty: true,
        ..ItemFilter::default()
    };
    let low = ItemFilter {
        low_only: true,
        ..ItemFilter::default()
    };
    let archived = ItemFilter {
        archived: true,
        item_type: Some(ItemType::Product),
        ..ItemFilter::default()
    };
    let ingredient = Some(ItemType::Ingredient);
    each!(took, places, true,
        "items, first page": async |tx, _| drop(inventory::items(tx, &all, None, 50).await.unwrap());
        "items, middle": async |tx, _| drop(inventory::items(tx, &all, at("lavender").as_ref(), 50).await.unwrap());
        "items of a type": async |tx, _| drop(inventory::items(tx, &of_type, at("lavender").as_ref(), 50).await.unwrap());
        "items of a category": async |tx, p| {
            let of_category = ItemFilter { category_id: Some(p.category), ..ItemFilter::default() };
            drop(inventory::items(tx, &of_category, None, 50).await.unwrap());
        };
        "items on hand": async |tx, _| drop(inventory::items(tx, &on_hand, at("lavender").as_ref(), 50).await.unwrap());
        "items that run low": async |tx, _| drop(inventory::items(tx, &low, None, 50).await.unwrap());
        "items in the archive": async |tx, _| drop(inventory::items(tx, &archived, None, 50).await.unwrap());
        "items with a word of every sixth": async |tx, _| drop(inventory::items(tx, &named("laven"), None, 50).await.unwrap());
        "items with a rare word": async |tx, _| drop(inventory::items(tx, &named("c81e728d"), None, 50).await.unwrap());
        "items with two letters": async |tx, _| drop(inventory::items(tx, &named("c8"), None, 50).await.unwrap());
        "items with a word of none": async |tx, _| drop(inventory::items(tx, &named("each"), None, 50).await.unwrap());
        "search, a word of every sixth": async |tx, _| drop(inventory::search(tx, "laven", None, 20).await.unwrap());
        "search, in the middle of names": async |tx, _| drop(inventory::search(tx, "vend", ingredient, 20).await.unwrap());
        "search, a rare word": async |tx, _| drop(inventory::search(tx, "c81e728d", None, 20).await.unwrap());
        "search, two letters": async |tx, _| drop(inventory::search(tx, "zq", None, 20).await.unwrap());
        "search, one letter": async |tx, _| drop(inventory::search(tx, "e", None, 20).await.unwrap());
        "ingredients to choose from": async |tx, _| drop(inventory::ingredients(tx, false, 50).await.unwrap());
        "item by name": async |tx, _| drop(inventory::item_by_name(tx, "nothing").await.unwrap());
        "item page": async |tx, p| drop(inventory::item_with_lots(tx, p.most, false, 50).await.unwrap());
        "history": async |tx, p| drop(inventory::history(tx, p.most, None, 20).await.unwrap());
        "lots": async |tx, p| drop(inventory::lots(tx, p.most, true, None, 50).await.unwrap());
        "low stock": async |tx, _| drop(inventory::low_stock(tx, 20).await.unwrap());
        "totals": async |tx, _| { inventory::totals(tx).await.unwrap(); };
        "overview of stock": async |tx, _| drop(inventory::overview(tx, 8).await.unwrap());
        "imports": async |tx, _| drop(imports::list(tx, None, 50).await.unwrap());
    );
}

async fn making(places: &[Place; 2], took: &mut Vec<Took>) {
    let wanted = |text: &str| RecipeFilter {
        search: Some(text.to_owned()),
        ..RecipeFilter::default()
    };
    let every = RecipeFilter::default();
    let begun = BatchFilter {
        status: Some(BatchStatus::InProgress),
        ..BatchFilter::default()
    };
    let weeks_ago = |tx: &OrgTx| tx.now().checked_sub_days(Days::new(56)).unwrap();
    each!(took, places, true,
        "recipes": async |tx, _| drop(recipes::list(tx, &every, None, 50).await.unwrap());
        "recipes, middle": async |tx, _| drop(recipes::list(tx, &every, at("recipe 8").as_ref(), 50).await.unwrap());
        "recipes with a word of all": async |tx, _| drop(recipes::list(tx, &wanted("recipe"), None, 50).await.unwrap());
        "recipes with a rare word": async |tx, _| drop(recipes::list(tx, &wanted("c81e728d"), None, 50).await.unwrap());
        "recipe page": async |tx, p| {
            recipes::recipe_page(tx, p.recipe).await.unwrap();
            recipes::stocked_lines(tx, p.recipe).await.unwrap();
        };
        "recipes to make": async |tx, _| drop(recipes::published(tx, 100).await.unwrap());
        "batches": async |tx, _| drop(batches::list(tx, &BatchFilter::default(), None, 50).await.unwrap());
        "batches in progress": async |tx, _| drop(batches::list(tx, &begun, None, 50).await.unwrap());
        "batches of a recipe": async |tx, p| {
            let of_recipe = BatchFilter { recipe: Some(p.recipe), ..BatchFilter::default() };
            drop(batches::list(tx, &of_recipe, None, 50).await.unwrap());
        };
        "batches that ended": async |tx, _| drop(batches::finished(tx, None, None, 50).await.unwrap());
        "batch page": async |tx, p| {
            batches::batch_page(tx, &BatchKey::Id(p.batch)).await.unwrap();
            batches::steps(tx, p.batch).await.unwrap();
        };
        "overview of batches": async |tx, _| drop(batches::overview(tx, weeks_ago(tx), 6).await.unwrap());
        "count of batches": async |tx, _| { batches::counts(tx, BatchId::new(i64::MAX)).await.unwrap(); };
        "dashboard": async |tx, _| {
            inventory::overview(tx, 6).await.unwrap();
            batches::overview(tx, weeks_ago(tx), 6).await.unwrap();
        };
    );
}

async fn selling(places: &[Place; 2], took: &mut Vec<Took>) {
    each!(took, places, true,
        "products": async |tx, _| drop(products::list(tx, None, None, 50).await.unwrap());
        "products, middle": async |tx, _| drop(products::list(tx, None, at("recipe 8").as_ref(), 50).await.unwrap());
        "products with a word of all": async |tx, _| drop(products::list(tx, Some("recipe"), None, 50).await.unwrap());
        "products with a rare word": async |tx, _| drop(products::list(tx, Some("c81e728d"), None, 50).await.unwrap());
        "product page": async |tx, p| drop(products::product_page(tx, p.product, 50).await.unwrap());
        "product names": async |tx, _| drop(products::names(tx, 100).await.unwrap());
        "SKUs": async |tx, _| drop(products::skus(tx, None, 50).await.unwrap());
        "SKUs with a word of all": async |tx, _| drop(products::search(tx, "recipe", 20).await.unwrap());
        "SKUs with a rare word": async |tx, _| drop(products::search(tx, "c81e728d", 20).await.unwrap());
        "SKUs that run low": async |tx, _| drop(products::low_stock(tx, 1_000_000, 20).await.unwrap());
        "SKUs to make again": async |tx, _| drop(products::alerts(tx, None, 50).await.unwrap());
    );
}

async fn writing(places: &[Place; 2], took: &mut Vec<Took>) {
    let used = |item: ItemId| adjustment(item, ActionKind::Use, "1 g");
    each!(took, places, false,
        "receive": async |tx, p| drop(inventory::receive(tx, receipt(p.most, "1 g", "1")).await.unwrap());
        "take": async |tx, p| drop(inventory::take_out(tx, used(ItemId::new(p.most.get() + 7))).await.unwrap());
        "take, of the item with most lots": async |tx, p| drop(inventory::take_out(tx, used(p.most)).await.unwrap());
        "start a batch of 350 lines": async |tx, p| drop(batches::start(tx, batch_of(p.long_recipe, "1")).await.unwrap());
    );
}

async fn place(size: Size) -> Place {
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
    let lines: Vec<_> = (10..360)
        .map(|n| (ItemId::new(most.get() + n), "0.001 g"))
        .collect();
    let long_recipe = t
        .recipe(ours, "Three hundred and fifty lines", &lines)
        .await;
    vary(&t, ours).await;
    let mut tx = t.begin(ours).await;
    let categories = inventory::categories(&mut tx).await.unwrap();
    let recipe = recipes::list(&mut tx, &RecipeFilter::default(), None, 1).await;
    let batch = batches::list(&mut tx, &BatchFilter::default(), None, 1).await;
    let product = products::names(&mut tx, 1).await.unwrap();
    drop(tx);
    Place {
        ours,
        most,
        category: categories.iter().map(|c| c.id).min().unwrap(),
        recipe: recipe.unwrap().rows.first().unwrap().recipe.id,
        long_recipe,
        batch: batch.unwrap().rows.first().unwrap().id,
        product: product.first().unwrap().0,
        t,
    }
}

/// Which budget was missed, if any. Under a millisecond the ratio says nothing.
fn missed(took: &Took) -> String {
    let [(small, _), (large, worst)] = took.times;
    let mut words = vec![];
    if took.is_read && worst > MOST_MS {
        words.push(format!("over {MOST_MS} ms"));
    }
    if took.is_read && large > (small * MOST_TIMES).max(1.0) {
        words.push(format!("over {MOST_TIMES} x"));
    }
    words.join(", ")
}

#[tokio::main]
async fn main() {
    let places = &[place(SIZES[0]).await, place(SIZES[1]).await];
    let mut took = vec![];
    stock(places, &mut took).await;
    making(places, &mut took).await;
    selling(places, &mut took).await;
    writing(places, &mut took).await;
    for Place { t, ours, .. } in places {
        let begin = Instant::now();
        assert_eq!(
            verify::verify(&t.db, *ours).await.unwrap().discrepancies,
            []
        );
        println!("verified in {:.1?}", begin.elapsed());
    }
    println!(
        "{:<34} {:>8} {:>8}   {:>8} {:>8}   {:>6}",
        "", "small", "p95", "large", "p95", "ratio"
    );
    let mut misses = 0;
    for done in &took {
        let said = missed(done);
        misses += usize::from(!said.is_empty());
        let [(a, b), (c, d)] = done.times;
        let (what, ratio) = (done.what, c / a);
        println!("{what:<34} {a:>8.2} {b:>8.2}   {c:>8.2} {d:>8.2}   {ratio:>6.2}   {said}");
    }
    println!("{misses} of {} missed a budget", took.len());
}
