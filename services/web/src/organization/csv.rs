//! The list of who did what as a file for a spreadsheet, made while it is sent.
use crate::{extract::Tenant, problem::Problem};
use actix_web::web::Bytes;
use batchtrack_core::{
    kernel::Cursor,
    organizations::audit::{self, Entry, Filter},
};
use chrono::SecondsFormat;
use futures_util::{Stream, stream};
use std::io;

/// Lines of one unit of work.
const AT_A_TIME: u16 = 500;

const HEAD: &str =
    "at,act,what,who,by_operator,reason,subject,subject_id,details,address,request\r\n";

/// The first part is read before anything is sent, so that a refusal is still an answer of its own.
pub(super) async fn lines(
    tenant: Tenant,
    filter: Filter,
) -> Result<impl Stream<Item = Result<Bytes, io::Error>> + use<>, Problem> {
    let first = part(&tenant, &filter, None).await?;
    let start = Some((first, tenant, filter));
    let head = stream::once(async { Ok(Bytes::from_static(HEAD.as_bytes())) });
    let rest = stream::unfold(start, |state| async {
        let ((text, next), tenant, filter) = state?;
        let Some(after) = next else {
            return Some((Ok(text), None));
        };
        // Whoever loses the right while the file is sent gets no more of it.
        match part(&tenant, &filter, Some(&after)).await {
            Ok(more) => Some((Ok(text), Some((more, tenant, filter)))),
            Err(problem) => Some((Err(io::Error::other(problem.to_string())), None)),
        }
    });
    Ok(futures_util::StreamExt::chain(head, rest))
}

async fn part(
    tenant: &Tenant,
    filter: &Filter,
    after: Option<&Cursor>,
) -> Result<(Bytes, Option<Cursor>), Problem> {
    let mut unit = tenant.begin().await?;
    let page = audit::entries(&mut unit.tx, filter, after, AT_A_TIME).await?;
    let mut text = String::new();
    for entry in &page.rows {
        line(&mut text, entry);
    }
    Ok((Bytes::from(text), page.next))
}

fn line(text: &mut String, entry: &Entry) {
    let id = entry.subject_id.map(|id| id.to_string());
    let cells = [
        entry.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        entry.act.clone(),
        entry.label().to_owned(),
        entry.actor.clone(),
        if entry.by_operator { "yes" } else { "no" }.to_owned(),
        entry.reason.clone().unwrap_or_default(),
        entry.subject.clone(),
        id.unwrap_or_default(),
        entry.details.to_string(),
        entry.client.clone().unwrap_or_default(),
        entry.correlation.clone(),
    ];
    for (nth, cell) in cells.iter().enumerate() {
        if nth > 0 {
            text.push(',');
        }
        put(text, cell);
    }
    text.push_str("\r\n");
}

/// As RFC 4180 writes a cell. One that a spreadsheet would take for a formula is made plain text.
fn put(text: &mut String, cell: &str) {
    text.push('"');
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%']) {
        text.push('\'');
    }
    text.push_str(&cell.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::put;

    #[test]
    fn cells_are_quoted_and_formulas_are_text() {
        let cell = |text: &str| {
            let mut out = String::new();
            put(&mut out, text);
            out
        };
        assert_eq!(cell("Ana, \"the\" maker\n"), "\"Ana, \"\"the\"\" maker\n\"");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for formula in ["=1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"] {
            assert!(cell(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(cell(""), "\"\"");
    }
}
