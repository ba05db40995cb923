//! A form that is refused comes back as it was filled in, with the reason beside its field.
use crate::{
    harness::{Browser, Site, location},
    pages::{go, has, id_in, item, page, recipe, refused},
};
use reqwest::StatusCode;

/// A batch of ten in progress; its working page.
async fn batch(ana: &mut Browser) -> String {
    ana.open("/inventory/new").await;
    item(ana, "Olive Oil", "1000", "9").await;
    let made = recipe(ana, "Salve", &[("Olive Oil", "100")]).await;
    let start = [("recipe_id", id_in(&made)), ("batch_type", "product")];
    go(ana, "/batches/start", &start).await
}

/// A shelf with 100 g of oil: the site, its owner, and the page of the oil.
async fn shelf() -> (Site, Browser, String) {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/inventory/new").await;
    let oil = item(&ana, "Olive Oil", "100", "1").await;
    (site, ana, oil)
}

type Filled<'a> = Vec<(&'a str, &'a str)>;

/// What is typed into a form of stock; `more` are its other fields.
fn adjustment<'a>(
    change: &'a str,
    quantity: &'a str,
    unit: &'a str,
    more: &[(&'a str, &'a str)],
) -> Filled<'a> {
    let mut fields = vec![
        ("change_type", change),
        ("quantity", quantity),
        ("input_unit", unit),
    ];
    fields.extend_from_slice(more);
    fields
}

/// What is typed into the form that completes a batch.
fn completion<'a>(
    output: &'a str,
    quantity: &'a str,
    unit: &'a str,
    more: &[(&'a str, &'a str)],
) -> Filled<'a> {
    let mut fields = vec![
        ("output_type", output),
        ("final_quantity", quantity),
        ("output_unit", unit),
    ];
    fields.extend_from_slice(more);
    fields
}

/// The form of that id, and whatever is around it up to the next one.
fn form<'a>(html: &'a str, id: &str) -> &'a str {
    let start = format!("<form id=\"{id}\"");
    let (_, rest) = html
        .split_once(&start)
        .unwrap_or_else(|| panic!("{id} in {html}"));
    rest.split_once("</form>").unwrap().0
}

/// Whether the folded card around that form is open.
fn is_open(html: &str, id: &str) -> bool {
    let (before, _) = html.split_once(&format!("<form id=\"{id}\"")).unwrap();
    let (_, card) = before.rsplit_once("<details").unwrap();
    card.split_once('>').unwrap().0.contains(" open")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_restock_keeps_all_of_it() {
    let (site, ana, oil) = shelf().await;
    let adjust = format!("/inventory/adjust/{}", id_in(&oil));
    let more = [
        ("cost_entry_type", "per_unit"),
        ("cost_per_unit", "a lot"),
        ("received_at", "2026-10-30"),
        ("custom_expiration_date", "soon"),
        ("supplier", "Oil & Sons"),
        ("notes", "dented \"can\""),
    ];
    let fields = adjustment("restock", "12,5 or so", "pound", &more);
    let html = refused(&ana, &adjust, &fields).await;
    let restock = form(&html, "restock");
    for words in [
        "value=\"12,5 or so\"",
        "value=\"pound\" selected",
        "value=\"per_unit\" selected",
        "value=\"a lot\"",
        "value=\"2026-10-30\"",
        "value=\"soon\"",
        "value=\"Oil &#38; Sons\"",
        "value=\"dented &#34;can&#34;\"",
        "id=\"restock-quantity-error\"",
        "id=\"restock-cost-error\"",
        "Enter a date such as 2026-03-31.",
    ] {
        has(restock, words);
    }
    assert!(!restock.contains("role=\"alert\""), "all of it has a field");
    assert!(is_open(&html, "restock") && !is_open(&html, "take-out"));
    assert!(!form(&html, "recount").contains("dented"));

    // What only the ledger knows stands beside its field as well.
    let fields = adjustment("restock", "1", "gram", &[("received_at", "2026-12-24")]);
    let html = refused(&ana, &adjust, &fields).await;
    has(form(&html, "restock"), "id=\"restock-received-error\"");
    has(&html, "The date lies in the future.");
    let fields = adjustment("restock", "1", "milliliter", &[]);
    let html = refused(&ana, &adjust, &fields).await;
    has(form(&html, "restock"), "id=\"restock-quantity-error\"");
    assert_eq!(
        site.number("SELECT count(*) FROM inventory_actions").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_withdrawal_or_count_opens_its_own_form() {
    let (site, mut ana, oil) = shelf().await;
    let adjust = format!("/inventory/adjust/{}", id_in(&oil));
    let fields = adjustment("spoil", "250", "gram", &[("notes", "the cat")]);
    let html = refused(&ana, &adjust, &fields).await;
    let out = form(&html, "take-out");
    for words in [
        "value=\"spoil\" selected",
        "value=\"250\"",
        "value=\"the cat\"",
        "Only 100 gram of Olive Oil can be taken",
    ] {
        has(out, words);
    }
    assert!(is_open(&html, "take-out") && !is_open(&html, "restock"));

    let fields = adjustment("recount", "100", "gram", &[("notes", "twice")]);
    let html = refused(&ana, &adjust, &fields).await;
    has(form(&html, "recount"), "value=\"twice\"");
    // No field is wrong: the reason stands above them.
    has(form(&html, "recount"), "The count already matches");
    assert!(is_open(&html, "recount"));

    // The page's own key makes the mended form happen once.
    ana.token = crate::harness::token_in(&html).unwrap().to_owned();
    let key = html
        .split_once("name=\"idempotency_key\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .unwrap()
        .0;
    let fields = adjustment("recount", "90", "gram", &[("idempotency_key", key)]);
    for _ in 0..2 {
        assert_eq!(go(&ana, &adjust, &fields).await, oil);
    }
    assert_eq!(
        site.number("SELECT count(*) FROM inventory_actions").await,
        2
    );
    let gone = ana.post("/inventory/adjust/999", &fields).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_completion_keeps_all_of_it() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let batch = batch(&mut ana).await;
    let complete = format!("/batches/finish-batch/{}/complete", id_in(&batch));
    let more = [
        ("sku_id", ""),
        ("product_name", "Salve <small>"),
        ("expiration_date", "2026-31-12"),
    ];
    let fields = completion("ingredient", "about 9", "dozen", &more);
    let html = refused(&ana, &complete, &fields).await;
    let sent = form(&html, "complete");
    for words in [
        "value=\"about 9\"",
        "value=\"dozen\" selected",
        "value=\"ingredient\" type=\"radio\" checked",
        "value=\"Salve &#60;small&#62;\"",
        "value=\"2026-31-12\"",
        "id=\"f-final_quantity-error\"",
        "id=\"f-expiration_date-error\"",
    ] {
        has(sent, words);
    }
    let nameless = completion("product", "9", "count", &[("product_name", " ")]);
    let html = refused(&ana, &complete, &nameless).await;
    has(form(&html, "complete"), "id=\"f-product_name-error\"");
    let past = [("expiration_date", "2020-01-01")];
    let past = completion("ingredient", "9", "count", &past);
    let html = refused(&ana, &complete, &past).await;
    has(form(&html, "complete"), "id=\"f-expiration_date-error\"");
    assert_eq!(site.text("SELECT status FROM batches").await, "in_progress");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_failure_keeps_its_reason_and_a_batch_ends_once() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let batch = batch(&mut ana).await;
    let fail = format!("/batches/finish-batch/{}/fail", id_in(&batch));
    let long = "It seized. ".repeat(500);
    let html = refused(&ana, &fail, &[("reason", &long)]).await;
    has(form(&html, "fail"), long.trim());
    has(form(&html, "fail"), "id=\"f-reason-error\"");
    assert!(is_open(&html, "fail") && !is_open(&html, "complete"));

    go(&ana, &fail, &[("reason", "It seized.")]).await;
    // Somebody else was quicker: there is no form to come back to, so the record says it.
    let record = format!("/batches/{}", id_in(&batch));
    let answer = ana.post(&fail, &[("reason", "Burnt.")]).await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::SEE_OTHER, record.as_str())
    );
    let html = page(&ana, &record).await;
    has(&html, "tone-danger");
    has(&html, "It seized.");
}
