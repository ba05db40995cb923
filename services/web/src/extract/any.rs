use super::{Fields, FormBody, Idempotency, JsonBody, body::content_type};
use crate::problem::Problem;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

/// The fields of a form, sent as a form or as a flat JSON object of the same names.
pub struct AnyBody {
    pub fields: Fields,
    pub once: Idempotency,
}

impl FromRequest for AnyBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let kind = content_type(&req);
            if kind != "application/json" {
                let form = FormBody::from_request(&req, &mut payload).await?;
                return Ok(Self {
                    fields: form.fields,
                    once: form.once,
                });
            }
            let body = JsonBody::<Map<String, Value>>::from_request(&req, &mut payload).await?;
            let mut texts = Vec::new();
            for (name, value) in body.value {
                flatten(&mut texts, name, value)?;
            }
            Ok(Self {
                fields: Fields::new(texts, Vec::new())?,
                once: body.once,
            })
        })
    }
}

/// A list is a field that stands more than once; `null` is one that was left out.
fn flatten(texts: &mut Vec<(String, String)>, name: String, value: Value) -> Result<(), Problem> {
    match value {
        Value::Null => {}
        Value::Bool(value) => texts.push((name, value.to_string())),
        Value::Number(value) => texts.push((name, value.to_string())),
        Value::String(value) => texts.push((name, value)),
        Value::Array(values) => {
            for value in values {
                flatten(texts, name.clone(), value)?;
            }
        }
        Value::Object(_) => {
            let detail = format!("“{name}” must be a text, a number or true or false.");
            return Err(Problem::invalid("request.invalid", detail.clone()).field(name, detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_fields() {
        let mut texts = Vec::new();
        for (name, value) in [
            ("a", serde_json::json!(1.5)),
            ("b", serde_json::json!(null)),
            ("c", serde_json::json!(["x", true])),
        ] {
            flatten(&mut texts, name.to_owned(), value).unwrap();
        }
        let texts: Vec<_> = texts
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(texts, [("a", "1.5"), ("c", "x"), ("c", "true")]);
        assert!(
            flatten(
                &mut Vec::new(),
                "d".to_owned(),
                serde_json::json!({ "e": 1 })
            )
            .is_err()
        );
    }
}
