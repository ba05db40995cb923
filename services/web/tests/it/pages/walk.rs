//! From an empty shelf to a sale and back; and what stays out of others' sight.
use super::{go, has, id_in, item, page, recipe, refused};
use crate::harness::{Site, location};
use reqwest::{Method, StatusCode, header};

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
    let nowhere = bob.get("/nowhere").await.text().await.unwrap();
    has(&nowhere, "Back to the dashboard");
    let nowhere = site.stranger().get("/nowhere").await.text().await.unwrap();
    has(&nowhere, "Back to the start");
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
