//! What operators see, ready to print.
use crate::times::{Moment, Times};
use batchtrack_core::{
    jobs::operate::{self, COUNTED, DeadKind, Shown},
    kernel::ids::OrganizationId,
    operators::{Act, Entry, GivenUp, OrganizationCard},
};
use chrono::TimeDelta;

/// A count, where those above some thousand are not counted.
pub(super) fn count(n: i64) -> String {
    if n > COUNTED {
        format!("more than {COUNTED}")
    } else {
        n.to_string()
    }
}

/// A length of time, as coarse as one reads it.
pub(super) fn length(of: TimeDelta) -> String {
    let of = of.max(TimeDelta::zero());
    match (of.num_days(), of.num_hours(), of.num_minutes()) {
        (2.., ..) => format!("{} days", of.num_days()),
        (_, 2.., _) => format!("{} h", of.num_hours()),
        (.., 2..) => format!("{} min", of.num_minutes()),
        _ => format!("{} s", of.num_seconds()),
    }
}

pub(super) struct KindRow {
    pub(super) kind: String,
    pub(super) queue: String,
    pub(super) count: String,
    pub(super) ago: String,
}

impl KindRow {
    pub(super) fn of(kind: DeadKind, times: &Times) -> Self {
        Self {
            count: count(kind.count),
            ago: times.ago(kind.died_at),
            kind: kind.kind,
            queue: kind.queue,
        }
    }
}

pub(super) struct JobRow {
    pub(super) id: i64,
    pub(super) state: &'static str,
    pub(super) is_dead: bool,
    pub(super) kind: String,
    pub(super) queue: String,
    pub(super) organization: Option<i64>,
    pub(super) enqueued: Moment,
    pub(super) since: Moment,
    pub(super) ago: String,
    pub(super) failures: i32,
    pub(super) claims: i32,
    pub(super) error: String,
    pub(super) correlation: String,
}

impl JobRow {
    pub(super) fn of(job: &Shown, times: &Times) -> Self {
        Self {
            id: job.id.get(),
            state: job.state.as_str(),
            is_dead: job.state == operate::State::Dead,
            kind: job.kind.clone(),
            queue: job.queue.clone(),
            organization: job.organization.map(OrganizationId::get),
            enqueued: times.moment(job.enqueued_at),
            since: times.moment(job.since),
            ago: times.ago(job.since),
            failures: job.failures,
            claims: job.attempt,
            error: job.last_error.clone().unwrap_or_default(),
            correlation: job.correlation.clone(),
        }
    }

    /// What its moment is called.
    pub(super) fn since_label(&self) -> &'static str {
        match self.state {
            "running" => "Begun",
            "waiting" => "Waits since",
            "delayed" => "Tried again",
            _ => "Died",
        }
    }
}

pub(super) struct EventRow {
    pub(super) event: i64,
    pub(super) name: String,
    pub(super) organization: i64,
    pub(super) error: String,
    pub(super) attempts: i32,
    pub(super) failed: Moment,
    pub(super) ago: String,
    pub(super) is_under_way: bool,
    /// Still kept, so that it can be sent.
    pub(super) is_kept: bool,
}

impl EventRow {
    pub(super) fn of(event: GivenUp, times: &Times) -> Self {
        Self {
            event: event.event.get(),
            is_kept: event.event_name.is_some(),
            name: event
                .event_name
                .unwrap_or_else(|| "no longer kept".to_owned()),
            organization: event.organization.get(),
            error: event.error,
            attempts: event.attempts,
            failed: times.moment(event.failed_at),
            ago: times.ago(event.failed_at),
            is_under_way: event.is_under_way,
        }
    }
}

pub(super) struct EntryRow {
    pub(super) at: Moment,
    pub(super) actor: String,
    pub(super) act: &'static str,
    pub(super) subject: String,
    pub(super) how_many: i64,
    pub(super) correlation: String,
    pub(super) organization: Option<i64>,
    pub(super) reason: String,
}

impl EntryRow {
    pub(super) fn of(entry: Entry, times: &Times) -> Self {
        Self {
            at: times.moment(entry.at),
            actor: entry.actor,
            act: match entry.act {
                Act::OperatorAdded => "Made an operator",
                Act::OperatorRemoved => "No operator any more",
                Act::JobsRetried => "Jobs retried",
                Act::JobsDiscarded => "Jobs discarded",
                Act::EventsReplayed => "Events sent again",
                Act::SuppressionLifted => "Address written to again",
                Act::TierOfOrganizationChanged => "Plan of an organisation changed",
                Act::OrganizationSuspended => "Organisation suspended",
                Act::OrganizationActivated => "Organisation opened again",
                Act::OrganizationEntered => "Began to act as an organisation",
                Act::OrganizationLeft => "Stopped acting as an organisation",
                Act::ActedAsOrganization => "Acted as an organisation",
                Act::FlagChanged => "Feature switched",
                Act::TierChanged => "Plan changed",
            },
            subject: entry.subject,
            how_many: entry.how_many,
            correlation: entry.correlation,
            organization: entry.organization.map(OrganizationId::get),
            reason: entry.reason.unwrap_or_default(),
        }
    }
}

/// An organisation in the list and on its page.
pub(super) struct CardRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) contact: String,
    pub(super) owner: String,
    pub(super) tier: String,
    pub(super) tier_name: String,
    pub(super) is_active: bool,
    /// Why it is closed, if it is.
    pub(super) suspended_for: String,
    pub(super) members: i64,
    pub(super) created: Moment,
}

impl CardRow {
    pub(super) fn of(card: OrganizationCard, times: &Times) -> Self {
        Self {
            id: card.id.get(),
            name: card.name,
            contact: card.contact_email.unwrap_or_default(),
            owner: card.owner.unwrap_or_default(),
            tier: card.tier,
            tier_name: card.tier_name,
            is_active: card.is_active,
            suspended_for: card.suspended_for.unwrap_or_default(),
            members: card.active_members,
            created: times.moment(card.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_counts_are_as_coarse_as_one_reads_them() {
        for (seconds, words) in [
            (-5, "0 s"),
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (200_000, "2 days"),
        ] {
            assert_eq!(length(TimeDelta::seconds(seconds)), words);
        }
        assert_eq!(count(10_000), "10000");
        assert_eq!(count(10_001), "more than 10000");
    }
}
