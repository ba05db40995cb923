use super::{
    ProductError,
    model::SkuStock,
    queries::{self, SkuInsert},
};
use crate::{
    batches::{self, BatchError, Completion, OutputLine},
    inventory::{self, ActionKind, Adjustment, Item, ItemType, NewItem, Recorded},
    kernel::{
        Money, Quantity, Scale, Unit,
        ids::{BatchId, ItemId, ProductId, SkuId},
        text::Name,
    },
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The variant of products that come in one only.
const BASE_VARIANT: &str = "Base";

#[derive(Debug, Clone)]
pub struct NewProduct {
    pub name: Name,
    /// `None` is the category for what has none.
    pub category_id: Option<i64>,
    pub sku: NewSku,
}

#[derive(Debug, Clone)]
pub struct NewSku {
    pub variant: Name,
    pub size_label: Name,
    /// What its stock is counted in.
    pub unit: &'static Unit,
    pub retail_price: Option<Money>,
    /// Millionths of the unit's base unit.
    pub low_stock_threshold: Option<Quantity>,
}

impl NewSku {
    /// The one size of a product that is counted in pieces.
    pub fn each() -> Self {
        Self {
            variant: BASE_VARIANT.parse().expect("a name"),
            size_label: "Each".parse().expect("a name"),
            unit: crate::kernel::Dimension::Count.base(),
            retail_price: None,
            low_stock_threshold: None,
        }
    }
}

/// Creates a product with its first SKU.
#[tracing::instrument(name = "core.products.create", skip_all, err(level = "debug"))]
pub async fn create(tx: &mut OrgTx, new: NewProduct) -> Result<(ProductId, SkuId), ProductError> {
    let category = queries::category(tx, new.category_id)
        .await?
        .ok_or(ProductError::NoCategory)?;
    let id = queries::insert_product(tx, new.name.as_str(), category)
        .await?
        .ok_or_else(|| ProductError::NameTaken {
            name: new.name.as_str().to_owned(),
        })?;
    let properties = json!({ "product_name": new.name.as_str() });
    let event = NewEvent::new(Event::ProductCreated, id.get(), properties);
    outbox::emit(tx, vec![event]).await?;
    let sku = create_sku(tx, id, new.sku).await?;
    Ok((id, sku))
}

/// Adds a size, and the variant if it is new, to a product.
pub async fn create_sku(
    tx: &mut OrgTx,
    product: ProductId,
    new: NewSku,
) -> Result<SkuId, ProductError> {
    if new.retail_price.is_some_and(Money::is_negative) {
        return Err(ProductError::NegativePrice);
    }
    let product_name = queries::product(tx, product)
        .await?
        .ok_or(ProductError::NoProduct)?
        .name;
    let mut events = Vec::new();
    let mut found = queries::variant(tx, product, new.variant.as_str()).await?;
    if found.is_none() {
        if let Some(id) = queries::insert_variant(tx, product, new.variant.as_str()).await? {
            let properties = json!({ "product_id": product, "variant_name": new.variant.as_str() });
            events.push(NewEvent::new(
                Event::ProductVariantCreated,
                id.get(),
                properties,
            ));
            found = Some((id, new.variant.as_str().to_owned()));
        } else {
            // Somebody else added it meanwhile, and has committed.
            found = queries::variant(tx, product, new.variant.as_str()).await?;
        }
    }
    let (variant, variant_name) = found.ok_or(ProductError::NoProduct)?;
    let size = new.size_label.as_str();
    let taken = || ProductError::SizeTaken {
        product: product_name.clone(),
        variant: variant_name.clone(),
        size: size.to_owned(),
    };
    let code = sku_code(&product_name, &variant_name, size);
    let item = NewItem {
        low_stock_threshold: new.low_stock_threshold,
        ..NewItem::new(
            item_name(&product_name, &variant_name, size, &code),
            ItemType::Product,
            new.unit,
        )
    };
    let item = inventory::create_item(tx, item)
        .await
        .map_err(|error| match error {
            inventory::InventoryError::NameTaken { .. } => taken(),
            error => error.into(),
        })?;
    let row = SkuInsert {
        organization_id: tx.organization(),
        product_id: product,
        variant_id: variant,
        item_id: item,
        size_label: size,
        code: &code,
        retail_price: new.retail_price,
        created_at: tx.now(),
    };
    let id = queries::insert_sku(tx, &row)
        .await
        .map_err(|error| match error.constraint() {
            Some("product_skus_size_key") => taken(),
            _ => error.into(),
        })?;
    let properties = json!({
        "product_id": product,
        "variant_id": variant,
        "size_label": size,
        "sku_code": code,
    });
    events.push(NewEvent::new(Event::SkuCreated, id.get(), properties));
    outbox::emit(tx, events).await?;
    Ok(id)
}

/// `Product - Variant - Size`. What is longer than a name may be ends in the SKU's code instead, so
/// that two sizes of one long name stay apart.
fn item_name(product: &str, variant: &str, size: &str, code: &str) -> Name {
    let full = format!("{product} - {variant} - {size}");
    full.parse().unwrap_or_else(|_too_long| {
        let head: String = full.chars().take(Name::MOST - code.len() - 1).collect();
        format!("{head} {code}")
            .parse()
            .expect("made of names, and no longer than one may be")
    })
}

/// Three letters of each name and eight random ones: `LAV-BAS-EAC-7F3Q…`.
fn sku_code(product: &str, variant: &str, size: &str) -> String {
    let head = |name: &str| -> String {
        let letters: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(3)
            .collect();
        if letters.is_empty() {
            "X".to_owned()
        } else {
            letters.to_ascii_uppercase()
        }
    };
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random).expect("the system has randomness");
    let tail = hex::encode_upper(random);
    format!("{}-{}-{}-{tail}", head(product), head(variant), head(size))
}

/// Says what one of a SKU is sold for; `None` leaves it open.
pub async fn set_price(
    tx: &mut OrgTx,
    sku: SkuId,
    price: Option<Money>,
) -> Result<(), ProductError> {
    if price.is_some_and(Money::is_negative) {
        return Err(ProductError::NegativePrice);
    }
    if !queries::update_price(tx, sku, price).await? {
        return Err(ProductError::NoSku);
    }
    let event = NewEvent::new(
        Event::SkuUpdated,
        sku.get(),
        json!({ "retail_price": price }),
    );
    Ok(outbox::emit(tx, vec![event]).await?)
}

/// Stock of a SKU that a customer takes.
#[derive(Debug, Clone)]
pub struct Sale {
    pub sku: SkuId,
    /// In millionths of `unit`.
    pub amount: Quantity,
    pub unit: &'static Unit,
    /// What was paid for all of it; `None` is the SKU's price for each, where it has one.
    pub price: Option<Money>,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    pub note: String,
}

/// Sells: oldest stock first, none that has expired.
pub async fn sell(tx: &mut OrgTx, sale: Sale) -> Result<Recorded, ProductError> {
    let stock = queries::sku(tx, sale.sku)
        .await?
        .ok_or(ProductError::NoSku)?;
    let price = match (sale.price, stock.sku.retail_price) {
        (Some(price), _) => Some(price),
        (None, Some(each)) => Some(price_of(&stock.item, each, &sale)?),
        (None, None) => None,
    };
    let adjustment = Adjustment {
        item: stock.item.id,
        kind: ActionKind::Sale,
        amount: sale.amount,
        unit: sale.unit,
        note: sale.note,
        customer: sale.customer,
        order_number: sale.order_number,
        price,
    };
    let recorded = inventory::take_out(tx, adjustment).await?;
    let properties = json!({
        "action_id": recorded.action,
        "quantity": stock.item.written(recorded.quantity),
        "unit": stock.item.unit,
        "price": price,
        "cost": recorded.value,
        "product_id": stock.sku.product_id,
        "sku_code": stock.sku.code,
    });
    let event = NewEvent::new(Event::SkuSold, sale.sku.get(), properties);
    outbox::emit(tx, vec![event]).await?;
    Ok(recorded)
}

/// `each` is the price of one of the unit that the SKU is counted in, whatever it is sold by.
fn price_of(item: &Item, each: Money, sale: &Sale) -> Result<Money, inventory::InventoryError> {
    let stock = inventory::stock_quantity(item, sale.amount, sale.unit, Scale::ONE)?;
    Ok(each.times(item.written(stock).get())?)
}

/// What a batch comes out as.
#[derive(Debug, Clone)]
pub enum Into {
    /// An ingredient for other recipes, named after its own.
    Intermediate,
    Sku(SkuId),
    /// Stock of any item.
    Item(ItemId),
    /// A product of that name, in its one size; created when there is none.
    Product(Name),
}

#[derive(Debug, Clone)]
pub struct Finish {
    pub batch: BatchId,
    pub into: Into,
    /// In millionths of `unit`.
    pub amount: Quantity,
    pub unit: &'static Unit,
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct Finished {
    pub recorded: Recorded,
    /// The item that the batch became.
    pub item: ItemId,
    pub sku: Option<SkuId>,
}

/// Completes a batch into an intermediate or a SKU, creating either where there is none yet.
pub async fn finish(tx: &mut OrgTx, finish: Finish) -> Result<Finished, ProductError> {
    let batch = batches::batch(tx, finish.batch)
        .await?
        .ok_or(BatchError::NoBatch)?;
    let (item, sku) = match finish.into {
        Into::Intermediate => (
            intermediate(tx, &batch.recipe_name, finish.unit).await?.id,
            None,
        ),
        Into::Item(item) => (item, None),
        Into::Sku(sku) => {
            let stock = queries::sku(tx, sku).await?.ok_or(ProductError::NoSku)?;
            (stock.item.id, Some(sku))
        }
        Into::Product(name) => {
            let stock = product_sku(tx, name, finish.unit).await?;
            (stock.item.id, Some(stock.sku.id))
        }
    };
    let completion = Completion {
        batch: finish.batch,
        outputs: vec![OutputLine {
            item,
            amount: finish.amount,
            unit: finish.unit,
            weight: 1,
        }],
        expires_at: finish.expires_at,
    };
    let recorded = batches::complete(tx, completion).await?;
    Ok(Finished {
        recorded,
        item,
        sku,
    })
}

async fn intermediate(
    tx: &mut OrgTx,
    recipe: &str,
    unit: &'static Unit,
) -> Result<Item, ProductError> {
    const SUFFIX: &str = " (Intermediate)";
    let stem: String = recipe.chars().take(Name::MOST - SUFFIX.len()).collect();
    let name = format!("{stem}{SUFFIX}")
        .parse()
        .expect("a name and a suffix");
    let new = NewItem {
        is_intermediate: true,
        ..NewItem::new(name, ItemType::Ingredient, unit)
    };
    Ok(inventory::find_or_create_item(tx, new).await?)
}

/// The first SKU of the product of that name, or a new product's one.
async fn product_sku(
    tx: &mut OrgTx,
    name: Name,
    unit: &'static Unit,
) -> Result<SkuStock, ProductError> {
    let only = NewSku {
        unit,
        ..NewSku::each()
    };
    let mut product = queries::product_by_name(tx, name.as_str()).await?;
    if product.is_none() {
        let new = NewProduct {
            name: name.clone(),
            category_id: None,
            sku: only.clone(),
        };
        match create(tx, new).await {
            Ok((_, sku)) => return queries::sku(tx, sku).await?.ok_or(ProductError::NoSku),
            // Somebody else created it meanwhile, and has committed.
            Err(ProductError::NameTaken { .. }) => {
                product = queries::product_by_name(tx, name.as_str()).await?;
            }
            Err(error) => return Err(error),
        }
    }
    let product = product.ok_or(ProductError::NoProduct)?.id;
    if let Some(stock) = queries::skus(tx, Some(product), 1).await?.pop() {
        return Ok(stock);
    }
    let sku = create_sku(tx, product, only).await?;
    queries::sku(tx, sku).await?.ok_or(ProductError::NoSku)
}
