use crate::{
    extract::Tenant,
    inventory::views::{ItemRow, type_title},
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::inventory::{self, ItemFilter, ItemType};
use serde::Deserialize;

const PER_PAGE: u16 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    search: String,
    #[serde(rename = "type")]
    kind: String,
    category: String,
    show_zero_qty: String,
    show_archived: String,
    low: String,
    cursor: String,
}

impl ListQuery {
    fn text(&self) -> &str {
        let text = if self.q.is_empty() {
            &self.search
        } else {
            &self.q
        };
        text.trim()
    }

    fn filter(&self) -> ItemFilter {
        ItemFilter {
            item_type: self.kind.parse().ok(),
            search: listing::search(self.text()),
            category_id: self.category.parse().ok(),
            archived: is_on(&self.show_archived),
            hide_empty: self.show_zero_qty == "false",
            low_only: is_on(&self.low),
        }
    }

    /// The filters, as they stand in the address.
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("q", self.text()),
            ("type", &self.kind),
            ("category", &self.category),
            ("show_zero_qty", &self.show_zero_qty),
            ("show_archived", &self.show_archived),
            ("low", &self.low),
        ]
    }

    fn is_filtered(&self) -> bool {
        self.pairs().iter().any(|(_, value)| !value.is_empty())
    }
}

fn is_on(text: &str) -> bool {
    matches!(text, "true" | "1" | "on")
}

#[derive(askama::Template)]
#[template(path = "inventory/list.html")]
struct ListPage {
    shell: Shell,
    wanted: ListQuery,
    tabs: Vec<(String, &'static str, bool)>,
    categories: Vec<(i64, String)>,
    rows: Vec<ItemRow>,
    pager: Pager,
}

pub(super) async fn show(tenant: Tenant, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let cursor = listing::cursor(&query.cursor)?;
    let filter = query.filter();
    let mut unit = tenant.begin().await?;
    let page = inventory::items(&mut unit.tx, &filter, cursor.as_ref(), PER_PAGE).await?;
    let ids = page.rows.iter().map(|item| item.id).collect();
    let expired = inventory::expired_quantities(&mut unit.tx, ids).await?;
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let money = unit.stock_costs();
    let rows = page
        .rows
        .iter()
        .map(|item| {
            let expired = expired.get(&item.id).copied().unwrap_or_default();
            ItemRow::of(
                item,
                expired,
                categories.ingredient(item.category_id),
                &money,
            )
        })
        .collect();
    Page(ListPage {
        shell: tenant.shell(&unit),
        tabs: tabs(&query),
        categories: categories.ingredient_options(),
        rows,
        pager: Pager::of(
            "/inventory/",
            &query.pairs(),
            &query.cursor,
            page.next.as_ref(),
        ),
        wanted: query,
    })
    .into_response()
}

/// One tab per type, then what needs attention.
fn tabs(query: &ListQuery) -> Vec<(String, &'static str, bool)> {
    let on_shelf = !is_on(&query.low) && !is_on(&query.show_archived);
    let all = (
        "/inventory/".to_owned(),
        "All",
        query.kind.is_empty() && on_shelf,
    );
    let types = ItemType::ALL
        .iter()
        .filter(|t| **t != ItemType::Product)
        .map(|t| {
            let title = match t {
                ItemType::Ingredient => "Ingredients",
                ItemType::Container => "Containers",
                ItemType::Consumable => "Consumables",
                other => type_title(*other),
            };
            (
                format!("/inventory/?type={t}"),
                title,
                query.kind == t.as_str() && on_shelf,
            )
        });
    let low = (
        "/inventory/?low=true".to_owned(),
        "Running low",
        is_on(&query.low),
    );
    let archived = (
        "/inventory/?show_archived=true".to_owned(),
        "Archived",
        is_on(&query.show_archived),
    );
    std::iter::once(all)
        .chain(types)
        .chain([low, archived])
        .collect()
}
