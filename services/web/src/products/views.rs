//! What the templates of products show, ready to print.
use crate::{
    figures::{self, Currency, Figure},
    times::{Moment, Times},
};
use batchtrack_core::{
    inventory::{Item, Lot},
    kernel::{Money, quantity},
    products::{ProductSummary, SkuStock},
};

/// A product in the list.
pub(super) struct ProductRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) skus: i64,
    pub(super) counted: String,
    pub(super) value: Figure,
    pub(super) low: i64,
    pub(super) state: &'static str,
}

impl ProductRow {
    pub(super) fn of(row: ProductSummary, money: &Currency) -> Self {
        let pieces = batchtrack_core::kernel::Quantity::micros(row.counted);
        let piece = batchtrack_core::kernel::Dimension::Count.base();
        Self {
            id: row.product.id.get(),
            name: row.product.name,
            category: row.category,
            skus: row.skus,
            counted: figures::quantity(pieces, piece).text,
            value: money.short(row.value),
            state: match (row.value.is_zero() && row.counted == 0, row.low) {
                (true, _) => "out_of_stock",
                (false, 1..) => "low_stock",
                _ => "ok",
            },
            low: row.low,
        }
    }
}

/// A SKU with what it holds, costs and brings.
pub(super) struct SkuRow {
    pub(super) id: i64,
    pub(super) product_id: i64,
    pub(super) product: String,
    pub(super) item: i64,
    pub(super) name: String,
    pub(super) code: String,
    pub(super) on_hand: Figure,
    pub(super) threshold: Option<Figure>,
    pub(super) value: Figure,
    pub(super) cost: Option<Figure>,
    pub(super) price: Option<Figure>,
    pub(super) margin: Option<Margin>,
    pub(super) state: &'static str,
}

/// What is left of the price after the cost.
pub(super) struct Margin {
    pub(super) each: Figure,
    pub(super) percent: i64,
    pub(super) tone: &'static str,
}

impl SkuRow {
    pub(super) fn of(stock: &SkuStock, money: &Currency) -> Self {
        let SkuStock {
            sku, item, product, ..
        } = stock;
        let cost = item.unit_cost();
        Self {
            id: sku.id.get(),
            product_id: sku.product_id.get(),
            product: product.clone(),
            item: item.id.get(),
            name: sku_title(stock),
            code: sku.code.clone(),
            on_hand: figures::stock(item, item.quantity),
            threshold: item
                .low_stock_threshold
                .map(|stock| figures::stock(item, stock)),
            value: money.short(item.value),
            cost: cost.map(|cost| money.each(cost)),
            price: sku.retail_price.map(|price| money.price(price)),
            margin: sku
                .retail_price
                .zip(cost.filter(|_| !money.hides_costs()))
                .and_then(|(price, cost)| Margin::of(price, cost, money)),
            state: state(item),
        }
    }
}

/// `Rose, 4 oz bar`; the size alone for what comes in one variant, the variant alone for what comes
/// in one size.
fn sku_title(stock: &SkuStock) -> String {
    match (stock.variant.as_str(), stock.sku.size_label.as_str()) {
        ("Base", size) => size.to_owned(),
        (variant, "Each") => variant.to_owned(),
        (variant, size) => format!("{variant}, {size}"),
    }
}

fn state(item: &Item) -> &'static str {
    if !item.quantity.is_positive() {
        "out_of_stock"
    } else if item.is_low() {
        "low_stock"
    } else {
        "ok"
    }
}

impl Margin {
    fn of(price: Money, cost: Money, money: &Currency) -> Option<Self> {
        let each = price.checked_sub(cost).ok()?;
        let percent = quantity::mul_div_half_up(each.get(), 100, price.get().max(1))?;
        Some(Self {
            each: money.each(each),
            percent,
            tone: match percent {
                ..=0 => "danger",
                1..=29 => "warning",
                _ => "success",
            },
        })
    }
}

/// A lot of one of the SKUs.
pub(super) struct LotRow {
    pub(super) code: String,
    pub(super) sku: String,
    pub(super) batch: Option<i64>,
    pub(super) since: Moment,
    pub(super) ago: String,
    pub(super) left: Figure,
    pub(super) percent_left: i64,
    pub(super) expires: Option<Moment>,
    pub(super) is_expired: bool,
}

impl LotRow {
    pub(super) fn of(lot: &Lot, skus: &[SkuStock], times: &Times) -> Option<Self> {
        let stock = skus.iter().find(|stock| stock.item.id == lot.item_id)?;
        Some(Self {
            code: lot.code.clone(),
            sku: sku_title(stock),
            batch: lot.batch_id.map(batchtrack_core::kernel::ids::BatchId::get),
            since: times.day(lot.received_at),
            ago: times.ago(lot.received_at),
            left: figures::stock(&stock.item, lot.quantity),
            percent_left: figures::percent(lot.quantity.get(), lot.received_quantity.get()),
            expires: lot.expires_at.map(|at| times.day(at)),
            is_expired: lot.is_expired(times.now()),
        })
    }
}
