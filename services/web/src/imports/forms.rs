//! An upload as it arrives in a form.
use crate::{extract::Fields, problem::Problem};
use batchtrack_core::imports::{Field, ImportKind, Upload};
use std::collections::BTreeMap;

const LONGEST_NAME: usize = 128;

/// The name of the select for a field.
pub(super) fn column(field: Field) -> String {
    format!("column.{field}")
}

/// Reads kind, file and columns. The file may come as a file, or as text: typed, or as the page before read it.
pub(super) fn upload(fields: &Fields) -> Result<Upload, Problem> {
    let kind = kind(fields.text("kind"))?;
    let sent = fields
        .file("file")
        .filter(|file| !file.content.is_empty() || !file.name.is_empty());
    let (name, content) = match (sent, fields.get("content")) {
        (Some(file), _) => (file.name.as_str(), file.content.to_vec()),
        (None, Some(text)) if !text.trim().is_empty() => {
            (fields.text("file_name"), text.as_bytes().to_vec())
        }
        (None, _) => {
            let detail = "Choose a CSV file, or paste its rows.";
            return Err(Problem::invalid("imports.no_file", detail).field("file", detail));
        }
    };
    // A select that was left on "none" means just that; one that was never shown is recognised.
    let mapping: BTreeMap<Field, String> = Field::of(kind)
        .iter()
        .filter_map(|(field, _)| Some((*field, fields.get(&column(*field))?.to_owned())))
        .collect();
    Ok(Upload {
        kind,
        file_name: file_name(name, kind),
        content,
        mapping,
    })
}

pub(super) fn kind(text: &str) -> Result<ImportKind, Problem> {
    text.parse().map_err(|_unknown| {
        let detail = "Say what the file holds: purchases or recipes.";
        Problem::invalid("imports.bad_kind", detail).field("kind", detail)
    })
}

/// As it is kept: no folders, nothing unprintable, and never empty.
pub(super) fn file_name(sent: &str, kind: ImportKind) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    match name.trim() {
        "" => format!("{kind}.csv"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Fields {
        Fields::from_urlencoded(body.as_bytes()).unwrap()
    }

    #[test]
    fn columns_that_were_shown_count_even_when_empty() {
        let upload = upload(&form(
            "kind=recipes&content=a,b%0A1,2&column.item=a&column.category=&file_name=x",
        ))
        .unwrap();
        assert_eq!(
            upload.mapping.get(&Field::Item).map(String::as_str),
            Some("a")
        );
        assert_eq!(
            upload.mapping.get(&Field::Category).map(String::as_str),
            Some("")
        );
        assert_eq!(upload.mapping.get(&Field::Unit), None);
        assert_eq!(
            (upload.content.as_slice(), upload.file_name.as_str()),
            (&b"a,b\n1,2"[..], "x")
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(
            upload(&form("kind=recipes&content=+"))
                .unwrap_err()
                .at("file"),
            "Choose a CSV file, or paste its rows."
        );
        assert!(
            upload(&form("kind=x&content=a"))
                .unwrap_err()
                .at("kind")
                .contains("purchases or recipes")
        );
    }

    #[test]
    fn file_names_are_made_harmless() {
        assert_eq!(
            file_name("C:\\Users\\ana\\p\u{7}.csv", ImportKind::Purchases),
            "p.csv"
        );
        assert_eq!(
            file_name("../../etc/passwd", ImportKind::Purchases),
            "passwd"
        );
        assert_eq!(file_name(" / ", ImportKind::Recipes), "recipes.csv");
        assert_eq!(
            file_name(&"ö".repeat(200), ImportKind::Recipes)
                .chars()
                .count(),
            128
        );
    }
}
