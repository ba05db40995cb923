//! What is the same for every tenant and hardly ever changes: kept in the process, so that forms
//! and lists need not ask for it each time.
use crate::{extract::Unit, problem::Problem};
use batchtrack_core::{
    inventory::{self, Category},
    recipes::{self, ProductCategory},
};
use chrono::{DateTime, Duration, Utc};
use std::sync::{Arc, Mutex};

const FRESH_FOR: Duration = Duration::seconds(60);

/// The categories of ingredients and of products, by name.
#[derive(Debug, Default)]
pub struct Categories {
    pub ingredients: Vec<Category>,
    pub products: Vec<ProductCategory>,
}

impl Categories {
    pub fn ingredient(&self, id: Option<i64>) -> &str {
        self.ingredients
            .iter()
            .find(|category| Some(category.id) == id)
            .map_or("", |category| &category.name)
    }

    pub fn product(&self, id: i64) -> &str {
        self.products
            .iter()
            .find(|category| category.id == id)
            .map_or("", |category| &category.name)
    }

    /// For a select.
    pub fn ingredient_options(&self) -> Vec<(i64, String)> {
        self.ingredients
            .iter()
            .map(|c| (c.id, c.name.clone()))
            .collect()
    }

    pub fn product_options(&self) -> Vec<(i64, String)> {
        self.products
            .iter()
            .map(|c| (c.id, c.name.clone()))
            .collect()
    }
}

/// A process's own copy.
#[derive(Debug, Clone, Default)]
pub struct Reference(Arc<Mutex<Option<Kept>>>);

#[derive(Debug)]
struct Kept {
    until: DateTime<Utc>,
    categories: Arc<Categories>,
}

impl Reference {
    /// As they were a minute ago at most.
    pub(crate) async fn categories(&self, unit: &mut Unit) -> Result<Arc<Categories>, Problem> {
        let now = unit.tx.now();
        if let Some(kept) = self.kept(now) {
            return Ok(kept);
        }
        let categories = Arc::new(Categories {
            ingredients: inventory::categories(&mut unit.tx).await?,
            products: recipes::product_categories(&mut unit.tx).await?,
        });
        *self.0.lock().expect("no holder panics") = Some(Kept {
            until: now + FRESH_FOR,
            categories: Arc::clone(&categories),
        });
        Ok(categories)
    }

    fn kept(&self, now: DateTime<Utc>) -> Option<Arc<Categories>> {
        let kept = self.0.lock().expect("no holder panics");
        let kept = kept.as_ref().filter(|kept| now < kept.until)?;
        Some(Arc::clone(&kept.categories))
    }
}
