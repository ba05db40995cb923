//! What a session remembers of somebody who is on the way in, and has nothing open yet.
use super::Visit;
use crate::problem::Problem;
use batchtrack_core::identity::{Halfway, IdentityError, Token};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

const BETWEEN: &str = "between";
const TICKET: &str = "ticket";

/// Where somebody stands between two pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Between {
    pub(crate) step: Step,
    /// Where they wanted to go.
    pub(crate) next: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// A letter is on its way to that address, by which it is proved.
    Letter { email: String },
    /// A code is, if there is such an account.
    Code { email: String },
    /// One proof of two was shown.
    SecondFactor(Halfway),
}

impl Visit {
    pub(crate) fn between(&self) -> Option<Between> {
        self.0.get(BETWEEN).ok()?
    }

    pub(crate) fn put_between(&self, between: &Between) -> Result<(), Problem> {
        self.put(BETWEEN, between)
    }

    /// What only this session knows, by which a mailed code is good here and nowhere else.
    pub(crate) fn ticket(&self) -> Option<Token> {
        let text: String = self.0.get(TICKET).ok()??;
        Some(Token::received(&text))
    }

    /// The same, made when it is first needed.
    pub(crate) fn ensure_ticket(&self) -> Result<Token, Problem> {
        if let Some(ticket) = self.ticket() {
            return Ok(ticket);
        }
        self.check()?;
        let ticket = Token::new().map_err(|error: IdentityError| Problem::from(error))?;
        self.put(TICKET, ticket.secret().expose_secret())?;
        Ok(ticket)
    }

    /// They have arrived, or given up.
    pub(crate) fn forget_between(&self) {
        for key in [BETWEEN, TICKET] {
            if self.0.contains_key(key) {
                self.0.remove(key);
            }
        }
    }
}
