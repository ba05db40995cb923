//! What is sold: products in variants and sizes, each SKU with stock of its own.
mod error;
mod model;
mod ops;
mod queries;

pub use self::queries::{alerts, product_page};
pub use self::{
    error::ProductError,
    model::{Product, ProductSummary, Sku, SkuStock},
    ops::{
        Finish, Finished, Into, NewProduct, NewSku, Sale, create, create_sku, finish, sell,
        set_price,
    },
    queries::{
        items_of, list, low_stock, names, product, product_by_name, search, sku, sku_of_item, skus,
    },
};
