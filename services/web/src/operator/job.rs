use super::{act, dead::told, views::JobRow};
use crate::{
    extract::{FormBody, Tenant},
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    jobs::operate,
    kernel::ids::JobId,
    operators::{self, OperatorError},
};

#[derive(askama::Template)]
#[template(path = "operator/job.html")]
struct JobPage {
    shell: Shell,
    job: JobRow,
    args: String,
}

pub(super) async fn show(tenant: Tenant, id: Path<JobId>) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let mut tx = tenant.app().system.begin().await?;
    let job = operate::find(&mut tx, *id)
        .await?
        .ok_or(OperatorError::NoJob)?;
    let args = serde_json::to_string_pretty(&operate::redacted(&job.args));
    Page(JobPage {
        shell: tenant.shell(&unit).under("/operator/dead"),
        job: JobRow::of(&job, &unit.times()),
        args: args.map_err(Problem::internal)?,
    })
    .into_response()
}

pub(super) async fn retry(
    tenant: Tenant,
    id: Path<JobId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    act(&tenant, form.once, "/operator/dead", async |by| {
        let retried = operators::retry_job(&tenant.app().system, by, *id).await?;
        Ok(told(retried))
    })
    .await
}

pub(super) async fn discard(
    tenant: Tenant,
    id: Path<JobId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    act(&tenant, form.once, "/operator/dead", async |by| {
        operators::discard_job(&tenant.app().system, by, *id).await?;
        Ok(Flash::success(format!("Job {id} is dropped for good.")))
    })
    .await
}
