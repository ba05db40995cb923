//! What operators switch on and off, for everybody or for one organisation.
use super::queries;
use crate::{
    kernel::{StoreError, ids::OrganizationId, words::words},
    platform::{OrgTx, SystemTx},
};
use moka::sync::Cache;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

words! {
    /// Something that can be switched. Its row comes with a migration.
    pub enum Flag {
        /// Members may invite people by letter.
        Invitations = "invitations",
        /// People may found organisations beside their first one.
        Founding = "founding",
    }
}

/// How long a change may go unnoticed.
const KEPT: Duration = Duration::from_secs(5);

type Switches = Arc<BTreeMap<String, bool>>;

/// What is on, as of five seconds ago at most.
#[derive(Debug, Clone)]
pub struct Flags(Cache<Option<OrganizationId>, Switches>);

impl Default for Flags {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(10_000).time_to_live(KEPT);
        Self(cache.build())
    }
}

impl Flags {
    /// For the current organisation.
    pub async fn is_on(&self, tx: &mut OrgTx, flag: Flag) -> Result<bool, StoreError> {
        let organization = Some(tx.organization());
        let switches = match self.0.get(&organization) {
            Some(switches) => switches,
            None => self.keep(organization, queries::flags::switches(tx).await?),
        };
        Ok(is_on(&switches, flag))
    }

    /// For whoever acts in no organisation.
    pub async fn is_on_for_all(&self, tx: &mut SystemTx, flag: Flag) -> Result<bool, StoreError> {
        let switches = match self.0.get(&None) {
            Some(switches) => switches,
            None => self.keep(None, queries::flags::switches_of_all(tx).await?),
        };
        Ok(is_on(&switches, flag))
    }

    fn keep(&self, of: Option<OrganizationId>, found: Vec<(String, bool)>) -> Switches {
        let switches = Arc::new(found.into_iter().collect::<BTreeMap<_, _>>());
        self.0.insert(of, Arc::clone(&switches));
        switches
    }
}

/// One that nobody knows is off.
fn is_on(switches: &BTreeMap<String, bool>, flag: Flag) -> bool {
    switches.get(flag.as_str()).copied().unwrap_or_default()
}
