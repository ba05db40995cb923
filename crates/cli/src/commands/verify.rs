//! `batchtrack verify`: recomputes every lot, item, pool and batch from the movements.
use super::settings;
use crate::say::say;
use anyhow::Context as _;
use batchtrack_core::{
    kernel::{Clock, ids::OrganizationId},
    platform::{Db, SystemDb},
    verify::{self, Report},
};
use std::{path::Path, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Verify {
    /// Look at one organisation only, by its number
    #[arg(long, value_name = "N")]
    organization: Option<i64>,
}

impl Verify {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings::load(root)?;
        let system = SystemDb::connect(&settings.database, Clock::System).await?;
        let db = Db::connect(&settings.database, Clock::System).await?;
        let all = verify::organizations(&system)
            .await
            .context("listing the organisations")?;
        let chosen: Vec<OrganizationId> = match self.organization.map(OrganizationId::new) {
            Some(one) if !all.contains(&one) => anyhow::bail!("there is no organisation {one}"),
            Some(one) => vec![one],
            None => all,
        };
        let mut differs = 0;
        for organization in &chosen {
            let report = verify::verify(&db, *organization)
                .await
                .with_context(|| format!("verifying organisation {organization}"))?;
            tell(*organization, &report);
            differs += report.discrepancies.len();
        }
        if differs > 0 {
            say(format_args!(
                "{differs} differences in {} organisations.",
                chosen.len()
            ));
            return Ok(ExitCode::FAILURE);
        }
        say(format_args!(
            "All is as it should be in {} organisations.",
            chosen.len()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(organization: OrganizationId, report: &Report) {
    say(format_args!(
        "organisation {organization}: {} items, {} lots, {} movements, {} batches: {}",
        report.items,
        report.lots,
        report.movements,
        report.batches,
        match report.discrepancies.len() {
            0 => "in order".to_owned(),
            n => format!("{n} differences"),
        }
    ));
    for d in &report.discrepancies {
        say(format_args!(
            "  {} {}: recorded {}, computed {}",
            d.subject, d.id, d.recorded, d.computed
        ));
    }
}
