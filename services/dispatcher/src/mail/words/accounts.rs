//! Letters about somebody's account.
use super::{Part, Words, Writer};
use batchtrack_core::{
    mail::{AccountChange, Sealed},
    platform::seal::Unsealable,
};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

impl Writer<'_> {
    pub(super) fn verify_address(
        &self,
        token: &Sealed,
        until: DateTime<Utc>,
    ) -> Result<Words, Unsealable> {
        Ok(Words {
            subject: "Confirm your e-mail address".to_owned(),
            preview: "One click, and we know that we can reach you.".to_owned(),
            heading: "Confirm your address".to_owned(),
            parts: vec![
                Part::Text("Confirm that this address is yours, so that we can reach you and you can get back in if you forget your password.".to_owned()),
                Part::Button { label: "Confirm my address", url: self.link("/auth/verify-email/", token)? },
                Part::Text(format!("The link works once, and {}. You will be asked for the password that you chose.", self.good_for(until))),
            ],
            why: format!("Somebody signed up at {} with this address. If that wasn't you, do nothing: without your click the address stays unconfirmed.", self.mailer.host()),
        })
    }

    pub(super) fn reset_password(
        &self,
        token: &Sealed,
        until: DateTime<Utc>,
    ) -> Result<Words, Unsealable> {
        Ok(Words {
            subject: "Choose a new password".to_owned(),
            preview: "The link to choose a new password.".to_owned(),
            heading: "Choose a new password".to_owned(),
            parts: vec![
                Part::Text("You asked for a new password. Choose one here:".to_owned()),
                Part::Button {
                    label: "Choose a new password",
                    url: self.link("/auth/reset-password/", token)?,
                },
                Part::Text(format!(
                    "The link works once, and {}. Until you choose a new password, your old one stays.",
                    self.good_for(until)
                )),
            ],
            why: format!(
                "Somebody asked for this at {}. If that wasn't you, do nothing: nobody can change your password without this letter.",
                self.mailer.host()
            ),
        })
    }

    pub(super) fn one_time_code(
        &self,
        code: &Sealed,
        until: DateTime<Utc>,
        after_password: bool,
    ) -> Result<Words, Unsealable> {
        let code = self.mailer.letters().open(code)?;
        Ok(Words {
            // Not in the subject nor the preview: a locked phone shows those to anybody.
            subject: "Your code to sign in".to_owned(),
            preview: "Open the letter to see the code.".to_owned(),
            heading: "Your code".to_owned(),
            parts: vec![
                Part::Text("Type this code where you are signing in:".to_owned()),
                Part::Code(code.expose_secret().to_owned()),
                Part::Text(format!(
                    "It works once, and {}. Nobody from us will ever ask you for it.",
                    self.good_for(until)
                )),
            ],
            why: if after_password {
                format!(
                    "Somebody is signing in at {} with your password. If that isn't you, change your password now.",
                    self.mailer.host()
                )
            } else {
                format!(
                    "Somebody asked for this code at {}. If that wasn't you, do nothing: without it nobody gets in.",
                    self.mailer.host()
                )
            },
        })
    }

    /// Says nothing that only whoever tried to sign up may know, and needs no link that is a secret.
    pub(super) fn account_exists(&self) -> Words {
        let host = self.mailer.host();
        Words {
            subject: "You have an account already".to_owned(),
            preview: "Sign in, or choose a new password.".to_owned(),
            heading: "You have an account already".to_owned(),
            parts: vec![
                Part::Text(format!(
                    "Somebody wanted to use this address for a new account at {host}. It has one, so nothing was changed. If that was you, sign in:"
                )),
                Part::Button {
                    label: "Sign in",
                    url: self.mailer.page("/auth/login"),
                },
                Part::Text("If you don't remember your password, choose a new one:".to_owned()),
                Part::Button {
                    label: "Choose a new password",
                    url: self.mailer.page("/auth/forgot-password"),
                },
            ],
            why: format!(
                "You have an account at {host}. If it wasn't you who tried, do nothing: they have learned nothing, not even that there is an account."
            ),
        }
    }

    pub(super) fn change_address(
        &self,
        username: &str,
        token: &Sealed,
        until: DateTime<Utc>,
    ) -> Result<Words, Unsealable> {
        let host = self.mailer.host();
        Ok(Words {
            subject: "Confirm your new e-mail address".to_owned(),
            preview: "One click, and your account uses this address.".to_owned(),
            heading: "Is this your new address?".to_owned(),
            parts: vec![
                Part::Text(format!(
                    "The account {username} at {host} wants to use this address from now on, to sign in with and to get letters at."
                )),
                Part::Button {
                    label: "Use this address",
                    url: self.link("/auth/change-email/", token)?,
                },
                Part::Text(format!(
                    "The link works once, and {}. Until then the old address stays.",
                    self.good_for(until)
                )),
            ],
            why: format!(
                "Somebody who is signed in at {host} as {username} gave this address. If that isn't you, do nothing."
            ),
        })
    }

    pub(super) fn account_changed(&self, what: &AccountChange, at: DateTime<Utc>) -> Words {
        let (heading, text) = told(what);
        let host = self.mailer.host();
        let at = at.format("%-d %B %Y, %H:%M UTC");
        let mut parts = vec![Part::Text(format!("{text} That was on {at}."))];
        if *what != AccountChange::Deleted {
            parts.push(Part::Text(
                "If it wasn't you, choose a new password now. That signs everybody out.".to_owned(),
            ));
            parts.push(Part::Button {
                label: "Choose a new password",
                url: self.mailer.page("/auth/forgot-password"),
            });
        }
        Words {
            subject: heading.to_owned(),
            preview: text,
            heading: heading.to_owned(),
            parts,
            why: format!(
                "You have an account at {host}. We always write when what protects it was changed."
            ),
        }
    }
}

/// What happened, in a few words and in a sentence.
fn told(what: &AccountChange) -> (&'static str, String) {
    match what {
        AccountChange::Password => (
            "Your password was changed",
            "Your account has a new password, and all your devices were signed out.".to_owned(),
        ),
        AccountChange::Address { to } => (
            "Your e-mail address was changed",
            format!("Your account uses another address from now on: {to}. This one gets no more letters."),
        ),
        AccountChange::SecondFactorOn => (
            "Two-step sign-in is on",
            "From now on signing in takes a code besides your password.".to_owned(),
        ),
        AccountChange::SecondFactorOff => (
            "Two-step sign-in is off",
            "From now on your password is enough to sign in.".to_owned(),
        ),
        AccountChange::RecoveryCodeUsed { left } => (
            "A recovery code was used",
            match left {
                0 => "It was the last one. Make new ones soon.".to_owned(),
                1 => "One is left. Make new ones soon.".to_owned(),
                left => format!("{left} are left."),
            },
        ),
        AccountChange::RecoveryCodesMade => (
            "New recovery codes were made",
            "You have ten new recovery codes; the old ones no longer work.".to_owned(),
        ),
        AccountChange::PasskeyAdded { name } => (
            "A passkey was added",
            format!("The passkey “{name}” can be used to sign in from now on."),
        ),
        AccountChange::PasskeyRemoved { name } => (
            "A passkey was removed",
            format!("The passkey “{name}” can no longer be used to sign in."),
        ),
        AccountChange::Deleted => (
            "Your account was deleted",
            "Your account is deleted, with your name, your address and your keys. This is our last letter."
                .to_owned(),
        ),
    }
}
