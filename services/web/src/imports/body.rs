//! An import of the API: as JSON, or as a form with a file.
use super::{forms, wire::ImportIn};
use crate::{
    extract::{FormBody, Idempotency, JsonBody, body::content_type},
    problem::Problem,
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use batchtrack_core::imports::{Field, Upload};
use futures_util::future::LocalBoxFuture;
use std::collections::BTreeMap;

pub(crate) struct ImportBody {
    pub(super) upload: Upload,
    pub(super) dry_run: bool,
    pub(super) once: Idempotency,
}

impl FromRequest for ImportBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            if content_type(&req) == "multipart/form-data" {
                let form = FormBody::from_request(&req, &mut payload).await?;
                let mut upload = forms::upload(&form.fields)?;
                if let Some(text) = form.fields.filled("mapping") {
                    let named = serde_json::from_str(text).map_err(|error| {
                        let detail =
                            format!("“mapping” is a JSON object of field and heading: {error}.");
                        Problem::malformed("imports.bad_mapping", detail.clone())
                            .field("mapping", detail)
                    })?;
                    upload.mapping.extend(mapping(named)?);
                }
                return Ok(Self {
                    upload,
                    dry_run: form.fields.is_ticked("dry_run"),
                    once: form.once,
                });
            }
            let JsonBody { value, once } =
                JsonBody::<ImportIn>::from_request(&req, &mut payload).await?;
            let kind = forms::kind(&value.kind)?;
            Ok(Self {
                upload: Upload {
                    kind,
                    file_name: forms::file_name(&value.file_name, kind),
                    content: value.content.into_bytes(),
                    mapping: mapping(value.mapping)?,
                },
                dry_run: value.dry_run,
                once,
            })
        })
    }
}

fn mapping(named: BTreeMap<String, String>) -> Result<BTreeMap<Field, String>, Problem> {
    named
        .into_iter()
        .map(|(field, heading)| {
            let known = field.parse::<Field>().map_err(|error| {
                let detail = format!("“{field}” is not a field: it {error}.");
                Problem::invalid("imports.unknown_field", detail.clone()).field("mapping", detail)
            })?;
            Ok((known, heading))
        })
        .collect()
}
