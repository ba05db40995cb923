//! What arrives from the forms of products, and its one-way door into the domain.
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    kernel::{Dimension, Money, Quantity, Scale, Unit, ids::SkuId, text::Name},
    products::{NewProduct, NewSku, Sale},
};

const LONGEST_NOTE: usize = 4_000;
/// What a size may be called.
const LONGEST_SIZE: usize = 64;

pub(super) fn new_product(fields: &Fields) -> Result<NewProduct, Problem> {
    let mut typed = Typed::new(fields);
    let name = typed.name("name");
    let category_id = typed.maybe("category_id");
    let sku = sku(&mut typed, fields);
    let values = name.zip(sku).map(|(name, sku)| NewProduct {
        name,
        category_id,
        sku,
    });
    typed.finish(values)
}

pub(super) fn new_sku(fields: &Fields) -> Result<NewSku, Problem> {
    let mut typed = Typed::new(fields);
    let sku = sku(&mut typed, fields);
    typed.finish(sku)
}

/// Variant and size have usual names; what is left empty gets them.
fn sku(typed: &mut Typed<'_>, fields: &Fields) -> Option<NewSku> {
    let usual = NewSku::each();
    let mut called = |field: &'static str, usual: Name, most: usize| {
        let Some(text) = fields.filled(field) else {
            return Some(usual);
        };
        if text.chars().count() > most {
            typed.wrong(
                field,
                format!("The name may be at most {most} characters long"),
            );
            return None;
        }
        typed.name(field)
    };
    let variant = called("variant", usual.variant, Name::MOST);
    let size_label = called("size_label", usual.size_label, LONGEST_SIZE);
    let unit = match fields.filled("unit") {
        Some(_) => typed.unit("unit"),
        None => Some(Dimension::Count.base()),
    };
    let retail_price = typed.money("retail_price");
    let threshold = typed.maybe::<Quantity>("low_stock_threshold");
    let low_stock_threshold = unit.zip(threshold).and_then(|(unit, amount)| {
        let stock = unit.to_base(amount, Scale::ONE, unit.dimension, None);
        typed
            .keep("low_stock_threshold", stock)
            .filter(|stock| stock.is_positive())
    });
    Some(NewSku {
        variant: variant?,
        size_label: size_label?,
        unit: unit?,
        retail_price,
        low_stock_threshold,
    })
}

/// A sale, and the unit it was written in; without one it is the SKU's own.
pub(super) struct SaleForm {
    pub(super) sku: SkuId,
    amount: Quantity,
    unit: Option<&'static Unit>,
    price: Option<Money>,
    customer: Option<String>,
    order_number: Option<String>,
    note: String,
}

impl SaleForm {
    pub(super) fn of(&self, counted_in: &'static Unit) -> Sale {
        Sale {
            sku: self.sku,
            amount: self.amount,
            unit: self.unit.unwrap_or(counted_in),
            price: self.price,
            customer: self.customer.clone(),
            order_number: self.order_number.clone(),
            note: self.note.clone(),
        }
    }
}

pub(super) fn sale(fields: &Fields) -> Result<SaleForm, Problem> {
    let mut typed = Typed::new(fields);
    let sku = typed.maybe::<SkuId>("sku_id");
    if fields.filled("sku_id").is_none() {
        typed.wrong("sku_id", "Choose what was sold");
    }
    let amount = typed.amount("quantity");
    let unit = fields.filled("unit").and_then(|_| typed.unit("unit"));
    let price = typed.money("price");
    let customer = typed.line("customer", 128);
    let order_number = typed.line("order_number", 128);
    let note = typed.note("note", LONGEST_NOTE);
    let values = sku.zip(amount).map(|(sku, amount)| SaleForm {
        sku,
        amount,
        unit,
        price,
        customer,
        order_number,
        note,
    });
    typed.finish(values)
}

/// A SKU and what one of it is sold for; an empty field takes the price away.
pub(super) fn price(fields: &Fields) -> Result<(SkuId, Option<Money>), Problem> {
    let mut typed = Typed::new(fields);
    let sku = typed.maybe::<SkuId>("sku_id");
    if fields.filled("sku_id").is_none() {
        typed.wrong("sku_id", "Choose a size");
    }
    let price = typed.money("retail_price");
    typed.finish(sku.map(|sku| (sku, price)))
}
