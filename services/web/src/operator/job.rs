use super::{actor, begin, dead::told, operators_only, views::JobRow};
use crate::{
    extract::{Answer, FormBody, Tenant},
    inventory::pages::or_back,
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
    let unit = begin(&tenant).await?;
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
    let done = tenant
        .write(form.once, async |unit| {
            operators_only(unit)?;
            let by = actor(&tenant, unit);
            let retried = operators::retry_job(&tenant.app().system, &by, *id).await?;
            Ok(Answer::redirect("/operator/dead").flash(told(retried)))
        })
        .await;
    or_back(&tenant, done, "/operator/dead")
}

pub(super) async fn discard(
    tenant: Tenant,
    id: Path<JobId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            operators_only(unit)?;
            let by = actor(&tenant, unit);
            operators::discard_job(&tenant.app().system, &by, *id).await?;
            let words = format!("Job {id} is dropped for good.");
            Ok(Answer::redirect("/operator/dead").flash(Flash::success(words)))
        })
        .await;
    or_back(&tenant, done, "/operator/dead")
}
