//! Files of purchases and recipes: looked at, taken in whole or not at all, taken back whole.
use crate::inventory::undo as undo_action;
use batchtrack_core::{
    imports::{self, Field, ImportError, ImportKind, Imported, Note, Severity, Upload},
    inventory::{self, ActionKind, InventoryError, Item, ItemType},
    kernel::{
        Fault as _, Kind,
        ids::{ImportId, OrganizationId},
    },
    platform::statements,
    recipes::RecipeError,
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, sample::Sample};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

fn file(kind: ImportKind, text: &str) -> Upload {
    Upload {
        kind,
        file_name: "test.csv".to_owned(),
        content: text.as_bytes().to_vec(),
        mapping: BTreeMap::new(),
    }
}

fn purchases(text: &str) -> Upload {
    file(ImportKind::Purchases, text)
}

async fn run(t: &TestDb, ours: OrganizationId, upload: &Upload) -> Result<Imported, ImportError> {
    t.attempt(ours, async |tx| imports::run(tx, upload).await)
        .await
}

async fn undo(
    t: &TestDb,
    ours: OrganizationId,
    id: ImportId,
) -> Result<imports::Import, ImportError> {
    t.attempt(ours, async |tx| imports::undo(tx, id).await)
        .await
}

async fn item(t: &TestDb, ours: OrganizationId, name: &str) -> Option<Item> {
    let mut tx = t.begin(ours).await;
    inventory::item_by_name(&mut tx, name).await.unwrap()
}

fn said(notes: &[Note]) -> Vec<(u64, &str, &str)> {
    notes
        .iter()
        .map(|n| (n.line, n.column.as_str(), n.message.as_str()))
        .collect()
}

const OILS: &str = "item,quantity,unit,total_cost,density_g_per_ml\nOlive Oil,10,kg,50,0.915\nCastor Oil,2,l,20,0.96\n";

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_said_at_once_by_line_and_column_and_nothing_is_taken_in() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.stocked(ours, "Water", "1 kg", "1").await;
    let upload = purchases(
        "date,Item,Qty,UoM,Cost,density,best before\n\
         2026-03-01,Good,1,kg,5,,\n\
         tomorrow,,-1,furlong,free,0,never\n\
         2026-12-24,Early,1e400,g,-2,99,2020-01-01\n\
         2026-03-01,Water,1,l,5,,\n\
         2026-03-01,Dust,0.0000001,g,1,,\n\
         2026-03-01,Short\n\
         2026-03-01,Gift,1,g,,,\n\
         2026-03-01,Mixed,1,g,1,,\n\
         2026-03-01,Mixed,1,ct,1,,\n",
    );
    let Err(ImportError::Problems(notes)) = run(&t, ours, &upload).await else {
        panic!("it is refused")
    };
    let places: Vec<(u64, &str)> = notes.iter().map(|n| (n.line, n.column.as_str())).collect();
    for expected in [
        (3, "date"),
        (3, "Item"),
        (3, "Qty"),
        (3, "UoM"),
        (3, "Cost"),
        (3, "density"),
        (3, "best before"),
        (4, "date"),
        (4, "Qty"),
        (4, "Cost"),
        (4, "density"),
        (4, "best before"),
        (5, "UoM"),
        (6, "Qty"),
        (7, ""),
        (8, "Cost"),
        (10, "UoM"),
    ] {
        assert!(
            places.contains(&expected),
            "{expected:?} in {:#?}",
            said(&notes)
        );
    }
    assert!(
        places.is_sorted_by_key(|(line, _)| *line) && !places.iter().any(|(line, _)| *line == 2)
    );
    assert!(
        said(&notes)
            .iter()
            .any(|(line, _, text)| *line == 5 && text.contains("density")),
        "{:#?}",
        said(&notes)
    );
    assert_eq!(item(&t, ours, "Good").await, None);

    // Looking says the same and more, and changes as little.
    let mut tx = t.begin(ours).await;
    let preview = imports::preview(&mut tx, &upload).await.unwrap();
    let errors = preview
        .notes
        .iter()
        .filter(|n| n.severity == Severity::Error)
        .count();
    assert_eq!(
        (preview.has_errors(), errors, preview.rows),
        (true, notes.len(), 9)
    );
    assert_eq!(
        preview.mapping.get(&Field::ExpiresAt).map(String::as_str),
        Some("best before")
    );
    assert_eq!(preview.sample.first().map(|(line, _)| *line), Some(2));
    assert!(
        imports::list(&mut tx, None, 10)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_look_promises_about_densities_holds() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.item(ours, "Bare", "g").await;
    // Said on a later line, or by the category: enough to pour what is weighed.
    let upload = purchases(
        "item,quantity,unit,total_cost,density_g_per_ml,category\n\
         Syrup,1,kg,5,,\nSyrup,1,l,5,,\nSyrup,1,kg,5,1.3,\nSyrup,1,kg,5,1.4,\n\
         Spring Water,1,kg,0,,Waters\nSpring Water,1,l,0,,Waters\n\
         Bare,1,g,1,0.9,\n",
    );
    let imported = run(&t, ours, &upload).await.unwrap();
    assert_eq!(imported.actions.len(), 7);
    let warned: Vec<u64> = imported.warnings.iter().map(|n| n.line).collect();
    assert_eq!(warned, [5, 8], "{:?}", said(&imported.warnings));
    assert_eq!(
        item(&t, ours, "Syrup").await.unwrap().quantity.get(),
        4_300_000_000
    );
    assert_eq!(
        item(&t, ours, "Spring Water").await.unwrap().quantity.get(),
        2_000_000_000
    );
    assert_eq!(item(&t, ours, "Bare").await.unwrap().density, None);
    // A look says that a known item without a density can't be poured, whatever the file says.
    let mut tx = t.begin(ours).await;
    let poured = purchases("item,quantity,unit,total_cost,density_g_per_ml\nBare,1,ml,1,0.9\n");
    assert!(
        imports::preview(&mut tx, &poured)
            .await
            .unwrap()
            .has_errors()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_are_checked_the_same_way() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.stocked(ours, "Oil", "1 kg", "1").await;
    let box_ = "item,quantity,unit,total_cost,category\nBox,5,ct,1,Packaging\n";
    run(&t, ours, &purchases(box_)).await.unwrap();
    t.recipe(
        ours,
        "Taken",
        &[(item(&t, ours, "Oil").await.unwrap().id, "1 g")],
    )
    .await;
    let upload = file(
        ImportKind::Recipes,
        "recipe,yield_quantity,yield_unit,item,quantity,unit\n\
         Bar,10,ct,Oil,100,g\n\
         Bar,11,ct,oil,5,g\n\
         Bar,,,Unknown,5,g\n\
         taken,1,ct,Oil,5,ml\n\
         ,1,ct,Oil,5,g\n\
         Empty,0,parsec,Box,1,ct\n",
    );
    let Err(ImportError::Problems(notes)) = run(&t, ours, &upload).await else {
        panic!("it is refused")
    };
    let places: Vec<(u64, &str)> = notes.iter().map(|n| (n.line, n.column.as_str())).collect();
    for expected in [
        (3, "yield_quantity"),
        (3, "item"),
        (4, "item"),
        (5, "recipe"),
        (5, "unit"),
        (6, "recipe"),
        (7, "yield_quantity"),
        (7, "yield_unit"),
        (7, "item"),
    ] {
        assert!(
            places.contains(&expected),
            "{expected:?} in {:#?}",
            said(&notes)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_files_are_refused_in_words() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut binary = purchases("");
    binary.content = vec![0x50, 0x4b, 3, 4, 0xff, 0xfe, 0];
    let refused = run(&t, ours, &binary).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.kind()),
        ("imports.not_utf8", Kind::Invalid)
    );
    for (text, code) in [
        ("", "imports.problems"),
        ("item,quantity,unit,total_cost\n", "imports.empty"),
        (
            "item,quantity,unit\n\"never closed,1,g\n",
            "imports.problems",
        ),
        ("wrong,headings\n1,2\n", "imports.problems"),
    ] {
        assert_eq!(
            run(&t, ours, &purchases(text)).await.unwrap_err().code(),
            code,
            "{text:?}"
        );
    }
    let mut long = String::from("item,quantity,unit,total_cost\n");
    for n in 0..10_001 {
        writeln!(long, "I{n},1,g,1").unwrap();
    }
    assert_eq!(
        run(&t, ours, &purchases(&long)).await.unwrap_err().code(),
        "imports.too_many_rows"
    );
    let mut mapped = purchases(OILS);
    mapped.mapping.insert(Field::Recipe, "item".to_owned());
    assert_eq!(
        run(&t, ours, &mapped).await.unwrap_err().code(),
        "imports.unknown_field"
    );
}

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
async fn an_import_is_undone_whole_and_can_be_done_again() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.stocked(ours, "Castor Oil", "1 l", "9").await;
    let first = run(&t, ours, &purchases(OILS)).await.unwrap();
    assert_eq!(first.new_items.len(), 1);
    let recipes =
        "recipe,yield_quantity,yield_unit,item,quantity,unit\nBar,10,ct,Olive Oil,100,g\n";
    let second = run(&t, ours, &file(ImportKind::Recipes, recipes))
        .await
        .unwrap();
    assert_eq!(second.recipes.len(), 1);
    {
        let mut tx = t.begin(ours).await;
        let receipts = imports::receipts(&mut tx, first.id, None, 1).await.unwrap();
        assert_eq!(receipts.rows.first().unwrap().0.name, "Olive Oil");
        let rest = imports::receipts(&mut tx, first.id, receipts.next.as_ref(), 5)
            .await
            .unwrap();
        assert_eq!((rest.rows.len(), rest.next), (1, None));
        let brought = imports::brought_recipes(&mut tx, second.id, None, 5)
            .await
            .unwrap();
        assert_eq!(brought.rows.first().unwrap().1, "Bar");
        let newest: Vec<ImportId> = imports::list(&mut tx, None, 5)
            .await
            .unwrap()
            .rows
            .iter()
            .map(|i| i.id)
            .collect();
        assert_eq!(newest, [second.id, first.id]);
    }

    // The recipe still names the oil: its stock goes, the item stays.
    undo(&t, ours, first.id).await.unwrap();
    let oil = item(&t, ours, "Olive Oil").await.unwrap();
    assert_eq!(
        (oil.quantity.get(), oil.value.get(), oil.archived_at),
        (0, 0, None)
    );
    assert_eq!(
        t.on_hand(ours, item(&t, ours, "Castor Oil").await.unwrap().id)
            .await,
        (1_000_000_000, 9_000_000)
    );
    assert!(matches!(
        undo(&t, ours, first.id).await,
        Err(ImportError::AlreadyUndone)
    ));

    let again = run(&t, ours, &purchases(OILS)).await.unwrap();
    assert_eq!(again.new_items, []);
    undo(&t, ours, second.id).await.unwrap();
    undo(&t, ours, again.id).await.unwrap();
    // Only the first import had brought the item, and the recipe kept it then.
    assert!(
        item(&t, ours, "Olive Oil")
            .await
            .unwrap()
            .quantity
            .is_zero()
    );
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_out_of_the_archive_goes_back_there() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let one = run(&t, ours, &purchases(OILS)).await.unwrap();
    undo(&t, ours, one.id).await.unwrap();
    assert!(
        item(&t, ours, "Olive Oil")
            .await
            .unwrap()
            .archived_at
            .is_some()
    );
    let two = run(&t, ours, &purchases(OILS)).await.unwrap();
    assert!(
        item(&t, ours, "Olive Oil")
            .await
            .unwrap()
            .archived_at
            .is_none()
    );
    undo(&t, ours, two.id).await.unwrap();
    for name in ["Olive Oil", "Castor Oil"] {
        assert!(
            item(&t, ours, name).await.unwrap().archived_at.is_some(),
            "{name}"
        );
    }
    // Once something else came to it, it stays.
    let three = run(&t, ours, &purchases(OILS)).await.unwrap();
    let oil = item(&t, ours, "Olive Oil").await.unwrap().id;
    t.clock.advance(chrono::Duration::minutes(1));
    t.receive(ours, batchtrack_testkit::receipt(oil, "1 kg", "5"))
        .await;
    undo(&t, ours, three.id).await.unwrap();
    assert!(
        item(&t, ours, "Olive Oil")
            .await
            .unwrap()
            .archived_at
            .is_none()
    );
    assert_eq!(t.on_hand(ours, oil).await, (1_000_000_000, 5_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_in_use_stays_and_says_why() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let bought = run(&t, ours, &purchases(OILS)).await.unwrap();
    let recipes =
        "recipe,yield_quantity,yield_unit,item,quantity,unit\nBar,10,ct,Olive Oil,100,g\n";
    let cooked = run(&t, ours, &file(ImportKind::Recipes, recipes))
        .await
        .unwrap();
    let oil = item(&t, ours, "Olive Oil").await.unwrap().id;
    let used = t
        .take_out(ours, adjustment(oil, ActionKind::Use, "5 g"))
        .await
        .unwrap();
    let refused = undo(&t, ours, bought.id).await.unwrap_err();
    let lot = t.lots_of(ours, oil).await.remove(0).code;
    assert!(
        matches!(&refused, ImportError::Inventory(InventoryError::Depended { action, .. }) if *action == used.action),
        "{refused}"
    );
    assert!(
        refused.detail().contains(&lot) && refused.kind() == Kind::Conflict,
        "{refused}"
    );
    assert_eq!(
        t.on_hand(ours, item(&t, ours, "Castor Oil").await.unwrap().id)
            .await
            .0,
        2_000_000_000,
        "none of it went"
    );

    let recipe = *cooked.recipes.first().unwrap();
    t.commit(ours, async |tx| {
        batchtrack_core::batches::start(tx, batch_of(recipe, "1")).await
    })
    .await;
    let refused = undo(&t, ours, cooked.id).await.unwrap_err();
    assert!(
        matches!(&refused, ImportError::Recipe(RecipeError::InUse { name }) if name == "Bar"),
        "{refused}"
    );

    undo_action(&t, ours, used.action).await.unwrap();
    assert!(
        undo(&t, ours, bought.id).await.is_err(),
        "the batch holds some of it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_that_name_the_same_new_items_do_not_hurt_each_other() {
    let t = TestDb::with_pool(8).await;
    let ours = t.organization("Acme").await;
    let head = "item,quantity,unit,total_cost\n";
    let names: Vec<String> = (0..40).map(|n| format!("Thing {n},1,g,1\n")).collect();
    let forth = purchases(&(head.to_owned() + &names.concat()));
    let back = purchases(&(head.to_owned() + &names.iter().rev().cloned().collect::<String>()));
    for _ in 0..3 {
        let (one, two) = tokio::join!(run(&t, ours, &forth), run(&t, ours, &back));
        let refused: Vec<ImportError> = [one, two].into_iter().filter_map(Result::err).collect();
        for error in &refused {
            let ImportError::Problems(notes) = error else {
                panic!("{error}")
            };
            assert!(
                said(notes).iter().all(|(line, column, text)| *line > 1
                    && *column == "item"
                    && text.contains("already")),
                "{notes:?}"
            );
        }
    }
    assert_eq!(t.discrepancies(ours).await, []);

    t.product_category("Uncategorized").await;
    let head = "recipe,yield_quantity,yield_unit,item,quantity,unit\n";
    let lines: Vec<String> = (0..20)
        .map(|n| format!("Same Word {n},1,ct,Thing {n},1,g\n"))
        .collect();
    let forth = file(ImportKind::Recipes, &(head.to_owned() + &lines.concat()));
    let back = file(
        ImportKind::Recipes,
        &(head.to_owned() + &lines.iter().rev().cloned().collect::<String>()),
    );
    let (one, two) = tokio::join!(run(&t, ours, &forth), run(&t, ours, &back));
    let refused: Vec<ImportError> = [one, two].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        matches!(
            refused.first().unwrap().kind(),
            Kind::Invalid | Kind::Conflict | Kind::Unavailable
        ),
        "{refused:?}"
    );
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

/// A year of a busy shop, in as many statements as two lines take.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_cost_as_many_statements_as_two() {
    let t = TestDb::new().await;
    let small = t.organization("Small").await;
    let (done, few) = statements::counted(run(&t, small, &purchases(OILS))).await;
    let id = done.unwrap().id;
    let (done, few_back) = statements::counted(undo(&t, small, id)).await;
    done.unwrap();

    let ours = t.organization("Busy").await;
    let mut text = String::from("item,quantity,unit,total_cost,category\n");
    for n in 0..10_000 {
        writeln!(text, "Item {},{}.5,g,1.01,Waxes", n % 4_000, n + 1).unwrap();
    }
    let upload = purchases(&text);
    let started = Instant::now();
    let (done, many) = statements::counted(run(&t, ours, &upload)).await;
    let (imported, taken) = (done.unwrap(), started.elapsed());
    assert_eq!(
        (imported.actions.len(), imported.new_items.len()),
        (10_000, 4_000)
    );
    assert!(many <= few, "{many} statements, {few} for two rows");
    let started = Instant::now();
    let (done, many_back) = statements::counted(undo(&t, ours, imported.id)).await;
    let taken_back = started.elapsed();
    done.unwrap();
    assert!(
        many_back <= few_back,
        "{many_back} statements, {few_back} for two rows"
    );
    // No budget, but a statement may take fifteen seconds at most.
    assert!(
        taken.max(taken_back) < Duration::from_mins(1),
        "{taken:?}, {taken_back:?}"
    );
    eprintln!(
        "10,000 rows: {taken:?} and {many} statements, back in {taken_back:?} and {many_back}"
    );
    assert_eq!(t.discrepancies(ours).await, []);
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
