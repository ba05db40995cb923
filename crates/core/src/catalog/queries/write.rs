//! Filling the library: as the owner, under the migrators' lock, one `MERGE` per table.
use super::super::{
    CatalogError, Filled,
    files::{Category, Entry, Library, ProductCategory},
};
use crate::{
    kernel::StoreError,
    platform::{connect::establish, prepared::statements},
};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};

statements! {
    MergeCategories:
        "MERGE INTO ingredient_categories c
         USING unnest($1, $2) AS s (name, density) ON c.name = s.name
         WHEN MATCHED AND c.default_density IS DISTINCT FROM s.density THEN UPDATE SET default_density = s.density
         WHEN NOT MATCHED THEN INSERT (name, default_density) VALUES (s.name, s.density)";
    MergeProductCategories:
        "MERGE INTO product_categories c
         USING unnest($1, $2) AS s (name, portioned) ON c.name = s.name
         WHEN MATCHED AND c.is_typically_portioned <> s.portioned THEN
             UPDATE SET is_typically_portioned = s.portioned
         WHEN NOT MATCHED THEN INSERT (name, is_typically_portioned) VALUES (s.name, s.portioned)";
    MergeEntries:
        "MERGE INTO global_items g
         USING (
             SELECT s.*, c.id AS category_id
             FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS s (
                 name, item_type, category, default_unit, density, inci_name, cas_number, shelf_life_days, aliases,
                 capacity, capacity_unit, material, kind, style, color)
             LEFT JOIN ingredient_categories c ON c.name = s.category
         ) s ON g.item_type = s.item_type AND g.name = s.name
         WHEN MATCHED AND (g.category_id, g.default_unit, g.density, g.inci_name, g.cas_number, g.shelf_life_days,
                 g.aliases, g.capacity, g.capacity_unit, g.container_material, g.container_type, g.container_style,
                 g.container_color)
             IS DISTINCT FROM (s.category_id, s.default_unit, s.density, s.inci_name, s.cas_number, s.shelf_life_days,
                 s.aliases, s.capacity, s.capacity_unit, s.material, s.kind, s.style, s.color) THEN
             UPDATE SET category_id = s.category_id, default_unit = s.default_unit, density = s.density,
                 inci_name = s.inci_name, cas_number = s.cas_number, shelf_life_days = s.shelf_life_days,
                 aliases = s.aliases, capacity = s.capacity, capacity_unit = s.capacity_unit,
                 container_material = s.material, container_type = s.kind, container_style = s.style,
                 container_color = s.color
         WHEN NOT MATCHED THEN
             INSERT (name, item_type, category_id, default_unit, density, inci_name, cas_number, shelf_life_days,
                 aliases, capacity, capacity_unit, container_material, container_type, container_style, container_color)
             VALUES (s.name, s.item_type, s.category_id, s.default_unit, s.density, s.inci_name, s.cas_number,
                 s.shelf_life_days, s.aliases, s.capacity, s.capacity_unit, s.material, s.kind, s.style, s.color)";
}

pub(in super::super) async fn fill(
    owner_url: &str,
    library: &Library,
) -> Result<Filled, CatalogError> {
    let mut conn = establish(owner_url).await?;
    // `MERGE` alone is no match for another at the same time. A connection that is dropped rolls back.
    conn.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7301002)")
        .await?;
    let filled = Filled {
        categories: merge_categories(&mut conn, &library.categories).await?
            + merge_product_categories(&mut conn, &library.product_categories).await?,
        entries: merge_entries(&mut conn, &library.entries).await?,
    };
    conn.batch_execute("COMMIT").await?;
    Ok(filled)
}

async fn merge_categories(
    conn: &mut AsyncPgConnection,
    categories: &[Category],
) -> Result<usize, StoreError> {
    let (names, densities): (Vec<_>, Vec<_>) = categories
        .iter()
        .map(|c| (c.name.clone(), c.density))
        .unzip();
    Ok(MergeCategories::prepared()
        .bind::<Array<Text>, _>(names)
        .bind::<Array<BigInt>, _>(densities)
        .execute(conn)
        .await?)
}

async fn merge_product_categories(
    conn: &mut AsyncPgConnection,
    categories: &[ProductCategory],
) -> Result<usize, StoreError> {
    let (names, portioned): (Vec<_>, Vec<_>) = categories
        .iter()
        .map(|c| (c.name.clone(), c.is_portioned))
        .unzip();
    Ok(MergeProductCategories::prepared()
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Bool>, _>(portioned)
        .execute(conn)
        .await?)
}

async fn merge_entries(
    conn: &mut AsyncPgConnection,
    entries: &[Entry],
) -> Result<usize, StoreError> {
    fn column<T>(entries: &[Entry], of: impl Fn(&Entry) -> T) -> Vec<T> {
        entries.iter().map(of).collect()
    }
    Ok(MergeEntries::prepared()
        .bind::<Array<Text>, _>(column(entries, |e| e.name.clone()))
        .bind::<Array<Text>, _>(column(entries, |e| e.item_type))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.category.clone()))
        .bind::<Array<Text>, _>(column(entries, |e| e.unit.name))
        .bind::<Array<Nullable<BigInt>>, _>(column(entries, |e| e.density))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.inci_name.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.cas_number.clone()))
        .bind::<Array<Nullable<Integer>>, _>(column(entries, |e| e.shelf_life_days))
        .bind::<Array<Text>, _>(column(entries, |e| e.aliases.clone()))
        .bind::<Array<Nullable<BigInt>>, _>(column(entries, |e| e.capacity))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.capacity_unit))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.material.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.container_type.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.style.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |e| e.color.clone()))
        .execute(conn)
        .await?)
}
