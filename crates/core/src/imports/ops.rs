use super::{
    ImportError,
    model::{Field, Import, ImportKind, Note, Preview, Severity, Upload},
    purchases, queries, recipes,
    sheet::Sheet,
};
use crate::{
    inventory::{self, ActionKind, InventoryError, Item, NewItem, Receipt},
    kernel::ids::{ActionId, ImportId, ItemId, RecipeId},
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
    recipes as recipe_room,
};
use serde_json::json;
use std::collections::BTreeMap;

/// Lines of the file that a preview shows.
const SAMPLE: usize = 10;

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub id: ImportId,
    pub rows: usize,
    pub new_items: Vec<ItemId>,
    /// The receipts of a file of purchases.
    pub actions: Vec<ActionId>,
    pub recipes: Vec<RecipeId>,
    pub warnings: Vec<Note>,
}

enum Plan {
    Purchases(purchases::Plan, BTreeMap<String, Item>),
    Recipes(Vec<recipes::Draft>),
}

/// Says what would come of a file, and every problem in it by line and column. Changes nothing.
pub async fn preview(tx: &mut OrgTx, upload: &Upload) -> Result<Preview, ImportError> {
    let (sheet, plan) = read(tx, upload).await?;
    let (things, new_items) = match &plan {
        Plan::Purchases(plan, _) => {
            let names = plan.unborn.values().map(|item| item.name.to_string());
            (plan.purchases.len(), names.collect())
        }
        Plan::Recipes(drafts) => (drafts.len(), Vec::new()),
    };
    Ok(Preview {
        rows: sheet.rows.len(),
        things,
        new_items,
        sample: sheet
            .rows
            .iter()
            .take(SAMPLE)
            .map(|row| (row.line, row.cells.clone()))
            .collect(),
        headings: sheet.headings,
        mapping: sheet.mapping,
        notes: sheet.notes,
    })
}

/// Takes a file in whole, or not at all and says what is wrong with it.
#[tracing::instrument(name = "core.imports.run", skip_all, fields(kind = %upload.kind), err(level = "debug"))]
pub async fn run(tx: &mut OrgTx, upload: &Upload) -> Result<Imported, ImportError> {
    let (sheet, plan) = read(tx, upload).await?;
    let (errors, warnings): (Vec<Note>, Vec<Note>) = sheet
        .notes
        .iter()
        .cloned()
        .partition(|note| note.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(ImportError::Problems(errors));
    }
    let rows = sheet.rows.len();
    let mut imported = match plan {
        Plan::Purchases(plan, existing) => {
            take_purchases(tx, upload, &sheet, plan, existing).await?
        }
        Plan::Recipes(drafts) => take_recipes(tx, upload, &sheet, drafts).await?,
    };
    imported.warnings = warnings;
    let properties = json!({
        "kind": upload.kind,
        "file_name": upload.file_name,
        "rows": rows,
        "new_items": imported.new_items.len(),
    });
    let event = NewEvent::new(Event::ImportCompleted, imported.id.get(), properties);
    outbox::emit(tx, vec![event]).await?;
    Ok(imported)
}

async fn read(tx: &mut OrgTx, upload: &Upload) -> Result<(Sheet, Plan), ImportError> {
    let mut sheet = Sheet::read(upload)?;
    let names: Vec<String> = sheet
        .rows
        .iter()
        .map(|row| row.get(Field::Item).to_owned())
        .collect();
    let existing = inventory::items_by_names(tx, names.iter().map(String::as_str)).await?;
    let plan = match upload.kind {
        ImportKind::Purchases => {
            let categories = inventory::categories(tx).await?;
            let now = tx.now();
            Plan::Purchases(
                purchases::plan(&mut sheet, &existing, &categories, now),
                existing,
            )
        }
        ImportKind::Recipes => {
            let categories = recipe_room::product_categories(tx).await?;
            let names = sheet
                .rows
                .iter()
                .map(|row| row.get(Field::Recipe).to_lowercase())
                .collect();
            let taken = queries::recipe_names_taken(tx, names).await?;
            Plan::Recipes(recipes::plan(&mut sheet, &existing, &categories, &taken))
        }
    };
    sheet.notes.sort_by_key(|note| note.line);
    Ok((sheet, plan))
}

async fn take_purchases(
    tx: &mut OrgTx,
    upload: &Upload,
    sheet: &Sheet,
    plan: purchases::Plan,
    existing: BTreeMap<String, Item>,
) -> Result<Imported, ImportError> {
    let mut ids: BTreeMap<String, ItemId> = BTreeMap::new();
    let mut restored = Vec::new();
    for (name, item) in existing {
        if item.archived_at.is_some() {
            restored.push(item.id);
        }
        ids.insert(name, item.id);
    }
    inventory::restore_items(tx, restored.clone()).await?;
    let (names, unborn): (Vec<_>, Vec<_>) = plan
        .unborn
        .into_iter()
        .map(|(name, item)| {
            let new = NewItem {
                density: item.density,
                category_id: item.category_id,
                ..NewItem::new(item.name, item.item_type, item.unit)
            };
            (name, new)
        })
        .unzip();
    // A name that was free a moment ago may have been taken since, by another import perhaps.
    let new_items = inventory::create_items(tx, unborn)
        .await
        .map_err(|(at, error)| {
            let first = names
                .get(at)
                .and_then(|name| plan.purchases.iter().find(|p| p.item == *name));
            refused(sheet, first.map(|p| &p.line), Field::Item, error.into())
        })?;
    ids.extend(names.into_iter().zip(new_items.iter().copied()));
    let brought: Vec<ItemId> = new_items.iter().chain(&restored).copied().collect();
    let id = queries::insert(
        tx,
        upload.kind,
        &upload.file_name,
        sheet.rows.len(),
        &brought,
    )
    .await?;
    let lines: Vec<u64> = plan
        .purchases
        .iter()
        .map(|purchase| purchase.line)
        .collect();
    let mut receipts = Vec::with_capacity(plan.purchases.len());
    for purchase in plan.purchases {
        receipts.push(Receipt {
            item: *ids.get(&purchase.item).ok_or(InventoryError::NoItem)?,
            kind: ActionKind::Restock,
            amount: purchase.amount,
            unit: purchase.unit,
            cost: purchase.cost,
            received_at: purchase.received_at,
            expires_at: purchase.expires_at,
            supplier: purchase.supplier,
            note: purchase.note,
            import: Some(id),
        });
    }
    let recorded = inventory::receive_many(tx, receipts)
        .await
        .map_err(|(at, error)| refused(sheet, lines.get(at), Field::Quantity, error.into()))?;
    Ok(Imported {
        id,
        rows: sheet.rows.len(),
        new_items,
        actions: recorded.into_iter().map(|r| r.action).collect(),
        recipes: Vec::new(),
        warnings: Vec::new(),
    })
}

async fn take_recipes(
    tx: &mut OrgTx,
    upload: &Upload,
    sheet: &Sheet,
    mut drafts: Vec<recipes::Draft>,
) -> Result<Imported, ImportError> {
    let id = queries::insert(tx, upload.kind, &upload.file_name, sheet.rows.len(), &[]).await?;
    // In one order, so that two imports of the same recipes wait for each other in one direction.
    drafts.sort_by_key(|draft| draft.recipe.name.as_str().to_lowercase());
    let lines: Vec<u64> = drafts.iter().map(|draft| draft.line).collect();
    let new = drafts
        .into_iter()
        .map(|draft| recipe_room::NewRecipe {
            import: Some(id),
            ..draft.recipe
        })
        .collect();
    let created = recipe_room::create_many(tx, new)
        .await
        .map_err(|(at, error)| refused(sheet, lines.get(at), Field::Recipe, error.into()))?;
    Ok(Imported {
        id,
        rows: sheet.rows.len(),
        new_items: Vec::new(),
        actions: Vec::new(),
        recipes: created,
        warnings: Vec::new(),
    })
}

/// What the plan could not foresee, said like the rest: by line and column.
fn refused(sheet: &Sheet, line: Option<&u64>, field: Field, error: ImportError) -> ImportError {
    use crate::kernel::{Fault as _, Kind};
    if !matches!(error.kind(), Kind::Invalid | Kind::Conflict) {
        return error;
    }
    ImportError::Problems(vec![Note {
        severity: Severity::Error,
        line: line.copied().unwrap_or(1),
        column: sheet.mapping.get(&field).cloned().unwrap_or_default(),
        message: error.detail().into_owned(),
    }])
}

/// Takes an import back whole: receipts are reversed, recipes deleted, and items that it brought
/// and nothing else uses are archived. Refused while anything depends on any of it.
#[tracing::instrument(name = "core.imports.undo", skip_all, fields(import.id = %id), err(level = "debug"))]
pub async fn undo(tx: &mut OrgTx, id: ImportId) -> Result<Import, ImportError> {
    let import = queries::lock(tx, id).await?.ok_or(ImportError::NoImport)?;
    if import.undone_at.is_some() {
        return Err(ImportError::AlreadyUndone);
    }
    match import.kind {
        ImportKind::Purchases => {
            let actions = inventory::actions_of_import(tx, id).await?;
            inventory::reverse_many(tx, &actions, ActionKind::Reversal).await?;
        }
        ImportKind::Recipes => {
            let recipes = recipe_room::of_import(tx, id).await?;
            recipe_room::withdraw(tx, &recipes).await?;
        }
    }
    let unused = queries::unused(tx, &import).await?;
    inventory::archive_items(tx, unused).await?;
    queries::set_undone(tx, id).await?;
    let properties = json!({ "kind": import.kind, "rows": import.row_count });
    let event = NewEvent::new(Event::ImportUndone, id.get(), properties);
    outbox::emit(tx, vec![event]).await?;
    Ok(import)
}
