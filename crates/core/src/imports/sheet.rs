//! A CSV file as a sheet: headings found, cells by field, notes by line and column. Pure.
use super::{
    ImportError,
    model::{Field, ImportKind, Note, Severity, Upload},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::collections::BTreeMap;

/// One transaction takes them all; a year of a busy shop is fewer.
const MOST_ROWS: usize = 10_000;

impl Field {
    /// The fields of a kind of file, and whether it can't do without.
    pub const fn of(kind: ImportKind) -> &'static [(Self, bool)] {
        match kind {
            ImportKind::Purchases => &[
                (Self::ReceivedAt, false),
                (Self::Supplier, false),
                (Self::Item, true),
                (Self::Category, false),
                (Self::Quantity, true),
                (Self::Unit, true),
                (Self::TotalCost, false),
                (Self::UnitCost, false),
                (Self::Density, false),
                (Self::ExpiresAt, false),
                (Self::Note, false),
            ],
            ImportKind::Recipes => &[
                (Self::Recipe, true),
                (Self::Category, false),
                (Self::YieldQuantity, true),
                (Self::YieldUnit, true),
                (Self::Item, true),
                (Self::Quantity, true),
                (Self::Unit, true),
                (Self::Instructions, false),
            ],
        }
    }

    /// Headings by which it is recognised besides its own name; letters and digits only.
    const fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Recipe => &["recipename", "name", "product"],
            Self::YieldQuantity => &["yield", "yieldamount", "yields", "makes"],
            Self::YieldUnit => &["yieldunits"],
            Self::Instructions => &["method", "directions", "steps"],
            Self::ReceivedAt => &[
                "received",
                "date",
                "receiveddate",
                "purchasedate",
                "purchasedat",
                "purchased",
            ],
            Self::Supplier => &["vendor", "store", "from"],
            Self::Item => &[
                "itemname",
                "ingredient",
                "material",
                "name",
                "product",
                "description",
            ],
            Self::Category => &["itemcategory", "recipecategory", "type"],
            Self::Quantity => &["qty", "amount", "count"],
            Self::Unit => &["units", "uom", "unitofmeasure", "measure"],
            Self::TotalCost => &["cost", "total", "totalprice", "price", "amountpaid"],
            Self::UnitCost => &["costperunit", "unitprice", "priceperunit", "costeach"],
            Self::Density => &["density", "densitygml", "specificgravity"],
            Self::ExpiresAt => &[
                "expires",
                "expiry",
                "expirydate",
                "expirationdate",
                "bestbefore",
                "useby",
            ],
            Self::Note => &["notes", "comment", "comments", "memo", "invoice"],
        }
    }
}

/// A file that could be read, with its columns named.
pub(super) struct Sheet {
    kind: ImportKind,
    pub(super) headings: Vec<String>,
    pub(super) mapping: BTreeMap<Field, String>,
    pub(super) rows: Vec<Row>,
    pub(super) notes: Vec<Note>,
}

/// One line below the heading.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
    at: BTreeMap<Field, usize>,
}

impl Row {
    /// The trimmed cell of a field; empty where there is none.
    pub(super) fn get(&self, field: Field) -> &str {
        self.at
            .get(&field)
            .and_then(|at| self.cells.get(*at))
            .map_or("", |cell| cell.trim())
    }
}

impl Sheet {
    pub(super) fn read(upload: &Upload) -> Result<Self, ImportError> {
        let text = std::str::from_utf8(&upload.content).map_err(|_bytes| ImportError::NotUtf8)?;
        // Lines are counted by their line feeds, and people count every line.
        let text = text
            .trim_start_matches('\u{feff}')
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        if text.contains('\0') {
            return Err(ImportError::NotUtf8);
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(&text))
            .flexible(true)
            .from_reader(text.as_bytes());
        let unreadable = |error: csv::Error| ImportError::Unreadable(error.to_string());
        let headings: Vec<String> = reader
            .headers()
            .map_err(unreadable)?
            .iter()
            .map(|heading| heading.trim().to_owned())
            .collect();
        let at = columns(upload, &headings)?;
        let mut notes = Vec::new();
        for (field, needed) in Field::of(upload.kind) {
            if *needed && !at.contains_key(field) {
                notes.push(Note {
                    severity: Severity::Error,
                    line: 1,
                    column: field.as_str().to_owned(),
                    message: format!(
                        "There is no column for “{field}”. Add one, or say which column it is."
                    ),
                });
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let line = record.position().map_or(0, |at| line_of(&text, at));
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if rows.len() == MOST_ROWS {
                return Err(ImportError::TooManyRows { most: MOST_ROWS });
            }
            if record.len() != headings.len() {
                notes.push(Note {
                    severity: Severity::Error,
                    line,
                    column: String::new(),
                    message: format!(
                        "The line has {} cells under {} headings. A text with a comma needs quotation marks around it.",
                        record.len(),
                        headings.len()
                    ),
                });
            }
            rows.push(Row {
                line,
                cells: record.iter().map(str::to_owned).collect(),
                at: at.clone(),
            });
        }
        if rows.is_empty() && notes.is_empty() {
            return Err(ImportError::Empty);
        }
        let mapping = at
            .iter()
            .filter_map(|(field, at)| Some((*field, headings.get(*at)?.clone())))
            .collect();
        Ok(Self {
            kind: upload.kind,
            headings,
            mapping,
            rows,
            notes,
        })
    }

    pub(super) fn error(&mut self, line: u64, field: Field, message: impl Into<String>) {
        self.note(Severity::Error, line, field, message.into());
    }

    pub(super) fn warning(&mut self, line: u64, field: Field, message: impl Into<String>) {
        self.note(Severity::Warning, line, field, message.into());
    }

    fn note(&mut self, severity: Severity, line: u64, field: Field, message: String) {
        // A column that isn't there has been said of the heading; not of every line again.
        let needed = |(of, needed): &(Field, bool)| *of == field && *needed;
        if !self.mapping.contains_key(&field) && Field::of(self.kind).iter().any(needed) {
            return;
        }
        let column = self
            .mapping
            .get(&field)
            .cloned()
            .unwrap_or_else(|| field.as_str().to_owned());
        self.notes.push(Note {
            severity,
            line,
            column,
            message,
        });
    }
}

/// The line on which a record begins; empty lines before it count as part of it for the reader.
fn line_of(text: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let empty = text.bytes().skip(start).take_while(|byte| *byte == b'\n');
    at.line() + u64::try_from(empty.count()).unwrap_or(0)
}

/// Comma, semicolon or tab: whichever the heading has most of.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| heading.bytes().filter(|b| *b == delimiter).count();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| (count(*delimiter), *delimiter == b','))
        .unwrap_or(b',')
}

/// Where each field stands: as chosen, by its own name, or by a usual one.
fn columns(upload: &Upload, headings: &[String]) -> Result<BTreeMap<Field, usize>, ImportError> {
    let plain = |heading: &str| -> String {
        heading
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let fields: Vec<Field> = Field::of(upload.kind)
        .iter()
        .map(|(field, _)| *field)
        .collect();
    let mut found = BTreeMap::new();
    for (field, heading) in &upload.mapping {
        if !fields.contains(field) {
            return Err(ImportError::UnknownField(field.as_str().to_owned()));
        }
        // Chosen by hand to stay empty.
        if heading.is_empty() {
            continue;
        }
        match headings
            .iter()
            .position(|h| h.eq_ignore_ascii_case(heading.trim()))
        {
            Some(at) => found.insert(*field, at),
            None => return Err(ImportError::UnknownField(heading.clone())),
        };
    }
    for by_own_name in [true, false] {
        for field in &fields {
            if found.contains_key(field) || upload.mapping.contains_key(field) {
                continue;
            }
            let own = [plain(field.as_str())];
            let at = headings.iter().enumerate().position(|(at, heading)| {
                let heading = plain(heading);
                let named = if by_own_name {
                    own.contains(&heading)
                } else {
                    field.usual_names().contains(&heading.as_str())
                };
                named && !found.values().any(|taken| *taken == at)
            });
            if let Some(at) = at {
                found.insert(*field, at);
            }
        }
    }
    Ok(found)
}

/// A day (midnight UTC) or a moment.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| moment.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn upload(text: &str) -> Upload {
        Upload {
            kind: ImportKind::Purchases,
            file_name: "p.csv".to_owned(),
            content: text.as_bytes().to_vec(),
            mapping: BTreeMap::new(),
        }
    }

    #[test]
    fn headings_are_recognised_by_their_usual_names() {
        let sheet = Sheet::read(&upload(
            "\u{feff}Date;Vendor;Item Name;Qty;UoM;Cost\n2026-01-01;A;B;1;g;2\n\n",
        ))
        .unwrap();
        assert!(sheet.notes.is_empty());
        assert_eq!(sheet.rows.len(), 1);
        let row = &sheet.rows[0];
        assert_eq!(
            (row.line, row.get(Field::Item), row.get(Field::TotalCost)),
            (2, "B", "2")
        );
        assert_eq!(row.get(Field::Density), "");
    }

    #[test]
    fn lines_are_counted_as_people_count_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = [
                "item,quantity,unit",
                "A,1,g",
                "",
                "\"B",
                "C\",2,g",
                "D,3,g",
                "",
            ]
            .join(end);
            let sheet = Sheet::read(&upload(&text)).unwrap();
            let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn a_chosen_column_beats_a_recognised_one() {
        let mut upload = upload("item,name,quantity,unit\nA,B,1,g\n");
        upload.mapping.insert(Field::Item, "name".to_owned());
        assert_eq!(Sheet::read(&upload).unwrap().rows[0].get(Field::Item), "B");
        upload.mapping.insert(Field::Item, "colour".to_owned());
        assert!(matches!(
            Sheet::read(&upload),
            Err(ImportError::UnknownField(_))
        ));
    }

    #[test]
    fn what_is_missing_is_said_by_line_and_column() {
        let sheet = Sheet::read(&upload("item,unit\nA\n\"B,C\",g\n")).unwrap();
        let said: Vec<_> = sheet
            .notes
            .iter()
            .map(|n| (n.line, n.column.as_str()))
            .collect();
        assert_eq!(said, [(1, "quantity"), (2, "")]);
        assert!(matches!(
            Sheet::read(&upload("item,quantity,unit\n")),
            Err(ImportError::Empty)
        ));
        let mut bytes = upload("");
        bytes.content = vec![0xff, 0xfe, 0x41];
        assert!(matches!(Sheet::read(&bytes), Err(ImportError::NotUtf8)));
    }

    proptest! {
        #[test]
        fn no_file_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut any = upload("");
            any.content = bytes;
            let _ = Sheet::read(&any);
        }
    }
}
