//! From the rows that the triggers of `audit.sql` wrote to what was done to each job. Pure.
use super::history::{Step, What};
use std::{collections::BTreeMap, time::Duration};

/// What a story has the database keep.
pub const AUDIT: &str = include_str!("audit.sql");

/// One row of a table of jobs was written, changed or deleted.
#[derive(Debug, Clone)]
pub struct Row {
    pub tx: String,
    pub relation: String,
    pub op: String,
    pub job: i64,
    pub kind: String,
    pub is_unique: bool,
    /// Who held it, before and after.
    pub before: Option<i64>,
    pub after: Option<i64>,
    /// For how long nothing had been heard of who held it before.
    pub silent: Option<Duration>,
    pub by: String,
}

/// What one transaction did to one job, as a step each, in the order in which they began.
pub fn steps(rows: &[Row]) -> Vec<Step> {
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    let mut place: BTreeMap<(&str, i64), usize> = BTreeMap::new();
    for row in rows {
        let at = *place.entry((row.tx.as_str(), row.job)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.push(row);
        }
    }
    let step = |group: &Vec<&Row>| {
        let first = group.first()?;
        let what = what(group)?;
        Some(Step {
            job: first.job,
            kind: first.kind.clone(),
            is_unique: first.is_unique,
            what,
            by: first.by.clone(),
            silent: group.iter().find_map(|row| row.silent),
        })
    };
    groups.iter().filter_map(step).collect()
}

fn what(group: &[&Row]) -> Option<What> {
    let of = |relation: &str, op: &str| {
        group
            .iter()
            .find(|row| row.relation == relation && row.op == op)
            .copied()
    };
    let holder = |row: &Row| row.before;
    if let Some(gone) = of("jobs", "DELETE") {
        let worker = holder(gone);
        if of("jobs_delayed", "INSERT").is_some() {
            return Some(What::Delayed { worker });
        }
        if of("jobs_dead", "INSERT").is_some() {
            return Some(What::Died { worker });
        }
        return Some(match (of("jobs", "INSERT").is_some(), worker) {
            (true, Some(worker)) => What::Freed { worker },
            (true, None) => return None, // moved to the end of the line
            // An equal one waits already.
            (false, None) if gone.is_unique => What::Dropped,
            (false, _) => What::Finished { worker },
        });
    }
    let promoted = of("jobs_delayed", "DELETE").is_some() || of("jobs_dead", "DELETE").is_some();
    match (of("jobs", "INSERT").is_some(), promoted) {
        (true, true) => return Some(What::Promoted),
        (true, false) => return Some(What::Enqueued),
        (false, true) if group.iter().all(|row| row.is_unique) => return Some(What::Dropped),
        (false, true) => return Some(What::Finished { worker: None }),
        (false, false) => {}
    }
    if of("jobs_delayed", "INSERT").is_some() {
        return Some(What::Enqueued);
    }
    let change = of("jobs", "UPDATE")?;
    match (change.before, change.after) {
        (before, Some(worker)) if before != Some(worker) => Some(What::Claimed { worker }),
        (Some(worker), None) => Some(What::Freed { worker }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tx relation op before>after`, of job 1.
    fn rows(lines: &[&str]) -> Vec<Row> {
        let row = |line: &&str| {
            let words: Vec<_> = line.split(' ').collect();
            let (before, after) = words[3].split_once('>').unwrap();
            Row {
                tx: words[0].to_owned(),
                relation: words[1].to_owned(),
                op: words[2].to_owned(),
                job: 1,
                kind: "webhooks.deliver.v1".to_owned(),
                is_unique: words.get(4).is_some(),
                before: before.parse().ok(),
                after: after.parse().ok(),
                silent: None,
                by: "one".to_owned(),
            }
        };
        lines.iter().map(row).collect()
    }

    #[track_caller]
    fn told(lines: &[&str], expected: &[What]) {
        let found: Vec<_> = steps(&rows(lines))
            .into_iter()
            .map(|step| step.what)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_job_that_is_claimed_and_done() {
        told(
            &["1 jobs INSERT >", "2 jobs UPDATE >7", "3 jobs DELETE 7>"],
            &[
                What::Enqueued,
                What::Claimed { worker: 7 },
                What::Finished { worker: Some(7) },
            ],
        );
    }

    #[test]
    fn a_job_that_fails_and_comes_back_and_dies() {
        told(
            &[
                "1 jobs_delayed INSERT >",
                "2 jobs_delayed DELETE >",
                "2 jobs INSERT >",
                "3 jobs UPDATE >7",
                "4 jobs DELETE 7>",
                "4 jobs_delayed INSERT >",
                "5 jobs_delayed DELETE >",
                "5 jobs INSERT >",
                "6 jobs UPDATE >7",
                "7 jobs DELETE 7>",
                "7 jobs_dead INSERT >",
            ],
            &[
                What::Enqueued,
                What::Promoted,
                What::Claimed { worker: 7 },
                What::Delayed { worker: Some(7) },
                What::Promoted,
                What::Claimed { worker: 7 },
                What::Died { worker: Some(7) },
            ],
        );
    }

    #[test]
    fn a_job_that_is_freed_or_stolen() {
        told(
            &[
                "1 jobs UPDATE >7",
                "2 jobs UPDATE 7>",
                "3 jobs UPDATE >8",
                "4 jobs UPDATE 8>9",
                "5 jobs UPDATE 9>9",
            ],
            &[
                What::Claimed { worker: 7 },
                What::Freed { worker: 7 },
                What::Claimed { worker: 8 },
                What::Claimed { worker: 9 },
            ],
        );
        told(
            &["1 jobs DELETE 7>", "1 jobs INSERT >"],
            &[What::Freed { worker: 7 }],
        );
    }

    #[test]
    fn a_job_that_is_not_needed_and_one_that_gets_lost() {
        told(&["1 jobs_delayed DELETE > unique"], &[What::Dropped]);
        told(&["1 jobs DELETE > unique"], &[What::Dropped]);
        told(
            &["1 jobs_delayed DELETE >"],
            &[What::Finished { worker: None }],
        );
        told(&["1 jobs DELETE >"], &[What::Finished { worker: None }]);
    }
}
