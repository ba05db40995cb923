//! Items, receipts, recipes and batches as a test writes them: `"2.5 kg"`, `"12.34"`.
use crate::TestDb;
use batchtrack_core::{
    batches::{BatchType, Start},
    inventory::{
        self, ActionKind, Adjustment, CostEntry, InventoryError, Item, ItemType, Lot, NewItem,
        Receipt, Recorded,
    },
    kernel::{
        Money, Quantity, Unit,
        ids::{ItemId, OrganizationId, RecipeId},
    },
    organizations::CostingMethod,
    platform::OrgTx,
    recipes::{self, LineKind, NewLine, NewRecipe, RecipeStatus},
    verify::{self, Discrepancy},
};
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl as _;

/// A unit that there is.
pub fn unit(name: &str) -> &'static Unit {
    Unit::find(name).unwrap_or_else(|| panic!("there is no unit {name}"))
}

/// `"2.5 kg"` as an amount and its unit.
pub fn amount(text: &str) -> (Quantity, &'static Unit) {
    let (number, name) = text
        .split_once(' ')
        .unwrap_or_else(|| panic!("{text} has no unit"));
    let number = number
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    (number, unit(name))
}

pub fn money(text: &str) -> Money {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An ingredient that is written in `unit_name`.
pub fn ingredient(name: &str, unit_name: &str) -> NewItem {
    NewItem::new(
        name.parse().expect("a name"),
        ItemType::Ingredient,
        unit(unit_name),
    )
}

/// A restock of `quantity`, such as `"2.5 kg"`, that cost `total` together; it came just now.
pub fn receipt(item: ItemId, quantity: &str, total: &str) -> Receipt {
    let (amount, unit) = amount(quantity);
    Receipt {
        item,
        kind: ActionKind::Restock,
        amount,
        unit,
        cost: CostEntry::Total(money(total)),
        received_at: None,
        expires_at: None,
        supplier: None,
        note: String::new(),
        import: None,
    }
}

/// `quantity` of an item goes out, or is what was counted.
pub fn adjustment(item: ItemId, kind: ActionKind, quantity: &str) -> Adjustment {
    let (amount, unit) = amount(quantity);
    Adjustment {
        item,
        kind,
        amount,
        unit,
        note: String::new(),
        customer: None,
        order_number: None,
        price: None,
    }
}

/// A published recipe that yields one piece.
pub fn recipe(name: &str, lines: &[(ItemId, &str)]) -> NewRecipe {
    let lines = lines.iter().map(|(item, quantity)| {
        let (amount, unit) = amount(quantity);
        NewLine {
            kind: LineKind::Ingredient,
            item: *item,
            amount,
            unit,
        }
    });
    NewRecipe {
        name: name.parse().expect("a name"),
        instructions: String::new(),
        category_id: None,
        yield_amount: Quantity::micros(1_000_000),
        yield_unit: unit("count"),
        status: RecipeStatus::Published,
        lines: lines.collect(),
        import: None,
    }
}

/// A batch of something to sell, which starts with everything or not at all.
pub fn batch_of(recipe: RecipeId, scale: &str) -> Start {
    Start {
        recipe,
        scale: scale.parse().expect("a scale"),
        batch_type: BatchType::Product,
        notes: String::new(),
        force: false,
    }
}

impl TestDb {
    /// Runs `work` as the owner of `organization`; keeps it if it was accepted, and nothing of it
    /// if it was refused.
    pub async fn attempt<T, E: From<batchtrack_core::kernel::StoreError>>(
        &self,
        organization: OrganizationId,
        work: impl AsyncFnOnce(&mut OrgTx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = self.begin(organization).await;
        let done = work(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// An ingredient with nothing in stock.
    pub async fn item(&self, organization: OrganizationId, name: &str, unit: &str) -> ItemId {
        let new = ingredient(name, unit);
        self.commit(organization, async |tx| {
            inventory::create_item(tx, new).await
        })
        .await
    }

    pub async fn receive(&self, organization: OrganizationId, receipt: Receipt) -> Recorded {
        self.commit(organization, async |tx| {
            inventory::receive(tx, receipt).await
        })
        .await
    }

    /// An ingredient and its only lot.
    pub async fn stocked(
        &self,
        organization: OrganizationId,
        name: &str,
        quantity: &str,
        total: &str,
    ) -> ItemId {
        let item = self.item(organization, name, amount(quantity).1.name).await;
        self.receive(organization, receipt(item, quantity, total))
            .await;
        item
    }

    pub async fn take_out(
        &self,
        organization: OrganizationId,
        adjustment: Adjustment,
    ) -> Result<Recorded, InventoryError> {
        self.attempt(organization, async |tx| {
            inventory::take_out(tx, adjustment).await
        })
        .await
    }

    /// A recipe of the category for what has none, which is there.
    pub async fn recipe(
        &self,
        organization: OrganizationId,
        name: &str,
        lines: &[(ItemId, &str)],
    ) -> RecipeId {
        self.product_category("Uncategorized").await;
        let new = recipe(name, lines);
        self.commit(organization, async |tx| recipes::create(tx, new).await)
            .await
    }

    /// Sees to it that a category of products is there.
    pub async fn product_category(&self, name: &str) {
        diesel::sql_query(
            "INSERT INTO product_categories (name, is_typically_portioned) VALUES ($1, false) ON CONFLICT DO NOTHING",
        )
        .bind::<Text, _>(name)
        .execute(&mut self.owner_conn().await)
        .await
        .expect("a category");
    }

    /// Chooses how an organisation that owns nothing yet is to take stock.
    pub async fn costing_method(&self, organization: OrganizationId, method: CostingMethod) {
        diesel::sql_query("UPDATE organizations SET costing_method = $2 WHERE id = $1")
            .bind::<BigInt, _>(organization)
            .bind::<Text, _>(method)
            .execute(&mut self.owner_conn().await)
            .await
            .expect("a method");
    }

    pub async fn item_now(&self, organization: OrganizationId, item: ItemId) -> Item {
        let mut tx = self.begin(organization).await;
        inventory::item(&mut tx, item)
            .await
            .expect("a query")
            .expect("an item")
    }

    /// Quantity and value on hand, in millionths.
    pub async fn on_hand(&self, organization: OrganizationId, item: ItemId) -> (i64, i64) {
        let item = self.item_now(organization, item).await;
        (item.quantity.get(), item.value.get())
    }

    /// All lots of an item, used up or not, in the order they came.
    pub async fn lots_of(&self, organization: OrganizationId, item: ItemId) -> Vec<Lot> {
        let mut tx = self.begin(organization).await;
        inventory::lots(&mut tx, item, true, None, 1_000)
            .await
            .expect("a query")
    }

    /// What is wrong with the books.
    pub async fn discrepancies(&self, organization: OrganizationId) -> Vec<Discrepancy> {
        verify::verify(&self.db, organization)
            .await
            .expect("a query")
            .discrepancies
    }
}
