//! Searches in an organisation that has too much to read it all.
use batchtrack_core::{
    inventory::{self, ItemFilter, ItemType},
    kernel::ids::OrganizationId,
    platform::OrgTx,
    products,
    recipes::{self, RecipeFilter},
};
use batchtrack_testkit::{Size, TestDb, ingredient};

const SIZE: Size = Size {
    items: 12_000,
    uses_per_lot: 0,
};

async fn found(tx: &mut OrgTx, text: &str, of: Option<ItemType>) -> Vec<String> {
    let items = inventory::search(tx, text, of, 20).await.unwrap();
    items.into_iter().map(|item| item.name).collect()
}

async fn large() -> (TestDb, OrganizationId) {
    let t = TestDb::new().await;
    let ours = t.organization("Large").await;
    t.grow(ours, SIZE).await;
    for name in [
        "Lavender",
        "Peach Kernel",
        "Zebra Quill",
        "50% Lye",
        "Old Rope",
    ] {
        let new = ingredient(name, "g");
        let id = t
            .commit(ours, async |tx| inventory::create_item(tx, new).await)
            .await;
        if name == "Old Rope" {
            t.commit(ours, async |tx| inventory::archive_item(tx, id).await)
                .await;
        }
    }
    (t, ours)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_meant_comes_first_and_what_is_rare_is_found() {
    let (t, ours) = large().await;
    let mut tx = t.begin(ours).await;
    let ingredient = Some(ItemType::Ingredient);
    // Two thousand begin with it, and one is it.
    let all = found(&mut tx, "lavender", None).await;
    assert_eq!((all.len(), all[0].as_str()), (20, "Lavender"));
    assert!(all.is_sorted_by_key(|name| name.chars().count()));
    // In the middle of two thousand names, at the end of one, and in all SKUs but one ingredient.
    assert_eq!(found(&mut tx, "ende", ingredient).await.len(), 20);
    assert_eq!(found(&mut tx, "uill", None).await, ["Zebra Quill"]);
    assert_eq!(found(&mut tx, "each", ingredient).await, ["Peach Kernel"]);
    assert_eq!(found(&mut tx, "each", None).await.len(), 20);
    // Too short for trigrams: where a name or a word begins.
    assert_eq!(found(&mut tx, "ze", None).await, ["Zebra Quill"]);
    assert_eq!(found(&mut tx, "qu", None).await, ["Zebra Quill"]);
    assert_eq!(found(&mut tx, "o", ingredient).await.len(), 20);
    // Signs mean themselves.
    assert_eq!(found(&mut tx, "50% ly", None).await, ["50% Lye"]);
    assert_eq!(found(&mut tx, "5_% ly", None).await, [""; 0]);
    assert_eq!(found(&mut tx, "%lye%", None).await, [""; 0]);
    assert_eq!(found(&mut tx, "rope", None).await, [""; 0]);
    assert_eq!(found(&mut tx, "'; DROP TABLE", None).await, [""; 0]);
    assert_eq!(found(&mut tx, "", None).await.len(), 20);

    let archived = ItemFilter {
        search: Some("rope".to_owned()),
        archived: true,
        ..ItemFilter::default()
    };
    let page = inventory::items(&mut tx, &archived, None, 9).await.unwrap();
    assert_eq!(page.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_a_few_hundred_hits_a_page_at_a_time() {
    let (t, ours) = large().await;
    let mut tx = t.begin(ours).await;
    let filter = ItemFilter {
        search: Some("laven".to_owned()),
        ..ItemFilter::default()
    };
    let items = super::all(50, async |after| {
        inventory::items(&mut tx, &filter, after.as_ref(), 50)
            .await
            .unwrap()
    })
    .await;
    assert!((100..=300).contains(&items.len()), "{}", items.len());
    assert!(items.is_sorted_by_key(|item| item.name.to_lowercase()));
    assert!(items.iter().any(|item| item.name == "Lavender"));

    let wanted = |text: &str| RecipeFilter {
        search: Some(text.to_owned()),
        ..RecipeFilter::default()
    };
    let every = recipes::list(&mut tx, &RecipeFilter::default(), None, 1).await;
    let one = every.unwrap().rows.remove(0).recipe.name;
    let rare: String = one.chars().skip(10).take(12).collect();
    for text in [one.as_str(), rare.as_str()] {
        let rows = recipes::list(&mut tx, &wanted(text), None, 9)
            .await
            .unwrap()
            .rows;
        let names: Vec<_> = rows.iter().map(|row| row.recipe.name.as_str()).collect();
        assert_eq!(names, [one.as_str()]);
        let rows = products::list(&mut tx, Some(text), None, 9)
            .await
            .unwrap()
            .rows;
        let names: Vec<_> = rows.iter().map(|row| row.product.name.as_str()).collect();
        assert_eq!(names, [one.as_str()]);
        let skus = products::search(&mut tx, text, 9).await.unwrap();
        let names: Vec<_> = skus.iter().map(|sku| sku.product.as_str()).collect();
        assert_eq!(names, [one.as_str()]);
    }
    let rows = recipes::list(&mut tx, &wanted("recipe"), None, 500)
        .await
        .unwrap()
        .rows;
    assert_eq!(rows.len(), 300);
    let rows = products::list(&mut tx, Some("recipe"), None, 500)
        .await
        .unwrap()
        .rows;
    assert_eq!(rows.len(), 300);
}
