//! Requests and answers of `/api/v1/imports`.
use batchtrack_core::imports::{Field, Import, Imported, Note, Preview};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A file to be taken in. It may also be sent as `multipart/form-data`: the parts `file`, `kind`,
/// `mapping` (this object as JSON text) and `dry_run`; then it may weigh 5 MB.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportIn {
    /// `purchases` or `recipes`.
    #[schema(example = "purchases")]
    pub kind: String,
    #[serde(default)]
    #[schema(example = "march.csv")]
    pub file_name: String,
    /// The text of the file: commas, semicolons or tabs between cells, the first line names the columns.
    #[schema(example = "item,quantity,unit,total_cost\nOlive Oil,35,lb,148.75\n")]
    pub content: String,
    /// Heading per field, where it isn't recognised by itself; an empty heading leaves the field out.
    #[serde(default)]
    #[schema(example = json!({ "item": "Material", "total_cost": "Paid" }))]
    pub mapping: BTreeMap<String, String>,
    /// Only look: answer with what would come of it.
    #[serde(default)]
    pub dry_run: bool,
}

/// Something to say about one cell.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoteOut {
    /// `error`: nothing is taken in while there is one. `warning`: as you wish.
    #[schema(example = "error")]
    pub severity: &'static str,
    /// Of the file; the headings are line 1.
    #[schema(example = 7)]
    pub line: u64,
    /// The heading; empty for the line as a whole.
    #[schema(example = "unit")]
    pub column: String,
    #[schema(
        example = "The unit “furlong” is not known. Use one such as g, kg, oz, lb, ml, floz or count."
    )]
    pub message: String,
}

impl NoteOut {
    pub(super) fn of(note: &Note) -> Self {
        Self {
            severity: note.severity.as_str(),
            line: note.line,
            column: note.column.clone(),
            message: note.message.clone(),
        }
    }
}

/// What would come of a file. Nothing was changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewOut {
    pub rows: usize,
    /// Receipts or recipes.
    pub things: usize,
    /// Names of items that would be created.
    pub new_items: Vec<String>,
    pub notes: Vec<NoteOut>,
    /// Which heading was taken for which field.
    pub mapping: BTreeMap<&'static str, String>,
    pub headings: Vec<String>,
    pub has_errors: bool,
}

impl PreviewOut {
    pub(super) fn of(preview: Preview) -> Self {
        Self {
            has_errors: preview.has_errors(),
            rows: preview.rows,
            things: preview.things,
            notes: preview.notes.iter().map(NoteOut::of).collect(),
            mapping: preview
                .mapping
                .into_iter()
                .map(|(field, heading): (Field, String)| (field.as_str(), heading))
                .collect(),
            headings: preview.headings,
            new_items: preview.new_items,
        }
    }
}

/// A file that was taken in whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedOut {
    /// `POST /api/v1/imports/{id}/undo` takes it all back.
    pub id: i64,
    pub rows: usize,
    /// Ids of the items that did not exist before.
    pub new_items: Vec<i64>,
    /// Of a file of purchases: one receipt per row.
    pub action_ids: Vec<i64>,
    /// Of a file of recipes.
    pub recipe_ids: Vec<i64>,
    pub warnings: Vec<NoteOut>,
}

impl ImportedOut {
    pub(super) fn of(imported: &Imported) -> Self {
        Self {
            id: imported.id.get(),
            rows: imported.rows,
            new_items: imported.new_items.iter().map(|id| id.get()).collect(),
            action_ids: imported.actions.iter().map(|id| id.get()).collect(),
            recipe_ids: imported.recipes.iter().map(|id| id.get()).collect(),
            warnings: imported.warnings.iter().map(NoteOut::of).collect(),
        }
    }
}

/// A file that was taken in once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOut {
    pub id: i64,
    #[schema(example = "purchases")]
    pub kind: &'static str,
    pub file_name: String,
    pub rows: i32,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub undone_at: Option<DateTime<Utc>>,
}

impl ImportOut {
    pub(super) fn of(import: &Import) -> Self {
        Self {
            id: import.id.get(),
            kind: import.kind.as_str(),
            file_name: import.file_name.clone(),
            rows: import.row_count,
            created_at: import.created_at,
            created_by: import
                .created_by
                .map(batchtrack_core::kernel::ids::UserId::get),
            undone_at: import.undone_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ImportsQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}
