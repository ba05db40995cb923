//! How many statements each page sends, however much there is to show.
use super::{go, item, recipe};
use crate::{
    harness::{Browser, Site},
    statements,
};
use reqwest::{Method, StatusCode};

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
