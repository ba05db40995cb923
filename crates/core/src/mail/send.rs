use super::{
    letter::{Letter, Posted, To},
    queries,
};
use crate::{
    jobs::{self, Job, NewJob, Queue},
    kernel::{StoreError, ids::OrganizationId},
    platform::{OrgTx, SystemTx},
};
use serde::{Deserialize, Serialize};

/// A letter that may take its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SendLetter(pub Posted);

/// A letter that somebody waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SendLetterNow(pub Posted);

/// Over about a day: see the dispatcher's backoff for mail.
const ATTEMPTS: i32 = 8;

impl Job for SendLetter {
    const KIND: &'static str = "mail.send.v1";
    const QUEUE: Queue = Queue::Mail;
    const MAX_ATTEMPTS: i32 = ATTEMPTS;
}

impl Job for SendLetterNow {
    const KIND: &'static str = "mail.send_now.v1";
    const QUEUE: Queue = Queue::Critical;
    const MAX_ATTEMPTS: i32 = ATTEMPTS;
}

/// Posts a letter with this unit of work; it goes out when, and only if, that commits.
pub async fn send(tx: &mut OrgTx, to: To, letter: Letter) -> Result<(), StoreError> {
    let organization = Some(tx.organization());
    jobs::enqueue(tx, vec![job(to, organization, letter)]).await
}

/// The same for work beyond tenants, such as signing up.
pub async fn send_for_system(
    tx: &mut SystemTx,
    correlation: &str,
    organization: Option<OrganizationId>,
    to: To,
    letter: Letter,
) -> Result<(), StoreError> {
    jobs::enqueue_for_system(tx, correlation, vec![job(to, organization, letter)]).await
}

/// To every owner of the organisation; says how many there are.
pub async fn send_to_owners(tx: &mut OrgTx, letter: Letter) -> Result<usize, StoreError> {
    let organization = tx.organization();
    let owners = queries::owners(tx).await?;
    let jobs: Vec<_> = to_each(owners, organization, &letter);
    let number = jobs.len();
    jobs::enqueue(tx, jobs).await?;
    Ok(number)
}

pub async fn send_to_owners_for_system(
    tx: &mut SystemTx,
    correlation: &str,
    organization: OrganizationId,
    letter: Letter,
) -> Result<usize, StoreError> {
    let owners = queries::owners_for_system(tx, organization).await?;
    let jobs: Vec<_> = to_each(owners, organization, &letter);
    let number = jobs.len();
    jobs::enqueue_for_system(tx, correlation, jobs).await?;
    Ok(number)
}

fn to_each(owners: Vec<To>, organization: OrganizationId, letter: &Letter) -> Vec<NewJob> {
    owners
        .into_iter()
        .map(|to| job(to, Some(organization), letter.clone()))
        .collect()
}

fn job(to: To, organization: Option<OrganizationId>, letter: Letter) -> NewJob {
    let awaited = letter.kind().is_awaited();
    let posted = Posted {
        to,
        organization,
        letter,
    };
    let job = if awaited {
        NewJob::of(&SendLetterNow(posted))
    } else {
        NewJob::of(&SendLetter(posted))
    };
    match organization {
        Some(organization) => job.for_organization(organization),
        None => job,
    }
}
