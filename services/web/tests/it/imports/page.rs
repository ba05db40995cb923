//! A file on its way through the page.
use super::{BAD, GOOD, part};
use crate::harness::{Browser, Site, head, location};
use reqwest::{
    Response, StatusCode, header,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

async fn send(who: &Browser, path: &str, form: Form) -> Response {
    who.http
        .post(format!("{}{path}", who.url))
        .header(header::ACCEPT, "text/html")
        .header(header::ORIGIN, &who.url)
        .multipart(form.text("csrf_token", who.token.clone()))
        .send()
        .await
        .unwrap()
}

/// The value of a hidden field or the text of a hidden area.
fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    html.split_once(&start)
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_taken_in_and_taken_back_in_the_form() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    assert!(
        ana.get("/imports/")
            .await
            .text()
            .await
            .unwrap()
            .contains("Nothing imported yet")
    );
    let form = ana.open("/imports/new?kind=purchases").await;
    assert!(form.contains("density_g_per_ml") && form.contains("multipart/form-data"));

    let look = send(
        &ana,
        "/imports/preview",
        Form::new()
            .text("kind", "purchases")
            .part("file", part(GOOD)),
    )
    .await;
    assert_eq!(look.status(), StatusCode::OK);
    let html = look.text().await.unwrap();
    for said in [
        "Import 2 receipts",
        "New items:",
        "Box",
        "Olive Oil",
        "march.csv",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(site.number("SELECT count(*) FROM inventory_items").await, 0);

    // What the page holds is enough: no second upload.
    let again = || {
        Form::new()
            .text("kind", hidden(&html, "kind").to_owned())
            .text("file_name", hidden(&html, "file_name").to_owned())
            .text(
                "idempotency_key",
                hidden(&html, "idempotency_key").to_owned(),
            )
            .text("content", GOOD.replace('\n', "\r\n"))
            .text("column.item", "item")
            .text("column.quantity", "quantity")
            .text("column.unit", "unit")
            .text("column.total_cost", "total_cost")
            .text("column.category", "category")
    };
    let done = send(&ana, "/imports/run", again()).await;
    let page = location(&done).to_owned();
    assert_eq!(
        (done.status().as_u16(), page.starts_with("/imports/")),
        (303, true)
    );
    let twice = send(&ana, "/imports/run", again()).await;
    assert_eq!(
        (location(&twice), head(&twice, "idempotency-replayed")),
        (page.as_str(), "true")
    );
    assert_eq!(site.number("SELECT count(*) FROM inventory_lots").await, 2);
    let shown = ana.open(&page).await;
    assert!(
        shown.contains("2 receipts imported.")
            && shown.contains("Olive Oil")
            && shown.contains(&format!("{page}/undo"))
    );
    assert!(
        ana.get("/imports/")
            .await
            .text()
            .await
            .unwrap()
            .contains("march.csv")
    );

    // While some of it is used it stays, and says why.
    let item = site
        .number("SELECT id FROM inventory_items WHERE name = 'Box'")
        .await;
    let used = ana.json(
        &format!("/api/v1/items/{item}/adjustments"),
        "u1",
        &json!({ "change_type": "use", "quantity": "1", "unit": "count" }),
    );
    let used: Value = used.send().await.unwrap().json().await.unwrap();
    let refused = ana.post(&format!("{page}/undo"), &[]).await;
    assert_eq!(location(&refused), page);
    assert!(
        ana.get(&page)
            .await
            .text()
            .await
            .unwrap()
            .contains("has been used since")
    );
    ana.json(
        &format!("/api/v1/actions/{}/undo", used["action_id"]),
        "u2",
        &json!({}),
    )
    .send()
    .await
    .unwrap();
    let undone = ana.post(&format!("{page}/undo"), &[]).await;
    assert_eq!(location(&undone), page);
    assert!(
        ana.get(&page)
            .await
            .text()
            .await
            .unwrap()
            .contains("is undone")
    );
    assert_eq!(
        site.number("SELECT sum(quantity)::bigint + sum(value)::bigint FROM inventory_items")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_is_mended_by_choosing_columns_and_reading_the_notes() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/imports/new").await;
    let form = || {
        Form::new()
            .text("kind", "purchases")
            .part("file", part(BAD))
    };
    let html = send(&ana, "/imports/run", form())
        .await
        .text()
        .await
        .unwrap();
    for said in [
        "no column for “quantity”",
        "is not known",
        "Choose its column.",
        "Check again",
        "cell-wrong",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("Import 2 receipts"));
    let chosen = form()
        .text("column.item", "Material")
        .text("column.quantity", "Menge")
        .text("column.unit", "unit")
        .text("column.total_cost", "total_cost");
    let html = send(&ana, "/imports/preview", chosen)
        .await
        .text()
        .await
        .unwrap();
    assert!(
        !html.contains("no column for") && html.contains("It must be above zero."),
        "{html}"
    );

    for (name, content, words) in [
        ("nothing", Vec::new(), "Choose a CSV file"),
        ("binary", vec![0x50, 0x4b, 0x03, 0x04, 0xff, 0x00], "UTF-8"),
        (
            "no rows",
            b"item,quantity,unit,total_cost\n".to_vec(),
            "no rows",
        ),
    ] {
        let file = if content.is_empty() {
            Part::bytes(content).file_name("")
        } else {
            part(content)
        };
        let answer = send(
            &ana,
            "/imports/preview",
            Form::new().text("kind", "purchases").part("file", file),
        )
        .await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let html = answer.text().await.unwrap();
        assert!(
            html.contains(words) && html.contains("What the columns mean"),
            "{name}"
        );
    }
    let answer = send(
        &ana,
        "/imports/preview",
        Form::new()
            .text("kind", "recipes")
            .text("content", "recipe\titem\nBar\tOil\n"),
    )
    .await;
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("no column for “yield_quantity”"),
        "pasted rows are read too"
    );
    let large = send(
        &ana,
        "/imports/preview",
        Form::new()
            .text("kind", "recipes")
            .part("file", part(vec![b'x'; 6 * 1_048_576])),
    )
    .await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let mapped = form().text("column.item", "Nowhere");
    assert!(
        send(&ana, "/imports/preview", mapped)
            .await
            .text()
            .await
            .unwrap()
            .contains("“Nowhere” is not a field")
    );
    assert_eq!(site.number("SELECT count(*) FROM inventory_items").await, 0);
}
