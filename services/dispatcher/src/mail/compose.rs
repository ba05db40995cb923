//! From a letter to the bytes that go over the wire.
use super::{
    mailer::Mailer,
    paper::{self, Farewell},
    words,
};
use batchtrack_core::{
    kernel::ids::JobId,
    mail::{Posted, To},
    platform::seal::Unsealable,
};
use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};

/// Why a letter can't be written; trying again won't help.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritable {
    #[error("that is no address that mail could be sent to")]
    Address,
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    #[error("the letter could not be put on paper: {0}")]
    Paper(#[from] askama::Error),
    #[error("the letter could not be put together: {0}")]
    Parts(#[from] lettre::error::Error),
}

/// A header of one line, whose name is known.
macro_rules! header {
    ($name:ident, $text:literal) => {
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($text)
            }
            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}
header!(ListUnsubscribe, "List-Unsubscribe");
header!(ListUnsubscribePost, "List-Unsubscribe-Post");
header!(AutoSubmitted, "Auto-Submitted");

pub(super) fn compose(
    mailer: &Mailer,
    job: JobId,
    posted: &Posted,
    now: DateTime<Utc>,
) -> Result<Message, Unwritable> {
    let words = words::words(mailer, posted, now)?;
    let kind = posted.letter.kind();
    let farewell = posted
        .to
        .user
        .filter(|_| !kind.is_awaited())
        .map(|user| Farewell {
            unsubscribe: mailer.page(&format!("/u/{}", mailer.links().token(user, kind))),
            preferences: mailer.page("/account/letters"),
        });
    let (html, text) = paper::print(&words, farewell.as_ref(), mailer.host())?;
    let mut letter = Message::builder()
        .from(mailer.from().clone())
        .to(mailbox(&posted.to)?)
        .subject(line(&words.subject, 200))
        .date(now.into())
        .message_id(Some(message_id(mailer, job, posted)))
        // So that no out-of-office answers it.
        .header(AutoSubmitted("auto-generated".to_owned()));
    if let Some(farewell) = farewell {
        letter = letter
            .header(ListUnsubscribe(format!("<{}>", farewell.unsubscribe)))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    Ok(letter.multipart(MultiPart::alternative_plain_html(text, html))?)
}

/// The same for every attempt, by which mailboxes know a letter that comes twice. The job's number
/// alone would come again where a database was restored.
fn message_id(mailer: &Mailer, job: JobId, posted: &Posted) -> String {
    let content = format!("{job} {posted:?}");
    let tag = mailer.signer().sign(content.as_bytes());
    let tag: String = hex::encode(tag).chars().take(16).collect();
    format!("<{job}.{tag}@{}>", mailer.from().email.domain())
}

fn mailbox(to: &To) -> Result<Mailbox, Unwritable> {
    let (local, domain) = to.address.rsplit_once('@').ok_or(Unwritable::Address)?;
    // Domains go over the wire in ASCII; a local part that is not needs a server with SMTPUTF8.
    let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else {
        return Err(Unwritable::Address);
    };
    let address = Address::new(local, domain).map_err(|_unlike| Unwritable::Address)?;
    let name = line(&to.name, 100);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// Text that other people chose, as one line: no end of it can begin a header of its own.
fn line(text: &str, most: usize) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = printable.take(most).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
