//! Lists that go on for more than a page.
use super::{go, has, page};
use crate::harness::{Site, location};
use reqwest::StatusCode;

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
