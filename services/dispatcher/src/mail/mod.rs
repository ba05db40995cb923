//! Letters: from what is to be said to what a mail server takes.
mod compose;
mod deliver;
mod mailer;
mod paper;
mod verdict;
mod words;
mod work;

pub use self::{
    deliver::{Settled, Skipped, Trouble, deliver},
    mailer::{BadMail, Mailer},
};
