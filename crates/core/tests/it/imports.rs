//! Files of purchases and recipes: looked at, taken in whole or not at all, taken back whole.
mod problems;
mod scale;
mod undoing;

use batchtrack_core::{
    imports::{self, Field, ImportError, ImportKind, Imported, Note, Upload},
    inventory::{self, Item, ItemType},
    kernel::ids::{ImportId, OrganizationId},
};
use batchtrack_testkit::{TestDb, sample::Sample};
use std::{collections::BTreeMap, fs};

pub(crate) fn file(kind: ImportKind, text: &str) -> Upload {
    Upload {
        kind,
        file_name: "test.csv".to_owned(),
        content: text.as_bytes().to_vec(),
        mapping: BTreeMap::new(),
    }
}

pub(crate) fn purchases(text: &str) -> Upload {
    file(ImportKind::Purchases, text)
}

pub(crate) async fn run(
    t: &TestDb,
    ours: OrganizationId,
    upload: &Upload,
) -> Result<Imported, ImportError> {
    t.attempt(ours, async |tx| imports::run(tx, upload).await)
        .await
}

pub(crate) async fn undo(
    t: &TestDb,
    ours: OrganizationId,
    id: ImportId,
) -> Result<imports::Import, ImportError> {
    t.attempt(ours, async |tx| imports::undo(tx, id).await)
        .await
}

pub(crate) async fn item(t: &TestDb, ours: OrganizationId, name: &str) -> Option<Item> {
    let mut tx = t.begin(ours).await;
    inventory::item_by_name(&mut tx, name).await.unwrap()
}

pub(crate) fn said(notes: &[Note]) -> Vec<(u64, &str, &str)> {
    notes
        .iter()
        .map(|n| (n.line, n.column.as_str(), n.message.as_str()))
        .collect()
}

pub(crate) const OILS: &str = "item,quantity,unit,total_cost,density_g_per_ml\nOlive Oil,10,kg,50,0.915\nCastor Oil,2,l,20,0.96\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_a_spreadsheet_elsewhere_is_read_and_columns_can_be_chosen() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut upload = purchases(
        "\u{feff}Datum;Ware;Menge;Einheit;Preis;Lieferant\r\n2026-05-01;Olivenöl;\"2.5\";kg;€12.50;Bio & Co\r\n\r\n",
    );
    for (field, heading) in [
        (Field::ReceivedAt, "Datum"),
        (Field::Item, "ware"),
        (Field::Quantity, "Menge"),
        (Field::Unit, "Einheit"),
        (Field::TotalCost, "Preis"),
        (Field::Supplier, ""),
    ] {
        upload.mapping.insert(field, heading.to_owned());
    }
    let imported = run(&t, ours, &upload).await.unwrap();
    assert_eq!(
        (
            imported.rows,
            imported.new_items.len(),
            imported.actions.len()
        ),
        (1, 1, 1)
    );
    let oil = item(&t, ours, "olivenöl").await.unwrap();
    assert_eq!(
        (oil.quantity.get(), oil.value.get()),
        (2_500_000_000, 12_500_000)
    );
    let lots = t.lots_of(ours, oil.id).await;
    assert_eq!(lots.first().unwrap().supplier, None, "chosen to stay empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisation_sees_nothing_of_it() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Other").await);
    let imported = run(&t, ours, &purchases(OILS)).await.unwrap();
    assert!(matches!(
        undo(&t, theirs, imported.id).await,
        Err(ImportError::NoImport)
    ));
    let mut tx = t.begin(theirs).await;
    assert_eq!(imports::import(&mut tx, imported.id).await.unwrap(), None);
    assert!(
        imports::list(&mut tx, None, 10)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        imports::receipts(&mut tx, imported.id, None, 10)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_makers_files_come_in_without_a_word() {
    let t = TestDb::new().await;
    let ours = t.organization("The Maker").await;
    let sample = Sample::chosen();
    for (kind, name) in [
        (ImportKind::Purchases, "purchases.csv"),
        (ImportKind::Recipes, "recipes.csv"),
    ] {
        let upload = Upload {
            kind,
            file_name: name.to_owned(),
            content: fs::read(sample.folder.join(name)).unwrap(),
            mapping: BTreeMap::new(),
        };
        let imported = run(&t, ours, &upload).await.unwrap();
        assert_eq!(imported.warnings, [], "{name}");
    }
    let bought = sample
        .purchases
        .iter()
        .map(|p| (p.item.as_str(), p.category.as_str()));
    for (name, category) in bought {
        let found = item(&t, ours, name).await.unwrap();
        let expected = match category {
            "Packaging" => ItemType::Packaging,
            "Containers" => ItemType::Container,
            "Consumables" => ItemType::Consumable,
            _ => ItemType::Ingredient,
        };
        assert_eq!(found.item_type, expected, "{name}");
        assert_eq!(
            found.category_id.is_some(),
            expected == ItemType::Ingredient,
            "{name}: {category}"
        );
    }
    assert_eq!(t.discrepancies(ours).await, []);
}
