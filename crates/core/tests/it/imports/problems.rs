//! What is wrong with a file is said by line and column, and nothing of it is taken in.
use super::{OILS, file, item, purchases, run, said};
use batchtrack_core::{
    imports::{self, Field, ImportError, ImportKind, Severity},
    kernel::{Fault as _, Kind},
};
use batchtrack_testkit::TestDb;
use std::fmt::Write as _;

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
