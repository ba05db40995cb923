//! Many rows, and many at once.
use super::{OILS, file, purchases, run, said, undo};
use batchtrack_core::{
    imports::{ImportError, ImportKind, Upload},
    platform::statements,
};
use batchtrack_testkit::TestDb;
use futures_util::future::join_all;
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

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
    assert!(
        matches!(refused.as_slice(), [ImportError::Problems(_)]),
        "{refused:?}"
    );
}

/// Recipes of these names, an ingredient each.
fn book(names: impl IntoIterator<Item = String>) -> Upload {
    let mut text = String::from("recipe,yield_quantity,yield_unit,item,quantity,unit\n");
    for name in names {
        writeln!(text, "{name},1,ct,Olive Oil,1,g").unwrap();
    }
    file(ImportKind::Recipes, &text)
}

/// Their prefixes are made of the same few letters, and each file needs them in an order of its own.
#[tokio::test(flavor = "multi_thread")]
async fn books_whose_recipes_want_each_others_prefixes_all_come_in() {
    let t = TestDb::with_pool(8).await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    run(&t, ours, &purchases(OILS)).await.unwrap();
    for round in 0..3 {
        let books: Vec<Upload> = (0..6)
            .map(|book_of| {
                book((0..20).map(|n| {
                    let letters = ["Lab", "Lbax", "Lz Ab", "La Bx Ax", "Lx Bc Ad", "Lb A"];
                    let word = letters[(n * (book_of + 1)) % letters.len()];
                    format!(
                        "{word} {}{round}{book_of}{n}",
                        ["a", "z", "m"][(n + book_of) % 3]
                    )
                }))
            })
            .collect();
        for done in join_all(books.iter().map(|book| run(&t, ours, book))).await {
            assert_eq!(done.unwrap().recipes.len(), 20);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_recipes_cost_as_many_statements_as_two() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    run(&t, ours, &purchases(OILS)).await.unwrap();
    let mut costs = vec![];
    for many in [2, 1_000] {
        let upload = book((0..many).map(|n| format!("Soap {many} of {n}")));
        let (done, there) = statements::counted(run(&t, ours, &upload)).await;
        let imported = done.unwrap();
        assert_eq!(imported.recipes.len(), many);
        let (done, back) = statements::counted(undo(&t, ours, imported.id)).await;
        done.unwrap();
        costs.push((there, back));
    }
    assert_eq!(costs, [(14, 12); 2]);
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
