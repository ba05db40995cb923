//! What most tests need to be there first.
mod large;
mod stock;

pub use self::large::Size;
pub use self::stock::{adjustment, amount, batch_of, ingredient, money, receipt, recipe, unit};

use crate::TestDb;
use batchtrack_core::{
    kernel::ids::{OrganizationId, UserId},
    outbox::{Event, NewEvent},
    platform::{OrgTx, db::Acting},
};
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;
use std::{collections::HashMap, fmt::Debug};

/// The request that a test's units of work are on account of.
pub const CORRELATION: &str = "test";

/// A fact about nothing in particular, for tests of what becomes of facts. It is not counted.
pub fn event(n: i64) -> NewEvent {
    let properties = serde_json::json!({ "product_name": format!("Soap {n}") });
    NewEvent::new(Event::ProductCreated, n, properties)
}

pub(crate) type Owners = HashMap<OrganizationId, UserId>;

#[derive(diesel::QueryableByName)]
struct Made {
    #[diesel(sql_type = BigInt)]
    organization: OrganizationId,
    #[diesel(sql_type = BigInt)]
    owner: UserId,
}

impl TestDb {
    /// An organisation with an owner, who can't sign in: there is no password.
    pub async fn organization(&self, name: &str) -> OrganizationId {
        let made: Made = diesel::sql_query(
            "WITH made AS ( \
                INSERT INTO organizations (name, created_at) VALUES ($1, $2) RETURNING id), \
             owner AS ( \
                INSERT INTO users (username, email, password_hash, first_name, created_at) \
                SELECT 'owner-' || id, 'owner-' || id || '@example.test', '!', $1, $2 FROM made \
                RETURNING id), \
             joined AS ( \
                INSERT INTO memberships (organization_id, user_id, role, created_at) \
                SELECT made.id, owner.id, 'owner', $2 FROM made, owner) \
             SELECT made.id AS organization, owner.id AS owner FROM made, owner",
        )
        .bind::<Text, _>(name)
        .bind::<Timestamptz, _>(self.clock.now())
        .get_result(&mut self.owner_conn().await)
        .await
        .expect("an organisation");
        self.owners
            .lock()
            .expect("no holder panics")
            .insert(made.organization, made.owner);
        made.organization
    }

    /// The owner of an organisation that this test made.
    pub fn owner_of(&self, organization: OrganizationId) -> UserId {
        *self
            .owners
            .lock()
            .expect("no holder panics")
            .get(&organization)
            .expect("an organisation of this test")
    }

    /// The owner of `organization` at work.
    pub fn acting(&self, organization: OrganizationId) -> Acting {
        Acting {
            organization,
            user: Some(self.owner_of(organization)),
            correlation: CORRELATION.into(),
        }
    }

    /// Opens a unit of work as the owner of `organization`.
    pub async fn begin(&self, organization: OrganizationId) -> OrgTx {
        self.db
            .begin(self.acting(organization))
            .await
            .expect("a unit of work opens")
    }

    /// Runs `work` as the owner of `organization` and commits it.
    pub async fn commit<T, E: Debug>(
        &self,
        organization: OrganizationId,
        work: impl AsyncFnOnce(&mut OrgTx) -> Result<T, E>,
    ) -> T {
        let mut tx = self.begin(organization).await;
        let done = work(&mut tx).await.expect("the work is accepted");
        tx.commit().await.expect("the work is kept");
        done
    }
}
