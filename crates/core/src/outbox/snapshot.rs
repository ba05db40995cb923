use std::{fmt, str::FromStr};

/// What one moment saw: a `pg_snapshot`, written `xmin:xmax:xip,…`. Transactions are numbered in the
/// order they begin to write, and end in any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// All before this one had ended.
    xmin: i64,
    /// None from this one on had begun.
    xmax: i64,
    /// Those between the two that were still under way.
    running: Vec<i64>,
}

impl Snapshot {
    /// Sees nothing: the first number that a transaction can have is 3.
    pub(crate) const fn before_everything() -> Self {
        Self {
            xmin: 3,
            xmax: 3,
            running: Vec::new(),
        }
    }

    /// Whether what that transaction did is seen (had it been rolled back, there is nothing to see).
    pub(crate) fn sees(&self, xid: i64) -> bool {
        xid < self.xmin || (xid < self.xmax && !self.running.contains(&xid))
    }

    pub(crate) const fn xmax(&self) -> i64 {
        self.xmax
    }
    pub(crate) fn running(&self) -> &[i64] {
        &self.running
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a snapshot")]
pub(crate) struct NotASnapshot(String);

impl FromStr for Snapshot {
    type Err = NotASnapshot;
    fn from_str(text: &str) -> Result<Self, NotASnapshot> {
        let parse = || {
            let mut parts = text.splitn(3, ':');
            let xmin: i64 = parts.next()?.parse().ok()?;
            let xmax: i64 = parts.next()?.parse().ok()?;
            let running = parts
                .next()?
                .split(',')
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().ok())
                .collect::<Option<Vec<i64>>>()?;
            let within = running.iter().all(|xid| (xmin..xmax).contains(xid));
            (0 < xmin && xmin <= xmax && within).then_some(Self {
                xmin,
                xmax,
                running,
            })
        };
        parse().ok_or_else(|| NotASnapshot(text.to_owned()))
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.xmin, self.xmax)?;
        for (at, xid) in self.running.iter().enumerate() {
            write!(f, "{}{xid}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_sees_what_had_begun_and_ended(
            xmax in 3_i64..200,
            running in prop::collection::btree_set(3_i64..200, 0..20),
            asked in 0_i64..260,
        ) {
            let running: BTreeSet<i64> = running.into_iter().filter(|xid| *xid < xmax).collect();
            let xmin = running.first().copied().unwrap_or(xmax);
            let list: Vec<_> = running.iter().map(ToString::to_string).collect();
            let text = format!("{xmin}:{xmax}:{}", list.join(","));
            let snapshot: Snapshot = text.parse().unwrap();
            prop_assert_eq!(snapshot.to_string(), text);
            prop_assert_eq!(snapshot.sees(asked), asked < xmax && !running.contains(&asked));
        }
    }

    #[test]
    fn nothing_else_is_a_snapshot() {
        for text in [
            "",
            "3",
            "3:3",
            "3:2:",
            "a:3:",
            "3:5:9",
            "3:9:4,x",
            "0:3:",
            "-1:3:",
            "3:9:4,5:6",
        ] {
            assert!(text.parse::<Snapshot>().is_err(), "{text}");
        }
        let nothing = Snapshot::before_everything();
        assert!(!nothing.sees(3) && nothing.sees(0));
        assert_eq!(nothing.to_string(), "3:3:");
    }
}
