/// The row that a statement finds by the organisation of the unit of work and an id, if it is there.
macro_rules! find {
    ($statement:ident, $tx:expr, $id:expr) => {
        $statement::prepared()
            .bind::<BigInt, _>($tx.organization())
            .bind::<BigInt, _>($id)
            .get_result($tx.conn())
            .await
            .optional()
    };
}

mod attempt;
mod endpoints;
mod log;
mod operator;
mod relay;
mod replay;
mod trouble;

pub use self::{
    attempt::{Outcome, Ready, Settled, Started, begin, cancel, settle},
    endpoints::{RECENT, endpoint, endpoints, forget_secrets, former_secret_until, recent},
    log::{attempts, deliveries, delivery, replay},
    operator::{note_operator_failure, operator_was_told},
    relay::{interests, plan, plan_again},
    replay::send_again,
};
pub(super) use self::{
    endpoints::{Written, delete, insert, insert_secret, lock, replace_secret, update},
    log::{Asked, fact_of, insert_replay, plan_one},
};
