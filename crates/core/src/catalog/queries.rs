//! The only Diesel of this room.
mod write;

pub(super) use self::write::fill;
use super::{
    model::{GlobalItem, LibraryCategory, LibraryFilter, LibraryType},
    rules,
};
use crate::{
    kernel::{
        Cursor, Page, StoreError,
        ids::{GlobalItemId, ItemId},
    },
    platform::{OrgTx, SystemTx},
    schema::{global_items, ingredient_categories, inventory_items},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Integer, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

diesel::define_sql_function! { fn lower(text: Text) -> Text; }

/// Units of work in which the library can be read: all. It belongs to no organisation.
pub trait Reader: sealed::Reader + Send {}
impl Reader for OrgTx {}
impl Reader for SystemTx {}

mod sealed {
    use super::{AsyncPgConnection, OrgTx, SystemTx};

    pub trait Reader {
        fn connection(&mut self) -> &mut AsyncPgConnection;
    }
    impl Reader for OrgTx {
        fn connection(&mut self) -> &mut AsyncPgConnection {
            self.conn()
        }
    }
    impl Reader for SystemTx {
        fn connection(&mut self) -> &mut AsyncPgConnection {
            self.conn()
        }
    }
}

/// Names and other names together, as they are indexed.
const CALLED: &str = "lower(global_items.name || '; ' || global_items.aliases) LIKE lower(";

#[diesel::dsl::auto_type]
fn entries() -> _ {
    global_items::table.left_join(
        ingredient_categories::table
            .on(global_items::category_id.eq(ingredient_categories::id.nullable())),
    )
}

type Boxed<'a> = diesel::helper_types::IntoBoxed<'a, entries, diesel::pg::Pg>;

fn matching(filter: &LibraryFilter) -> Boxed<'static> {
    let mut query = entries().into_boxed();
    if let Some(item_type) = filter.item_type {
        query = query.filter(global_items::item_type.eq(item_type));
    }
    if let Some(category) = filter.category_id {
        query = query.filter(global_items::category_id.eq(category));
    }
    if let Some(text) = &filter.search {
        query = query.filter(
            sql::<Bool>(CALLED)
                .bind::<Text, _>(rules::anywhere(text))
                .sql(")"),
        );
    }
    query
}

/// Entries that are called something with `text` in it, the shortest names first.
pub async fn search(
    tx: &mut impl Reader,
    text: &str,
    item_type: Option<LibraryType>,
    most: u16,
) -> Result<Vec<GlobalItem>, StoreError> {
    let filter = LibraryFilter {
        item_type,
        category_id: None,
        search: Some(text.to_owned()),
    };
    Ok(matching(&filter)
        .order((
            sql::<Integer>("length(global_items.name)"),
            global_items::name,
            global_items::id,
        ))
        .limit(i64::from(most))
        .select(GlobalItem::as_select())
        .load(tx.connection())
        .await?)
}

/// Entries by name, a page at a time.
pub async fn list(
    tx: &mut impl Reader,
    filter: &LibraryFilter,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<GlobalItem>, StoreError> {
    let mut query = matching(filter);
    if let Some(after) = after {
        query = query.filter(
            sql::<Bool>("(lower(global_items.name), global_items.id) > (")
                .bind::<Text, _>(after.key.clone())
                .sql(", ")
                .bind::<BigInt, _>(after.id)
                .sql(")"),
        );
    }
    let rows = query
        .order((lower(global_items::name), global_items::id))
        .limit(i64::from(limit) + 1)
        .select(GlobalItem::as_select())
        .load(tx.connection())
        .await?;
    Ok(Page::of(rows, usize::from(limit), |item: &GlobalItem| {
        Cursor {
            key: item.name.to_lowercase(),
            id: item.id.get(),
        }
    }))
}

pub async fn item(
    tx: &mut impl Reader,
    id: GlobalItemId,
) -> Result<Option<GlobalItem>, StoreError> {
    Ok(entries()
        .filter(global_items::id.eq(id))
        .select(GlobalItem::as_select())
        .first(tx.connection())
        .await
        .optional()?)
}

pub async fn categories(tx: &mut impl Reader) -> Result<Vec<LibraryCategory>, StoreError> {
    Ok(ingredient_categories::table
        .order(ingredient_categories::name)
        .select(LibraryCategory::as_select())
        .load(tx.connection())
        .await?)
}

/// The organisation's own item that came from an entry: the oldest one in use, or else in the archive.
pub async fn kept_as(tx: &mut OrgTx, id: GlobalItemId) -> Result<Option<ItemId>, StoreError> {
    Ok(inventory_items::table
        .filter(inventory_items::organization_id.eq(tx.organization()))
        .filter(inventory_items::global_item_id.eq(id.get()))
        .order((
            inventory_items::archived_at.is_not_null(),
            inventory_items::id,
        ))
        .select(inventory_items::id)
        .first(tx.conn())
        .await
        .optional()?)
}
