//! Letters: what is written, to whom, who does not want it, and what became of it.
//!
//! A letter is asked for with [`send`], in the transaction of its cause. The dispatcher gives it its
//! words and hands it to a mail server. That happens at least once: when the server took a letter
//! and its answer, or the note of it, was lost, the letter goes out again, under the same
//! `Message-ID`, by which mailboxes know it.
mod letter;
mod links;
mod queries;
mod sealed;
mod send;

pub use self::{
    letter::{AccountChange, ExpiringLot, Letter, LetterKind, LowItem, Posted, To},
    links::UnsubscribeLinks,
    queries::{
        Mailbox, Outcome, Standing, Suppression, claim_digest, forget_letters, lift, note,
        preferences, set_preference, standing, suppress, suppressions,
    },
    sealed::{Letters, Sealed},
    send::{
        SendLetter, SendLetterNow, send, send_for_system, send_to_owners, send_to_owners_for_system,
    },
};
