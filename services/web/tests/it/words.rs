//! What pages say: right in number, in the maker's own words, and nothing that can't be done.
use crate::{
    harness::Site,
    pages::{go, has, id_in, item, page, recipe, refused},
};

fn lacks(html: &str, words: &str) {
    assert!(!html.contains(words), "no “{words}” in {html}");
}

/// How often a page offers to take an action back.
fn undos(html: &str) -> usize {
    html.matches("/undo\"").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_goes_by_the_name_its_maker_gave_it() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    item(&ana, "Olive Oil", "1000", "9").await;
    let made = recipe(&ana, "Lavender Bar", &[("Olive Oil", "100")]).await;
    let start = [("recipe_id", id_in(&made)), ("batch_type", "product")];
    let batch = go(&ana, "/batches/start", &start).await;
    has(&page(&ana, "/user_dashboard").await, "0 batches, $0.00");
    let complete = format!("/batches/finish-batch/{}/complete", id_in(&batch));
    let fields = [
        ("output_type", "product"),
        ("product_name", "Lavender Bar"),
        ("final_quantity", "10"),
        ("output_unit", "count"),
    ];
    go(&ana, &complete, &fields).await;
    let done = page(&ana, "/batches/").await;
    has(&done, "is completed: 10 ct of Lavender Bar.");
    let stock = site
        .number("SELECT id FROM inventory_items WHERE type = 'product'")
        .await;
    let sell = [
        ("change_type", "sale"),
        ("quantity", "99"),
        ("input_unit", "count"),
    ];
    has(
        &refused(&ana, &format!("/inventory/adjust/{stock}"), &sell).await,
        "Only 10 count of Lavender Bar can be taken",
    );
    let record = format!("/batches/{}", id_in(&batch));
    for path in [
        format!("/inventory/view/{stock}"),
        record.clone(),
        "/user_dashboard".to_owned(),
        "/products/".to_owned(),
        "/products/1".to_owned(),
    ] {
        let html = page(&ana, &path).await;
        if path != "/user_dashboard" {
            has(&html, "Lavender Bar");
        }
        lacks(&html, ">Base<");
        lacks(&html, "Lavender Bar - ");
    }
    has(
        &page(&ana, "/user_dashboard").await,
        "1 batch, $0.90 at cost",
    );

    // A completion can be taken back until some of it is gone.
    let html = page(&ana, &record).await;
    assert_eq!(undos(&html), 1, "only the last step: {html}");
    let sold = [("sku_id", "1"), ("quantity", "1")];
    go(&ana, "/products/1/sell", &sold).await;
    // What was just done can be taken back where it is told of; that is not of this batch.
    page(&ana, "/products/1").await;
    let html = page(&ana, &record).await;
    has(&html, "some of it is used or sold");
    assert_eq!(undos(&html), 0, "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_of_a_batch_add_up() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    for name in ["Oil", "Wax", "Lye"] {
        item(&ana, name, "100", "1").await;
    }
    let lines = [("Oil", "10"), ("Wax", "10"), ("Lye", "10")];
    let made = recipe(&ana, "Salve", &lines).await;
    let start = [("recipe_id", id_in(&made)), ("batch_type", "product")];
    let batch = go(&ana, "/batches/start", &start).await;
    for path in [made, batch] {
        let html = page(&ana, &path).await;
        has(&html, "34 percent of the cost");
        assert_eq!(html.matches("aria-label=\"33 percent").count(), 2, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortage_is_shown_under_recipes() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    item(&ana, "Olive Oil", "100", "1").await;
    let made = recipe(&ana, "Salve", &[("Olive Oil", "300")]).await;
    let html = refused(&ana, "/batches/start", &[("recipe_id", id_in(&made))]).await;
    let here = |html: &str| {
        let (before, _) = html.split_once(" aria-current=\"page\">\n").unwrap();
        let (_, link) = before.rsplit_once("href=\"").unwrap();
        link.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!(here(&html), "/recipes/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_of_an_item_is_told_as_it_is() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    let fields = [("name", "Olive Oil"), ("unit", "gram")];
    let oil = go(&ana, "/inventory/new", &fields).await;
    let html = page(&ana, &oil).await;
    has(&html, "None on the shelf");
    lacks(&html, "All of it usable");

    // More lots than a page shows, and only the newest has expired.
    let adjust = oil.replace("view", "adjust");
    let lot = [
        ("change_type", "restock"),
        ("quantity", "1"),
        ("input_unit", "gram"),
        ("received_at", "2026-01-01"),
    ];
    for _ in 0..101 {
        go(&ana, &adjust, &lot).await;
    }
    has(&page(&ana, &oil).await, "All of it usable");
    let late = [
        ("change_type", "restock"),
        ("quantity", "7"),
        ("input_unit", "gram"),
        ("received_at", "2026-02-01"),
        ("custom_expiration_date", "2026-03-01"),
    ];
    go(&ana, &adjust, &late).await;
    has(&page(&ana, &oil).await, "7 g expired");
    has(&page(&ana, &oil).await, "101 g usable");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_their_remarks_are_words_of_their_own() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let html = page(&ana, "/inventory/new").await;
    has(&html, "Supplier <span class=\"field-optional\">optional");
    let html = page(&ana, "/imports/new").await;
    has(&html, "for=\"f-file\">CSV file</label>");
}
