use batchtrack_core::{
    inventory::{self, ActionKind, InventoryError, ItemType},
    kernel::{Fault as _, Quantity},
    products::{self, NewProduct, NewSku},
    recipes::{self, LineKind, NewRecipe, RecipeError},
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, money, recipe};

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_keeps_its_lines_as_they_were_written_and_says_what_it_costs() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "3 kg", "10").await;
    let lye = t.item(ours, "Lye", "g").await;
    let id = t
        .recipe(ours, "Oat & Honey Soap", &[(oil, "1.5 lb"), (lye, "70 g")])
        .await;
    let mut tx = t.begin(ours).await;
    let made = recipes::recipe(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(
        (made.name.as_str(), made.version_number, made.is_current),
        ("Oat & Honey Soap", 1, true)
    );
    let lines = recipes::lines(&mut tx, id).await.unwrap();
    let written: Vec<_> = lines
        .iter()
        .map(|l| (l.position, l.amount.to_string(), l.unit.as_str()))
        .collect();
    assert_eq!(
        written,
        [(1, "1.5".to_owned(), "pound"), (2, "70".to_owned(), "gram")]
    );

    let items = inventory::items_by_ids(&mut tx, vec![oil, lye])
        .await
        .unwrap();
    let cost = recipes::cost(&made, &lines, &items);
    // 1.5 lb is 680.388 g of 3000 g for 10.
    assert_eq!(cost.lines, [Some(money("2.26796")), None]);
    assert_eq!(
        (cost.total, cost.is_complete, cost.per_unit),
        (money("2.26796"), false, Some(money("2.26796")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_that_makes_no_sense_is_refused_line_by_line() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    let oil = t.item(ours, "Olive Oil", "g").await;
    let gone = t.item(ours, "Gone", "g").await;
    t.commit(ours, async |tx| inventory::archive_item(tx, gone).await)
        .await;
    let new = NewProduct {
        name: "Soap".parse().unwrap(),
        category_id: None,
        sku: NewSku::each(),
    };
    let (_, sku) = t
        .commit(ours, async |tx| products::create(tx, new).await)
        .await;
    let mut tx = t.begin(ours).await;
    let product = products::sku(&mut tx, sku).await.unwrap().unwrap().item.id;
    drop(tx);
    let create = async |new: NewRecipe| {
        let done = t
            .attempt(ours, async |tx| recipes::create(tx, new).await)
            .await;
        let error = done.unwrap_err();
        (
            error.code(),
            error.field().map(std::borrow::Cow::into_owned),
            error,
        )
    };
    let soap = || recipe("Soap", &[(oil, "1 g")]);
    let line = |item, quantity| recipe("Soap", &[(oil, "1 g"), (item, quantity)]);
    let at = |field: &str| Some(format!("lines[1].{field}"));

    let (code, field, _) = create(line(gone, "1 g")).await;
    assert_eq!((code, field), ("inventory.archived", at("item_id")));
    let (code, field, error) = create(line(product, "1 count")).await;
    assert_eq!(
        (code, field),
        ("recipes.wrong_type", at("item_id")),
        "{error}"
    );
    let (code, field, _) = create(line(oil, "2 g")).await;
    assert_eq!((code, field), ("recipes.twice", at("item_id")));
    let lye = t.item(ours, "Lye", "g").await;
    let (code, field, _) = create(line(lye, "1 ml")).await;
    assert_eq!((code, field), ("inventory.missing_density", at("unit")));
    let (code, field, _) = create(line(lye, "1 count")).await;
    assert_eq!(
        (code, field),
        ("inventory.unsupported_conversion", at("unit"))
    );
    let (code, field, _) = create(line(lye, "0 g")).await;
    assert_eq!((code, field), ("inventory.not_positive", at("amount")));
    let (code, field, _) = create(line(lye, "-1 g")).await;
    assert_eq!((code, field), ("inventory.not_positive", at("amount")));
    let (code, _, error) = create(line(lye, "9223372036854 ton")).await;
    assert_eq!(code, "inventory.unsupported_conversion", "{error}");

    assert!(matches!(
        create(recipe("Soap", &[])).await.2,
        RecipeError::NoIngredients
    ));
    let nothing = NewRecipe {
        yield_amount: Quantity::ZERO,
        ..soap()
    };
    assert!(matches!(create(nothing).await.2, RecipeError::NoYield));
    let no_category = NewRecipe {
        category_id: Some(-1),
        ..soap()
    };
    assert!(matches!(
        create(no_category).await.2,
        RecipeError::NoCategory
    ));
    let mut many = soap();
    many.lines = many.lines.iter().cycle().take(501).cloned().collect();
    assert!(matches!(
        create(many).await.2,
        RecipeError::TooManyLines { most: 500 }
    ));

    t.recipe(ours, "Soap", &[(oil, "1 g")]).await;
    assert!(matches!(
        create(recipe("SOAP", &[(oil, "1 g")])).await.2,
        RecipeError::NameTaken { .. }
    ));
    let mut tx = t.begin(ours).await;
    let all = recipes::list(&mut tx, &recipes::RecipeFilter::default(), None, 10)
        .await
        .unwrap()
        .rows;
    assert_eq!(all.len(), 1, "what was refused left nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_goes_only_while_no_batch_was_made_of_it() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "3 kg", "10").await;
    let (made, unused) = (
        t.recipe(ours, "Soap", &[(oil, "1 g")]).await,
        t.recipe(ours, "Balm", &[(oil, "1 g")]).await,
    );
    t.commit(ours, async |tx| {
        batchtrack_core::batches::start(tx, batch_of(made, "1")).await
    })
    .await;
    let mut tx = t.begin(ours).await;
    let made = recipes::recipe(&mut tx, made).await.unwrap().unwrap();
    let unused = recipes::recipe(&mut tx, unused).await.unwrap().unwrap();
    drop(tx);
    let both = [made.clone(), unused.clone()];
    let refused = t
        .attempt(ours, async |tx| recipes::withdraw(tx, &both).await)
        .await;
    assert!(matches!(refused, Err(RecipeError::InUse { name }) if name == "Soap"));
    t.commit(ours, async |tx| {
        recipes::withdraw(tx, std::slice::from_ref(&unused)).await
    })
    .await;
    let mut tx = t.begin(ours).await;
    assert_eq!(recipes::recipe(&mut tx, unused.id).await.unwrap(), None);
    drop(tx);
    t.recipe(ours, "Balm", &[(oil, "1 g")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_scaled_and_converted_before_it_is_rounded() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut oil = batchtrack_testkit::ingredient("Lavender", "ml");
    oil.density = "0.885".parse().ok();
    oil.item_type = ItemType::Ingredient;
    let oil = t
        .commit(ours, async |tx| inventory::create_item(tx, oil).await)
        .await;
    t.receive(ours, batchtrack_testkit::receipt(oil, "1 l", "100"))
        .await;
    let id = t.recipe(ours, "Mist", &[(oil, "48 g")]).await;
    for (scale, taken) in [("1", 54_237_288), ("3", 162_711_864), ("7", 379_661_017)] {
        let started = t
            .commit(ours, async |tx| {
                batchtrack_core::batches::start(tx, batch_of(id, scale)).await
            })
            .await;
        let mut tx = t.begin(ours).await;
        let lines = batchtrack_core::batches::lines(&mut tx, started.id)
            .await
            .unwrap();
        assert_eq!(lines[0].quantity.get(), taken);
    }
    let all = t
        .take_out(ours, adjustment(oil, ActionKind::Use, "1 l"))
        .await;
    assert!(matches!(all, Err(InventoryError::Short { .. })));
    // An item may play two parts.
    let mut both = recipe("Jar", &[(oil, "1 ml"), (oil, "2 ml")]);
    both.lines[1].kind = LineKind::Consumable;
    t.commit(ours, async |tx| recipes::create(tx, both).await)
        .await;
}
