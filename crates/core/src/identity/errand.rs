//! What is done for somebody who gave an address, away from the request: so the answer to them takes
//! as long, and says as much, whether or not there is such an account.
use super::{
    AccountDesk, IdentityError,
    codes::{self, CodePurpose},
    links::{self, LinkPurpose},
    model::{Candidate, NewAccount},
    ops::sign_up,
    queries,
};
use crate::{
    jobs::{self, Job, NewJob, Queue},
    kernel::ids::UserId,
    mail::{self, Letter, To},
    platform::{SystemDb, SystemTx},
};
use serde::{Deserialize, Serialize};

/// One of them, on its way to a dispatcher. Fields are added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AccountErrand {
    /// Makes an account that waits for its address to be proved.
    SignUp {
        sealed: String,
    },
    /// Sends the link that proves an address once more.
    ProveAddress {
        address: String,
    },
    ResetPassword {
        address: String,
    },
    /// Mails a code for signing in without a password; `ticket` is the hash of the browser's.
    MailCode {
        address: String,
        ticket: String,
    },
    /// Asks the new address of somebody whether it is theirs.
    ChangeAddress {
        user: UserId,
        address: String,
    },
}

impl Job for AccountErrand {
    const KIND: &'static str = "accounts.errand.v1";
    const QUEUE: Queue = Queue::Critical;
    const MAX_ATTEMPTS: i32 = 8;
}

/// Asks for it with this unit of work.
pub(super) async fn send(
    tx: &mut SystemTx,
    correlation: &str,
    errand: AccountErrand,
) -> Result<(), IdentityError> {
    jobs::enqueue_for_system(tx, correlation, vec![NewJob::of(&errand)]).await?;
    Ok(())
}

/// Does it. Done twice, there are two letters, and each brings what works.
pub async fn run_errand(
    db: &SystemDb,
    desk: &AccountDesk,
    errand: AccountErrand,
    correlation: &str,
) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    match errand {
        AccountErrand::SignUp { sealed } => {
            let (new, hash) = sign_up::open(desk, &sealed)?;
            match admit_stranger(&mut tx, desk, new, &hash, correlation).await {
                // An account that was closed has the address still, and nobody is to learn of it.
                Err(IdentityError::EmailTaken) => return Ok(()),
                done => done?,
            }
        }
        AccountErrand::ProveAddress { address } => {
            if let Some(found) = queries::candidate_by_address(&mut tx, &address).await? {
                invite_proof(&mut tx, desk, &found, correlation).await?;
            }
        }
        AccountErrand::ResetPassword { address } => {
            if let Some(found) = queries::candidate_by_address(&mut tx, &address).await? {
                let purpose = LinkPurpose::ResetPassword;
                let made = links::make(&mut tx, desk, found.user, purpose, &found.email).await?;
                let letter = Letter::ResetPassword {
                    token: made.token,
                    expires_at: made.expires_at,
                };
                write_to(&mut tx, &found, letter, correlation).await?;
            }
        }
        AccountErrand::MailCode { address, ticket } => {
            let ticket = hex::decode(&ticket)
                .ok()
                .and_then(|bytes| bytes.try_into().ok());
            let found = queries::candidate_by_address(&mut tx, &address).await?;
            if let (Some(found), Some(ticket)) = (found, ticket) {
                let (purpose, user) = (CodePurpose::SignIn, found.user);
                codes::post(
                    &mut tx,
                    desk,
                    ticket,
                    purpose,
                    to(&found),
                    user,
                    correlation,
                )
                .await?;
            }
        }
        AccountErrand::ChangeAddress { user, address } => {
            ask_new_address(&mut tx, desk, user, &address, correlation).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// A sign-up. Where there is an account already its owner hears of it, and nobody else.
async fn admit_stranger(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    mut new: NewAccount,
    hash: &str,
    correlation: &str,
) -> Result<(), IdentityError> {
    if let Some(username) = &new.username
        && queries::username_exists(tx, username.as_str()).await?
    {
        // Taken since they were told that it was free.
        new.username = None;
    }
    let known = queries::candidate_by_address(tx, new.email.as_str()).await?;
    let found = if let Some(known) = known {
        queries::sign_up_again(tx, known.user, &new, hash).await?;
        known
    } else {
        sign_up::make(tx, &new, hash, false, correlation).await?;
        let made = queries::candidate_by_address(tx, new.email.as_str()).await?;
        made.ok_or(IdentityError::BadCredentials)?
    };
    invite_proof(tx, desk, &found, correlation).await
}

/// The link that proves an address; for one that was proved, the news that there is an account.
async fn invite_proof(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    found: &Candidate,
    correlation: &str,
) -> Result<(), IdentityError> {
    if found.is_proved {
        return write_to(tx, found, Letter::AccountExists {}, correlation).await;
    }
    let purpose = LinkPurpose::VerifyAddress;
    let made = links::make(tx, desk, found.user, purpose, &found.email).await?;
    let letter = Letter::VerifyAddress {
        token: made.token,
        expires_at: made.expires_at,
    };
    write_to(tx, found, letter, correlation).await
}

async fn ask_new_address(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    user: UserId,
    address: &str,
    correlation: &str,
) -> Result<(), IdentityError> {
    if let Some(theirs) = queries::candidate_by_address(tx, address).await? {
        return write_to(tx, &theirs, Letter::AccountExists {}, correlation).await;
    }
    let Some(found) = queries::candidate_by_id(tx, user).await? else {
        return Ok(());
    };
    // Only the last address that was asked for can become theirs.
    queries::links::drop_for(tx, user, LinkPurpose::ChangeAddress).await?;
    let made = links::make(tx, desk, user, LinkPurpose::ChangeAddress, address).await?;
    let letter = Letter::ChangeAddress {
        username: found.username.clone(),
        token: made.token,
        expires_at: made.expires_at,
    };
    let to = To {
        address: address.to_owned(),
        name: String::new(),
        user: None,
    };
    mail::send_for_system(tx, correlation, None, to, letter).await?;
    Ok(())
}

async fn write_to(
    tx: &mut SystemTx,
    found: &Candidate,
    letter: Letter,
    correlation: &str,
) -> Result<(), IdentityError> {
    mail::send_for_system(tx, correlation, None, to(found), letter).await?;
    Ok(())
}

/// To the address of an account. Strangers may have given their names, so none is written on it.
pub(super) fn to(found: &Candidate) -> To {
    To {
        address: found.email.clone(),
        name: String::new(),
        user: Some(found.user),
    }
}
