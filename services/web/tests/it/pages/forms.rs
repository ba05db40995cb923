//! Forms that make something: items, recipes, products.
use super::{go, has, id_in, item, page, refused};
use crate::harness::Site;
use reqwest::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn forms_keep_what_was_typed_and_say_what_is_wrong() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    let fields = [
        ("name", " "),
        ("unit", "furlong"),
        ("density", "-1"),
        ("quantity", "1e400"),
        ("total_cost", "a lot"),
        ("notes", "<b>kept</b>"),
    ];
    let html = refused(&ana, "/inventory/new", &fields).await;
    for words in [
        "Give it a name.",
        "The unit “furlong” is not known.",
        "A density lies above 0",
        "Enter a number such as 12 or 12.5.",
        "value=\"a lot\"",
        "&#60;b&#62;kept&#60;/b&#62;",
        "aria-invalid=\"true\"",
    ] {
        has(&html, words);
    }
    has(&html, "id=\"f-quantity-error\"");
    has(&html, "id=\"f-total_cost-error\"");
    // A cost of nothing would be lost without a word.
    let fields = [("name", "Lye"), ("unit", "gram"), ("total_cost", "6")];
    let html = refused(&ana, "/inventory/new", &fields).await;
    has(&html, "Enter how much you have for that cost.");
    item(&ana, "Olive Oil", "100", "1").await;
    let html = refused(
        &ana,
        "/inventory/new",
        &[("name", "olive oil"), ("unit", "gram")],
    )
    .await;
    has(&html, "There is already an item called");

    let fields = [
        ("name", "Salve"),
        ("predicted_yield", "10"),
        ("predicted_yield_unit", "count"),
        ("ingredient_names[]", "Olive Oil"),
        ("amounts[]", "3"),
        ("units[]", "bar"),
        ("ingredient_names[]", "Unicorn Hair"),
        ("amounts[]", "2"),
        ("units[]", "gram"),
    ];
    let html = refused(&ana, "/recipes/new", &fields).await;
    has(&html, "There is no item called “Unicorn Hair” yet.");
    has(&html, "name=\"create_missing\"");
    has(&html, "value=\"Unicorn Hair\"");
    has(&html, "Add it as a new item,");
    let wrong = "is-invalid\" name=\"ingredient_names[]\" value=\"Unicorn Hair\"";
    has(&html, wrong);
    assert!(!html.contains("is-invalid\" name=\"amounts[]\""));
    let mut many = fields.to_vec();
    many[4] = ("amounts[]", "a few");
    let html = refused(&ana, "/recipes/new", &many).await;
    has(&html, "is-invalid\" name=\"amounts[]\" value=\"a few\"");
    has(&html, wrong);
    let mut making = fields.to_vec();
    making.push(("create_missing", "true"));
    let html = refused(&ana, "/recipes/new", &making).await;
    has(&html, "Olive Oil"); // three bars of oil are still no weight
    assert_eq!(
        site.number("SELECT count(*) FROM inventory_items").await,
        1,
        "a refused form makes nothing"
    );
    making[5] = ("units[]", "gram");
    let made = go(&ana, "/recipes/new", &making).await;
    has(&page(&ana, &made).await, "Unicorn Hair");
    assert_eq!(site.number("SELECT count(*) FROM inventory_items").await, 2);
    let html = refused(&ana, "/recipes/new", &making).await;
    has(&html, "There is already a recipe called “Salve”.");
    let html = refused(
        &ana,
        "/products/new",
        &[("name", ""), ("retail_price", "-1")],
    )
    .await;
    has(&html, "Must not be negative.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_on_until_it_is_a_recipe() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    item(&ana, "Olive Oil", "100", "1").await;
    let fields = [
        ("name", "Salve"),
        ("predicted_yield", "10"),
        ("predicted_yield_unit", "count"),
        ("save_mode", "draft"),
    ];
    let draft = go(&ana, "/recipes/new", &fields).await;
    let on = format!("/recipes/new?draft={}", id_in(&draft));
    has(&page(&ana, &draft).await, &on);
    let html = page(&ana, &on).await;
    has(&html, "value=\"Salve\"");
    let mut more = vec![
        ("draft_id", id_in(&draft)),
        ("ingredient_names[]", "Olive Oil"),
        ("amounts[]", "50"),
        ("units[]", "gram"),
    ];
    more.extend_from_slice(&fields[..3]);
    let done = go(&ana, "/recipes/new", &more).await;
    has(&page(&ana, &done).await, "Start batch");
    assert_eq!(ana.get(&draft).await.status(), StatusCode::NOT_FOUND);
    has(
        &page(&ana, &format!("/recipes/new?from={}", id_in(&done))).await,
        "Salve (copy)",
    );
}
