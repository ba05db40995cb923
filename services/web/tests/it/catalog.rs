//! The library and the tools, for strangers and for members.
use crate::harness::{Site, head, location, problem};
use reqwest::{Method, StatusCode};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_read_the_library_without_a_session() {
    let site = Site::start().await;
    let stranger = site.stranger();
    for path in [
        "/global-items",
        "/global-items?type=container",
        "/global-items?q=oil&category=1",
        "/global-items?q=%25&type=nonsense&category=x",
        "/global-items?q=%F0%9F%A7%BC",
        "/tools/",
        "/tools/unit-converter",
        "/tools/unit-converter?amount=2&from=cup&to=gram&ingredient=honey",
        "/tools/unit-converter?amount=1e400&from=x&to=&density=-1&ingredient=%F0%9F%A7%BC",
    ] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(
            head(&answer, "cache-control"),
            "public, max-age=60",
            "{path}"
        );
        assert!(answer.headers().get("set-cookie").is_none(), "{path}");
        let varies: Vec<_> = answer.headers().get_all("vary").iter().collect();
        assert!(
            varies.iter().any(|v| v.as_bytes() == b"Cookie"),
            "{path}: {varies:?}"
        );
    }
    let list = stranger
        .get("/global-items?q=evoo")
        .await
        .text()
        .await
        .unwrap();
    assert!(list.contains("Olive Oil (Extra Virgin)") && !list.contains("Honey"));
    let next = stranger.get("/global-items").await.text().await.unwrap();
    assert!(next.contains("/global-items?cursor="));
    let weighed = stranger
        .get("/tools/unit-converter?amount=2&from=cup&to=gram&ingredient=honey")
        .await;
    assert!(weighed.text().await.unwrap().contains("671.91"));
    assert_eq!(location(&stranger.get("/tools").await), "/tools/");
    assert_eq!(
        stranger.get("/global-items?cursor=junk").await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_has_one_address() {
    let site = Site::start().await;
    let honey = site
        .number("SELECT id FROM global_items WHERE name = 'Honey'")
        .await;
    let stranger = site.stranger();
    for path in [
        format!("/global-items/{honey}"),
        format!("/global-items/{honey}-honey"),
    ] {
        let answer = stranger.get(&path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.text().await.unwrap().contains("1.42"));
    }
    let other = stranger.get(&format!("/global-items/{honey}-wax")).await;
    assert_eq!(
        (other.status().as_u16(), location(&other)),
        (308, format!("/global-items/{honey}-honey").as_str())
    );
    for path in [
        "/global-items/0",
        "/global-items/x",
        "/global-items/99999999999999999999",
        "/global-items/-1",
    ] {
        assert_eq!(
            stranger.get(path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_becomes_ones_own_item_once() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let honey = site
        .number("SELECT id FROM global_items WHERE name = 'Honey'")
        .await;
    let page = format!("/global-items/{honey}");
    let html = ana.open(&page).await;
    assert!(html.contains("Add to my stock") && html.contains("aria-current=\"page\""));
    let save = format!("{page}/save-to-inventory");
    let first = ana.post(&save, &[]).await;
    let to = location(&first).to_owned();
    assert!(
        first.status() == StatusCode::SEE_OTHER && to.starts_with("/inventory/view/"),
        "{to}"
    );
    assert_eq!(location(&ana.post(&save, &[]).await), to);
    let kept = "SELECT count(*) FROM inventory_items WHERE density = 1420000 AND unit = 'gram' AND shelf_life_days = 1825 AND category_id IS NOT NULL";
    assert_eq!(site.number(kept).await, 1);
    let html = ana.open(&page).await;
    assert!(
        html.contains("Open in your stock")
            && head(&ana.get(&page).await, "cache-control") == "no-store"
    );

    // A name that something else bears is said, not broken.
    let jar = site
        .number("SELECT id FROM global_items WHERE name = 'Gift Box'")
        .await;
    site.execute("INSERT INTO inventory_items (organization_id, name, type, dimension, unit, is_pooled, created_at) SELECT id, 'Gift Box', 'container', 'count', 'count', false, now() FROM organizations").await;
    let refused = ana
        .post(&format!("/global-items/{jar}/save-to-inventory"), &[])
        .await;
    assert_eq!(location(&refused), format!("/global-items/{jar}"));
    assert!(
        ana.get(&format!("/global-items/{jar}"))
            .await
            .text()
            .await
            .unwrap()
            .contains("There is already an item")
    );
    assert_eq!(
        ana.post("/global-items/99999/save-to-inventory", &[])
            .await
            .status(),
        StatusCode::NOT_FOUND
    );

    let stranger = site.stranger();
    let refused = stranger.post(&save, &[]).await;
    assert!(refused.status().is_client_error() || location(&refused).starts_with("/auth/login"));
}

async fn results(answer: reqwest::Response) -> (Value, Vec<Value>) {
    assert_eq!(answer.status(), StatusCode::OK);
    let body: Value = answer.json().await.unwrap();
    let results = body["results"].as_array().unwrap().clone();
    (body, results)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_answers_as_agreed() {
    let site = Site::start().await;
    let (ana, stranger) = (site.owner("ana").await, site.stranger());
    let public = "/api/public/global-items/search";
    let private = "/api/ingredients/global-items/search";

    let (body, found) = results(
        stranger
            .get(&format!("{public}?q=oil&type=ingredient"))
            .await,
    )
    .await;
    assert_eq!((body["success"].as_bool(), found.len()), (Some(true), 25));
    let lengths: Vec<usize> = found
        .iter()
        .map(|r| r["name"].as_str().unwrap().chars().count())
        .collect();
    assert!(lengths.is_sorted());
    let (_, found) = results(ana.get(&format!("{private}?q=oil&type=ingredient")).await).await;
    assert_eq!(found.len(), 20);

    let (_, found) = results(
        stranger
            .get(&format!(
                "{public}?q=beeswax&type=ingredient&group=ingredient"
            ))
            .await,
    )
    .await;
    assert_eq!(
        (found.len(), found[0]["name"].as_str()),
        (1, Some("Beeswax"))
    );
    let forms = found[0]["forms"].as_array().unwrap();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[0]["density"].to_string(), "0.96");
    assert_eq!(
        (
            forms[0]["default_unit"].as_str(),
            forms[0]["ingredient"]["name"].as_str()
        ),
        (Some("gram"), Some("Beeswax"))
    );
    for field in [
        "id",
        "text",
        "display_name",
        "raw_name",
        "item_type",
        "variation",
        "physical_form",
        "functions",
        "applications",
        "inci_name",
        "cas_number",
    ] {
        assert!(forms[0].get(field).is_some(), "{field}");
    }

    let (body, found) = results(stranger.get(&format!("{public}?q=")).await).await;
    assert_eq!((body["success"].as_bool(), found.len()), (Some(true), 0));
    let (body, found) = results(ana.get(private).await).await;
    assert_eq!((body.get("success"), found.len()), (None, 0));
    for q in ["%25%25", "_", "%5C", "%F0%9F%A7%BC", "%27%3B--"] {
        let (_, found) = results(stranger.get(&format!("{public}?q={q}")).await).await;
        assert!(found.is_empty(), "{q}");
    }
    let (status, body) = problem(stranger.get(&format!("{public}?q=x&type=furniture")).await).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (400, Some("request.bad_type"))
    );
    let (status, _) = problem(stranger.get(&format!("{private}?q=oil")).await).await;
    assert_eq!(status, 401);
    let long = "x".repeat(4_000);
    assert_eq!(
        stranger.get(&format!("{public}?q={long}")).await.status(),
        StatusCode::OK
    );
    let wrong = stranger
        .request(Method::DELETE, "/global-items")
        .send()
        .await
        .unwrap();
    assert!(wrong.status().is_client_error());
}
