//! What each letter says, once, for both its forms: text and HTML.
mod accounts;

use super::mailer::Mailer;
use batchtrack_core::{
    mail::{ExpiringLot, Letter, LowItem, Posted, Sealed},
    platform::seal::Unsealable,
};
use chrono::{DateTime, NaiveDate, Utc};
use secrecy::ExposeSecret as _;

/// A letter before it is put on paper.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) subject: String,
    /// The line that a mailbox shows beside the subject.
    pub(super) preview: String,
    pub(super) heading: String,
    pub(super) parts: Vec<Part>,
    /// Why they have this letter.
    pub(super) why: String,
}

#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Button {
        label: &'static str,
        url: String,
    },
    /// To be read and typed.
    Code(String),
    Table {
        columns: [&'static str; 3],
        rows: Vec<Row>,
    },
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) first: String,
    pub(super) second: String,
}

struct Writer<'a> {
    mailer: &'a Mailer,
    now: DateTime<Utc>,
}

/// Words for a letter that is read from `now` on.
pub(super) fn words(
    mailer: &Mailer,
    posted: &Posted,
    now: DateTime<Utc>,
) -> Result<Words, Unsealable> {
    let writer = Writer { mailer, now };
    Ok(match &posted.letter {
        Letter::VerifyAddress { token, expires_at } => writer.verify_address(token, *expires_at)?,
        Letter::ResetPassword { token, expires_at } => writer.reset_password(token, *expires_at)?,
        Letter::OneTimeCode {
            code,
            expires_at,
            after_password,
        } => writer.one_time_code(code, *expires_at, *after_password)?,
        Letter::AccountExists {} => writer.account_exists(),
        Letter::ChangeAddress {
            username,
            token,
            expires_at,
        } => writer.change_address(username, token, *expires_at)?,
        Letter::AccountChanged { what, at } => writer.account_changed(what, *at),
        Letter::Invitation {
            organization,
            invited_by,
            token,
            expires_at,
        } => writer.invitation(organization, invited_by, token, *expires_at)?,
        Letter::LowStock {
            organization,
            items,
            more,
        } => writer.low_stock(organization, items, *more),
        Letter::LotsExpiring {
            organization,
            lots,
            more,
        } => writer.lots_expiring(organization, lots, *more),
        Letter::EndpointDisabled {
            endpoint,
            url,
            failing_since,
            last_error,
        } => {
            let page = mailer.page(&format!("/webhooks/{endpoint}"));
            endpoint_disabled(page, url, *failing_since, last_error.as_deref())
        }
        Letter::PaymentFailed {
            organization,
            amount,
            next_attempt_on,
        } => writer.payment_failed(organization, amount, *next_attempt_on),
    })
}

impl Writer<'_> {
    /// A link that ends in a secret.
    fn link(&self, path: &str, token: &Sealed) -> Result<String, Unsealable> {
        let token = self.mailer.letters().open(token)?;
        let mut encoded = String::new();
        encoded.extend(url::form_urlencoded::byte_serialize(
            token.expose_secret().as_bytes(),
        ));
        Ok(self.mailer.page(&format!("{path}{encoded}")))
    }

    /// `for an hour`, from now on.
    fn good_for(&self, until: DateTime<Utc>) -> String {
        let minutes = (until - self.now).num_minutes().max(1);
        match minutes {
            1 => "for a minute".to_owned(),
            2..=90 => format!("for {minutes} minutes"),
            91..=2879 => format!("for {} hours", (minutes + 30) / 60),
            _ => format!("until {}", day(until.date_naive())),
        }
    }

    fn invitation(
        &self,
        organization: &str,
        by: &str,
        token: &Sealed,
        until: DateTime<Utc>,
    ) -> Result<Words, Unsealable> {
        Ok(Words {
            subject: format!("{by} invites you to {organization}"),
            preview: format!("Make things together in {organization}."),
            heading: format!("Join {organization}"),
            parts: vec![
                Part::Text(format!(
                    "{by} invites you to work with them in {organization}: stock, recipes and batches in one place."
                )),
                Part::Button {
                    label: "Accept the invitation",
                    url: self.link("/invitations/", token)?,
                },
                Part::Text(format!("The invitation is good {}.", self.good_for(until))),
            ],
            why: format!(
                "{by} gave this address at {}. If you don't know them, do nothing.",
                self.mailer.host()
            ),
        })
    }

    fn low_stock(&self, organization: &str, items: &[LowItem], more: u64) -> Words {
        let count = count(items.len(), more);
        let (what, runs) = if count == 1 {
            ("1 item".to_owned(), "runs")
        } else {
            (format!("{count} items"), "run")
        };
        let mut parts = vec![
            Part::Text("This is at or under what you want to keep in stock:".to_owned()),
            Part::Table {
                columns: ["Item", "On hand", "Keep at least"],
                rows: items
                    .iter()
                    .map(|item| Row {
                        name: item.name.clone(),
                        url: self.mailer.page(&format!("/inventory/view/{}", item.item)),
                        first: item.on_hand.clone(),
                        second: item.threshold.clone(),
                    })
                    .collect(),
            },
        ];
        parts.extend(and_more(more));
        parts.push(Part::Button {
            label: "See what runs low",
            url: self.mailer.page("/inventory/?low=true"),
        });
        Words {
            subject: format!("{what} {runs} low at {organization}"),
            preview: names(items.iter().map(|item| &item.name)),
            heading: format!("{what} {runs} low"),
            parts,
            why: format!(
                "You own {organization}. We write about low stock at most once a day, and about each item once, until there is enough of it again."
            ),
        }
    }

    fn lots_expiring(&self, organization: &str, lots: &[ExpiringLot], more: u64) -> Words {
        let count = count(lots.len(), more);
        let (what, expire) = if count == 1 {
            ("1 lot".to_owned(), "expires")
        } else {
            (format!("{count} lots"), "expire")
        };
        let mut parts = vec![
            Part::Text("Use these first:".to_owned()),
            Part::Table {
                columns: ["Item and lot", "On hand", "Expires"],
                rows: lots
                    .iter()
                    .map(|lot| Row {
                        name: format!("{} ({})", lot.name, lot.code),
                        url: self.mailer.page(&format!("/inventory/view/{}", lot.item)),
                        first: lot.on_hand.clone(),
                        second: day(lot.expires_on),
                    })
                    .collect(),
            },
        ];
        parts.extend(and_more(more));
        parts.push(Part::Button {
            label: "Go to your stock",
            url: self.mailer.page("/inventory/"),
        });
        Words {
            subject: format!("{what} {expire} soon at {organization}"),
            preview: names(lots.iter().map(|lot| &lot.name)),
            heading: format!("{what} {expire} soon"),
            parts,
            why: format!(
                "You own {organization}. We write about expiring lots at most once a day, and about each lot once."
            ),
        }
    }

    fn payment_failed(&self, organization: &str, amount: &str, next: Option<NaiveDate>) -> Words {
        let again = next.map_or_else(
            || {
                "We won't try again by ourselves. Your data stays; pay to keep all features."
                    .to_owned()
            },
            |next| format!("We try again on {}. Nothing changes until then.", day(next)),
        );
        Words {
            subject: format!("The payment for {organization} did not go through"),
            preview: format!("We could not collect {amount}."),
            heading: "The payment did not go through".to_owned(),
            parts: vec![
                Part::Text(format!(
                    "We could not collect {amount} for {organization}. Mostly a card has run out, or the bank wants you to confirm."
                )),
                Part::Text(again),
                Part::Button {
                    label: "Look at the payment",
                    url: self.mailer.page("/billing/"),
                },
            ],
            why: format!(
                "You own {organization}, which has a paid plan at {}.",
                self.mailer.host()
            ),
        }
    }
}

fn endpoint_disabled(
    page: String,
    url: &str,
    since: Option<DateTime<Utc>>,
    error: Option<&str>,
) -> Words {
    let since = since.map_or_else(String::new, |since| {
        format!(" since {}", day(since.date_naive()))
    });
    let mut parts = vec![Part::Text(format!(
        "Nothing we sent to {url} has arrived{since}, so we have stopped trying."
    ))];
    if let Some(error) = error {
        parts.push(Part::Text(format!("The last attempt ended with: {error}")));
    }
    parts.push(Part::Text("Mend the receiver, then switch the endpoint on again. What it has missed is in the log, and you can send it once more from there.".to_owned()));
    parts.push(Part::Button {
        label: "Look at the endpoint",
        url: page,
    });
    Words {
        subject: "A webhook endpoint was switched off".to_owned(),
        preview: format!("{url} does not answer."),
        heading: "We switched off a webhook endpoint".to_owned(),
        parts,
        why: "You own the organisation that this endpoint belongs to.".to_owned(),
    }
}

fn count(listed: usize, more: u64) -> u64 {
    u64::try_from(listed)
        .unwrap_or(u64::MAX)
        .saturating_add(more)
}

fn and_more(more: u64) -> Option<Part> {
    (more > 0).then(|| Part::Text(format!("And {more} more.")))
}

/// The first few of them.
fn names<'a>(all: impl Iterator<Item = &'a String>) -> String {
    let mut names: Vec<&str> = all.take(4).map(String::as_str).collect();
    let and_so_on = if names.len() == 4 { names.pop() } else { None };
    format!("{}{}", names.join(", "), and_so_on.map_or("", |_| "…"))
}

fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
