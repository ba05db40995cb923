//! The shared library: filled once, found by any of its names, readable by everybody.
use batchtrack_core::{
    catalog::{self, Filled, LibraryFilter, LibraryType},
    inventory::{self, ItemType, NewItem},
    kernel::Cursor,
};
use batchtrack_testkit::{Role, TestDb, unit};
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};

async fn names(t: &TestDb, text: &str, item_type: Option<LibraryType>, most: u16) -> Vec<String> {
    let mut tx = t.system.begin().await.unwrap();
    let found = catalog::search(&mut tx, text, item_type, most)
        .await
        .unwrap();
    found.into_iter().map(|item| item.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shortest_name_comes_first_and_other_names_count() {
    let t = TestDb::new().await;
    let oils = names(&t, "oIL", Some(LibraryType::Ingredient), 25).await;
    assert_eq!(oils.len(), 25);
    assert!(
        oils.is_sorted_by_key(|name| name.chars().count()),
        "{oils:?}"
    );
    assert_eq!(
        names(&t, "evoo", None, 25).await,
        ["Olive Oil (Extra Virgin)"]
    );
    assert!(
        names(&t, "lye", None, 25)
            .await
            .contains(&"Sodium Hydroxide".to_owned())
    );
    assert_eq!(
        names(&t, "boston round bottle", None, 25).await,
        ["Amber Boston Round Glass Bottle - 4 floz"]
    );
    assert!(
        names(&t, "glass", Some(LibraryType::Ingredient), 25)
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wildcards_and_oddities_mean_themselves() {
    let t = TestDb::new().await;
    for odd in ["_", "\\", "🧼", "'; DROP TABLE global_items; --", "a%e"] {
        assert!(names(&t, odd, None, 25).await.is_empty(), "{odd}");
    }
    // "1% Solution" is the name of something.
    let percent = names(&t, "%", None, 25).await;
    assert!(!percent.is_empty() && percent.len() < 25, "{percent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_goes_on_where_it_stopped() {
    let t = TestDb::new().await;
    let mut tx = t.system.begin().await.unwrap();
    let filter = LibraryFilter {
        item_type: Some(LibraryType::Ingredient),
        ..LibraryFilter::default()
    };
    let (mut seen, mut after): (Vec<String>, Option<Cursor>) = (vec![], None);
    loop {
        let page = catalog::list(&mut tx, &filter, after.as_ref(), 7)
            .await
            .unwrap();
        seen.extend(page.rows.into_iter().map(|item| item.name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let whole = catalog::list(&mut tx, &filter, None, 1_000)
        .await
        .unwrap()
        .rows;
    assert_eq!(
        seen,
        whole
            .iter()
            .map(|item| item.name.clone())
            .collect::<Vec<_>>()
    );
    assert!(seen.len() > 150, "{}", seen.len());

    let waxes = catalog::categories(&mut tx)
        .await
        .unwrap()
        .into_iter()
        .find(|c| c.name == "Waxes")
        .unwrap();
    let filter = LibraryFilter {
        category_id: Some(waxes.id),
        search: Some("bees".to_owned()),
        ..filter
    };
    let found = catalog::list(&mut tx, &filter, None, 50)
        .await
        .unwrap()
        .rows;
    assert_eq!(found.len(), 2);
    let first = found.as_slice().first().unwrap();
    assert_eq!(
        (
            first.category.as_deref(),
            first.density.unwrap().to_string().as_str()
        ),
        (Some("Waxes"), "0.96")
    );
    assert_eq!(
        catalog::item(&mut tx, first.id).await.unwrap().as_ref(),
        Some(first)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn filling_again_mends_what_is_ours_and_leaves_the_rest() {
    let t = TestDb::new().await;
    assert_eq!(
        catalog::fill(&t.owner_url()).await.unwrap(),
        Filled::default()
    );
    let mut owner = t.owner_conn().await;
    owner
        .batch_execute(
            "UPDATE global_items SET density = 1 WHERE name = 'Honey'; DELETE FROM global_items WHERE name = 'Molasses (Blackstrap)';
             INSERT INTO global_items (name, item_type, default_unit) VALUES ('House Blend', 'ingredient', 'gram');
             DELETE FROM product_categories WHERE name = 'Candles'",
        )
        .await
        .unwrap();
    // Two at once take turns.
    let (url, again) = (t.owner_url(), t.owner_url());
    let (one, two) = tokio::join!(catalog::fill(&url), catalog::fill(&again));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(
        (one.categories + two.categories, one.entries + two.entries),
        (1, 2)
    );
    assert_eq!(names(&t, "house blend", None, 5).await, ["House Blend"]);
}

#[derive(diesel::QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// The library has no fence, so for the roles that services use the index is there to be used.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_can_use_its_index() {
    let t = TestDb::new().await;
    for role in [Role::App, Role::System] {
        let mut conn = t.conn(role).await;
        conn.batch_execute("SET enable_seqscan = off")
            .await
            .unwrap();
        let plan: Vec<Plan> = diesel::sql_query(
            "EXPLAIN SELECT id FROM global_items
             WHERE lower(global_items.name || '; ' || global_items.aliases) LIKE lower('%lavender%')",
        )
        .load(&mut conn)
        .await
        .unwrap();
        assert!(
            plan.iter().any(|p| p.line.contains("global_items_search")),
            "{role:?}"
        );
        assert!(
            conn.batch_execute("UPDATE global_items SET density = 1")
                .await
                .is_err()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_finds_the_item_it_became_in_its_own_organisation() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Other").await);
    let mut tx = t.begin(ours).await;
    let honey = catalog::search(&mut tx, "raw honey", None, 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(catalog::kept_as(&mut tx, honey.id).await.unwrap(), None);
    let new = NewItem {
        global_item_id: Some(honey.id.get()),
        ..NewItem::new(
            "Grandma's Honey".parse().unwrap(),
            ItemType::Ingredient,
            unit("kg"),
        )
    };
    let item = inventory::create_item(&mut tx, new).await.unwrap();
    assert_eq!(
        catalog::kept_as(&mut tx, honey.id).await.unwrap(),
        Some(item)
    );
    tx.commit().await.unwrap();
    let mut tx = t.begin(theirs).await;
    assert_eq!(catalog::kept_as(&mut tx, honey.id).await.unwrap(), None);
}
