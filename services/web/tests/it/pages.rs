//! The pages of the workshop, as a browser without scripts sees them.
use crate::{
    harness::{Browser, Site, location},
    statements,
};
use reqwest::{Method, StatusCode, header};

/// A step that must have been accepted; where it leads.
pub(crate) async fn go(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    let (status, to) = (answer.status(), location(&answer).to_owned());
    assert_eq!(
        status,
        StatusCode::SEE_OTHER,
        "{path}: {}",
        answer.text().await.unwrap()
    );
    to
}

pub(crate) async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    let status = answer.status();
    let html = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{path}: {html}");
    html
}

/// The form again, with status 422 and the words beside its fields.
pub(crate) async fn refused(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    let status = answer.status();
    let html = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {html}");
    html
}

pub(crate) fn has(html: &str, words: &str) {
    assert!(html.contains(words), "“{words}” in {html}");
}

pub(crate) fn id_in(path: &str) -> &str {
    path.trim_end_matches("/view").rsplit('/').next().unwrap()
}

/// An item of a maker, in grams, with a first lot.
pub(crate) async fn item(browser: &Browser, name: &str, quantity: &str, cost: &str) -> String {
    let fields = [
        ("name", name),
        ("type", "ingredient"),
        ("unit", "gram"),
        ("quantity", quantity),
        ("total_cost", cost),
    ];
    go(browser, "/inventory/new", &fields).await
}

/// A recipe of one piece from so many grams of each item.
pub(crate) async fn recipe(browser: &Browser, name: &str, items: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("name", name),
        ("predicted_yield", "10"),
        ("predicted_yield_unit", "count"),
    ];
    for (item, amount) in items {
        fields.extend([
            ("ingredient_names[]", *item),
            ("amounts[]", *amount),
            ("units[]", "gram"),
        ]);
    }
    go(browser, "/recipes/new", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maker_walks_from_an_empty_shelf_to_a_sale_and_back() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    has(&page(&ana, "/user_dashboard").await, "0 of 4 done");
    ana.open("/inventory/new").await;

    let oil = item(&ana, "Olive Oil", "1000", "9.00").await;
    let wax = item(&ana, "Beeswax", "500", "12.50").await;
    let html = page(&ana, &oil).await;
    has(&html, "$9.00");
    has(&html, "Initial stock");
    let made = recipe(&ana, "Salve", &[("olive oil", "300"), ("Beeswax", "100")]).await;
    let html = page(&ana, &made).await;
    has(&html, "$5.20"); // 300 g at 0.009 and 100 g at 0.025
    has(&html, "$0.52");
    has(&html, "Everything is there");
    has(
        &page(&ana, &format!("{made}?scale=6")).await,
        "2 lines are short",
    );
    let looked = go(
        &ana,
        "/batches/start",
        &[
            ("recipe_id", id_in(&made)),
            ("scale", "6"),
            ("check", "true"),
        ],
    )
    .await;
    assert_eq!(looked, format!("{made}?scale=6#make"));

    let batch = go(
        &ana,
        "/batches/start",
        &[
            ("recipe_id", id_in(&made)),
            ("scale", "2"),
            ("batch_type", "product"),
        ],
    )
    .await;
    has(&page(&ana, &batch).await, "$10.40");
    let id = id_in(&batch).to_owned();
    let record = format!("/batches/{id}");
    assert_eq!(location(&ana.get(&record).await), batch, "still being made");
    has(&page(&ana, "/batches/").await, &batch);
    let complete = format!("/batches/finish-batch/{id}/complete");
    let fields = [
        ("output_type", "product"),
        ("product_name", "Salve"),
        ("final_quantity", "20"),
        ("output_unit", "count"),
    ];
    go(&ana, &complete, &fields).await;
    assert_eq!(location(&ana.get(&batch).await), record, "made");
    let html = page(&ana, &record).await;
    has(&html, "100 % of the 20 ct planned");
    has(&html, "$0.52");

    let list = page(&ana, "/products/").await;
    let (_, rest) = list.split_once("class=\"row-title\" href=\"").unwrap();
    let product = rest.split_once('"').unwrap().0.to_owned();
    let (_, rest) = page(&ana, &product)
        .await
        .split_once("name=\"sku_id\"")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let sku = rest
        .split_once("value=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();
    go(
        &ana,
        &format!("{product}/price"),
        &[("sku_id", &sku), ("retail_price", "$2.60")],
    )
    .await;
    has(&page(&ana, &product).await, "80 %");
    let html = refused(
        &ana,
        &format!("{product}/sell"),
        &[
            ("sku_id", &sku),
            ("quantity", "21"),
            ("customer", "Corner <Market>"),
        ],
    )
    .await;
    has(&html, "Only 20 count of");
    has(&html, "Corner &#60;Market&#62;");
    go(
        &ana,
        &format!("{product}/sell"),
        &[
            ("sku_id", &sku),
            ("quantity", "5"),
            ("customer", "Corner Market"),
        ],
    )
    .await;
    let html = page(&ana, &product).await;
    has(&html, "Sold 5 ct, which cost you $2.60.");
    has(&html, "15 <span class=\"unit\">ct");
    let undo = html
        .split_once("action=\"/actions/")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();

    // Back to the page that asked, and everything as it was.
    let asked = ana
        .request(Method::POST, &format!("/actions/{undo}"))
        .header(header::ORIGIN, &site.url)
        .header(header::REFERER, format!("{}{product}", site.url))
        .form(&[("csrf_token", &ana.token)])
        .send()
        .await
        .unwrap();
    assert_eq!(
        (asked.status(), location(&asked)),
        (StatusCode::SEE_OTHER, product.as_str())
    );
    let html = page(&ana, &product).await;
    has(&html, "Undone. Everything is as it was before.");
    has(&html, "20 <span class=\"unit\">ct");
    let again = ana.post(&format!("/actions/{undo}"), &[]).await;
    assert_eq!(location(&again), "/user_dashboard");
    let html = page(&ana, "/user_dashboard").await;
    has(&html, "This has been undone already.");
    has(&html, "Made per week");
    assert!(
        page(&ana, &wax)
            .await
            .contains("300 <span class=\"unit\">g")
    );
    assert_eq!(
        site.number("SELECT count(*) FROM inventory_actions WHERE kind = 'reversal'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortage_shows_the_recipe_again_with_a_way_on() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    item(&ana, "Olive Oil", "100", "1").await;
    let wax = item(&ana, "Beeswax", "500", "12.50").await;
    let made = recipe(&ana, "Salve", &[("Olive Oil", "300"), ("Beeswax", "100")]).await;
    let fields = [
        ("recipe_id", id_in(&made)),
        ("scale", "1"),
        ("batch_type", "product"),
        ("notes", "For the fair"),
    ];
    let html = refused(&ana, "/batches/start", &fields).await;
    has(&html, "there is not enough of one thing");
    has(&html, "300 g needed, 100 g there");
    has(&html, "name=\"notes\" value=\"For the fair\"");
    assert_eq!(site.number("SELECT count(*) FROM batches").await, 0);
    let mut forced = fields.to_vec();
    forced.push(("force", "true"));
    let batch = go(&ana, "/batches/start", &forced).await;
    let html = page(&ana, &batch).await;
    has(&html, "Left out");
    has(&html, "Started without: 300 gram of Olive Oil");
    has(&page(&ana, &wax).await, "400 <span class=\"unit\">g");
    for scale in ["0", "-1", "1e400", "abc", "1001"] {
        let fields = [("recipe_id", id_in(&made)), ("scale", scale)];
        has(
            &refused(&ana, "/batches/start", &fields).await,
            "role=\"alert\"",
        );
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ones_own_is_not_there() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    let oil = item(&ana, "Olive Oil", "100", "1").await;
    let made = recipe(&ana, "Salve", &[("Olive Oil", "50")]).await;
    let batch = go(
        &ana,
        "/batches/start",
        &[("recipe_id", id_in(&made)), ("batch_type", "product")],
    )
    .await;
    let mut bob = site.owner("bob").await;
    bob.open("/inventory/new").await;
    for path in [
        &oil,
        &made,
        &batch,
        "/batches/SAL1-2026-001",
        "/products/1",
        "/recipes/999999/view",
        "/inventory/edit/1",
        "/inventory/view/abc",
    ] {
        assert_eq!(
            bob.get(path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        location(&ana.get("/batches/SAL1-2026-001").await),
        batch,
        "a label finds its batch"
    );
    let taken = bob.post("/inventory/archive/1", &[]).await;
    assert_eq!(taken.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        bob.post("/actions/1/undo", &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    for path in [
        "/inventory/",
        "/recipes/",
        "/batches/",
        "/products/",
        "/products/alerts",
        "/user_dashboard",
    ] {
        assert!(!page(&bob, path).await.contains("Olive"), "{path}");
        let stranger = site.stranger().get(path).await;
        assert!(
            location(&stranger).starts_with("/auth/login?next="),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_by_their_keys() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    for n in 0..53 {
        let name = format!("Item {n:03}");
        go(&ana, "/inventory/new", &[("name", &name), ("unit", "gram")]).await;
    }
    let html = page(&ana, "/inventory/?q=item").await;
    has(&html, "Item 049");
    assert!(!html.contains("Item 050"));
    let (before, _) = html.split_once("rel=\"next\"").unwrap();
    let next = before
        .rsplit_once("href=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .replace("&#38;", "&");
    let html = page(&ana, &next).await;
    has(&html, "Item 052");
    has(&html, "Back to the start");
    assert!(!html.contains("Item 049"));
    has(
        &page(&ana, "/inventory/?show_zero_qty=false").await,
        "Nothing found",
    );
    has(
        &page(&ana, "/inventory/?search=%25_%5C").await,
        "Nothing found",
    );
    assert_eq!(
        ana.get("/inventory/?cursor=junk").await.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(location(&ana.get("/inventory").await), "/inventory/");
    assert_eq!(location(&ana.get("/dashboard").await), "/user_dashboard");
}

/// Pages and how many statements each may send, the membership among them.
const BUDGETS: &[(&str, u64)] = &[
    ("/user_dashboard", 3),
    ("/inventory/", 3),
    ("/inventory/view/1", 3),
    ("/inventory/new", 1),
    ("/inventory/edit/1", 2),
    ("/recipes/", 2),
    ("/recipes/new", 2),
    ("/recipes/1/view", 3),
    ("/batches/", 3),
    ("/batches/in-progress/1", 3),
    ("/batches/2", 3),
    ("/products/", 3),
    ("/products/1", 3),
    ("/products/new", 1),
    ("/products/alerts", 2),
];

async fn statements_of(browser: &Browser, path: &str) -> u64 {
    let id = format!("budget-{}", uuid::Uuid::new_v4().simple());
    let answer = browser
        .request(Method::GET, path)
        .header("X-Request-ID", &id)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    statements::sent_by(&id)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_sends_more_statements_when_there_is_more_to_show() {
    statements::listen();
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    item(&ana, "Olive Oil", "10000", "90").await;
    recipe(&ana, "Salve", &[("Olive Oil", "10")]).await;
    let start = [("recipe_id", "1"), ("batch_type", "product")];
    let fields = [
        ("output_type", "product"),
        ("product_name", "Salve"),
        ("final_quantity", "10"),
        ("output_unit", "count"),
    ];
    go(&ana, "/batches/start", &start).await;
    go(&ana, "/batches/start", &start).await;
    go(&ana, "/batches/finish-batch/2/complete", &fields).await;
    for (path, most) in BUDGETS {
        statements_of(&ana, path).await; // warm: categories are kept in the process
        assert_eq!(statements_of(&ana, path).await, *most, "{path}");
    }
    for n in 0..12 {
        let name = format!("Item {n}");
        item(&ana, &name, "100", "3").await;
        let adjust = [
            ("change_type", "restock"),
            ("quantity", "5"),
            ("input_unit", "gram"),
        ];
        go(&ana, "/inventory/adjust/1", &adjust).await;
        recipe(
            &ana,
            &format!("Recipe {n}"),
            &[("Olive Oil", "1"), (&name, "1")],
        )
        .await;
        go(&ana, "/products/new", &[("name", &name)]).await;
        go(&ana, "/products/1/skus", &[("size_label", &name)]).await;
        go(&ana, "/batches/start", &start).await;
    }
    for (path, most) in BUDGETS {
        assert_eq!(
            statements_of(&ana, path).await,
            *most,
            "{path} with more rows"
        );
    }
}
