//! A maker's day as files: purchases, recipes, what happened, and what must come out of it.
//! `samples/maker` is ours; `MAKER_SAMPLE` names another folder of the same form.
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Text as it stands in the files, so that each test reads it the way its users would write it.
#[derive(Debug)]
pub struct Sample {
    pub folder: PathBuf,
    pub purchases: Vec<Purchase>,
    /// In the order of the file: a recipe's lines stand together.
    pub recipe_lines: Vec<RecipeText>,
    pub day: Vec<Happening>,
    pub expected: Expected,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Purchase {
    pub received_at: String,
    pub supplier: String,
    pub item: String,
    pub category: String,
    pub quantity: String,
    pub unit: String,
    pub total_cost: String,
    pub density_g_per_ml: String,
    pub expires_at: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct RecipeText {
    pub recipe: String,
    pub category: String,
    pub yield_quantity: String,
    pub yield_unit: String,
    pub item: String,
    pub quantity: String,
    pub unit: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Happening {
    /// `batch`, or a kind of taking stock out.
    pub action: String,
    /// A recipe, or an item or product by its name.
    pub what: String,
    /// Of a batch.
    pub scale: String,
    /// What a batch made, or what was taken.
    pub quantity: String,
    pub unit: String,
}

/// Quantities are millionths of base units, values millionths of the currency.
#[derive(Debug, Clone, Deserialize)]
pub struct Expected {
    pub events: Vec<ExpectedEvent>,
    pub stock: BTreeMap<String, Held>,
    pub bought_micro: i64,
    pub gone_micro: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ExpectedEvent {
    Batch {
        recipe: String,
        lines: Vec<ExpectedLine>,
        total_value_micro: i64,
        made_micro: i64,
    },
    Taken {
        item: String,
        quantity_micro: i64,
        value_micro: i64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExpectedLine {
    pub item: String,
    pub quantity_micro: i64,
    pub value_micro: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Held {
    pub quantity_micro: i64,
    pub value_micro: i64,
}

impl Sample {
    /// The folder that `MAKER_SAMPLE` names, or ours.
    pub fn chosen() -> Self {
        let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/maker");
        let folder = std::env::var_os("MAKER_SAMPLE").map_or_else(ours, PathBuf::from);
        Self::read(&folder)
    }

    pub fn read(folder: &Path) -> Self {
        let expected =
            fs::read(folder.join("expected.json")).expect("a sample has an expected.json");
        Self {
            folder: folder.to_owned(),
            purchases: rows(&folder.join("purchases.csv")),
            recipe_lines: rows(&folder.join("recipes.csv")),
            day: rows(&folder.join("day.csv")),
            expected: serde_json::from_slice(&expected)
                .expect("expected.json has the form of a sample's"),
        }
    }

    /// The recipes with their lines, in the order of the file.
    pub fn recipes(&self) -> impl Iterator<Item = &[RecipeText]> {
        self.recipe_lines.chunk_by(|a, b| a.recipe == b.recipe)
    }
}

fn rows<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let mut reader = csv::Reader::from_path(path).expect("a sample has its three CSV files");
    reader
        .deserialize()
        .map(|row| row.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .collect()
}
