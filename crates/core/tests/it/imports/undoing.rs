//! An import is taken back whole, while nothing depends on it.
use super::{OILS, file, item, purchases, run, undo};
use crate::inventory::undo as undo_action;
use batchtrack_core::{
    batches::{self, BatchError, BatchKey},
    imports::{self, ImportError, ImportKind},
    inventory::{ActionKind, InventoryError},
    kernel::{
        Fault as _, Kind,
        ids::{ImportId, OrganizationId, RecipeId},
    },
    recipes::{self, RecipeError, RecipeFilter},
};
use batchtrack_testkit::{TestDb, adjustment, batch_of};

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
        batches::start(tx, batch_of(recipe, "1")).await
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

/// Names and versions of the current recipes, those in the archive or the others.
async fn listed(t: &TestDb, ours: OrganizationId, archived: bool) -> Vec<(String, i32)> {
    let filter = RecipeFilter {
        archived,
        ..RecipeFilter::default()
    };
    let mut tx = t.begin(ours).await;
    let page = recipes::list(&mut tx, &filter, None, 10).await.unwrap();
    page.rows
        .into_iter()
        .map(|row| (row.recipe.name, row.recipe.version_number))
        .collect()
}

async fn start(t: &TestDb, ours: OrganizationId, recipe: RecipeId) -> batches::Started {
    t.commit(ours, async |tx| {
        batches::start(tx, batch_of(recipe, "1")).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_batch_holds_nothing_back_and_keeps_its_recipe() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    let bought = run(&t, ours, &purchases(OILS)).await.unwrap();
    let text = "recipe,yield_quantity,yield_unit,item,quantity,unit\n\
                Bar,10,ct,Olive Oil,100,g\nBalm,1,ct,Castor Oil,5,ml\n";
    let upload = file(ImportKind::Recipes, text);
    let first = run(&t, ours, &upload).await.unwrap();
    let mut made = None;
    for name in ["Bar", "Balm"] {
        let mut tx = t.begin(ours).await;
        let found = recipes::list(&mut tx, &RecipeFilter::default(), None, 9).await;
        let of = |row: &recipes::RecipeSummary| (row.recipe.name == name).then_some(row.recipe.id);
        made = made.or(found.unwrap().rows.iter().find_map(of));
    }
    let made = made.unwrap();
    let called_off = start(&t, ours, made).await;
    let undone = start(&t, ours, made).await;
    t.commit(ours, async |tx| batches::cancel(tx, called_off.id).await)
        .await;
    let refused = undo(&t, ours, first.id).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.kind()),
        ("recipes.in_use", Kind::Conflict)
    );
    let mut tx = t.begin(ours).await;
    let step = batches::last_step(&mut tx, undone.id)
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    undo_action(&t, ours, step.id).await.unwrap();

    undo(&t, ours, first.id).await.unwrap();
    assert_eq!(listed(&t, ours, false).await, []);
    assert_eq!(listed(&t, ours, true).await, [("Bar".to_owned(), 1)]);
    let mut tx = t.begin(ours).await;
    let record = batches::batch_page(&mut tx, &BatchKey::Id(called_off.id)).await;
    assert_eq!(record.unwrap().unwrap().lines.len(), 1);
    assert!(recipes::recipe_page(&mut tx, made).await.unwrap().is_some());
    assert_eq!(
        recipes::stocked_lines(&mut tx, made).await.unwrap().len(),
        1
    );
    drop(tx);
    let again = t
        .attempt(ours, async |tx| {
            batches::start(tx, batch_of(made, "1")).await
        })
        .await;
    assert!(
        matches!(again, Err(BatchError::Archived { .. })),
        "{again:?}"
    );
    // The stock goes too; that an archived recipe names them keeps no item on the lists.
    undo(&t, ours, bought.id).await.unwrap();
    for name in ["Olive Oil", "Castor Oil"] {
        let item = item(&t, ours, name).await.unwrap();
        assert!(item.archived_at.is_some(), "{name}");
    }

    // The same file once more: what lies in the archive gets a next version.
    run(&t, ours, &purchases(OILS)).await.unwrap();
    let second = run(&t, ours, &upload).await.unwrap();
    let all = [("Balm".to_owned(), 1), ("Bar".to_owned(), 2)];
    assert_eq!(listed(&t, ours, false).await, all);
    assert_eq!(listed(&t, ours, true).await, []);
    let taken = run(&t, ours, &upload).await.unwrap_err();
    assert!(matches!(taken, ImportError::Problems(_)), "{taken}");
    let labels = [
        called_off.label,
        start(&t, ours, *second.recipes.last().unwrap()).await.label,
    ];
    assert!(
        labels[0].starts_with("BAR1-") && labels[1].starts_with("BAR2-"),
        "{labels:?}"
    );
    let refused = undo(&t, ours, second.id).await.unwrap_err();
    assert_eq!(refused.code(), "recipes.in_use");
    assert_eq!(listed(&t, ours, false).await, all);
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_never_made_goes_and_the_one_before_it_stands_again() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    run(&t, ours, &purchases(OILS)).await.unwrap();
    let text = "recipe,yield_quantity,yield_unit,item,quantity,unit\nBar,10,ct,Olive Oil,100,g\n";
    let upload = file(ImportKind::Recipes, text);
    let first = run(&t, ours, &upload).await.unwrap();
    let batch = start(&t, ours, *first.recipes.first().unwrap()).await;
    t.commit(ours, async |tx| batches::cancel(tx, batch.id).await)
        .await;
    undo(&t, ours, first.id).await.unwrap();
    for _ in 0..2 {
        let second = run(&t, ours, &upload).await.unwrap();
        assert_eq!(listed(&t, ours, false).await, [("Bar".to_owned(), 2)]);
        undo(&t, ours, second.id).await.unwrap();
        assert_eq!(listed(&t, ours, false).await, []);
        assert_eq!(listed(&t, ours, true).await, [("Bar".to_owned(), 1)]);
    }
}
