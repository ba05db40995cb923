//! Bodies, read whole up to a limit, and their one-way door into types.
use super::{Fields, Idempotency, fields::unprintable};
use crate::problem::Problem;
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header,
    web::{Bytes, BytesMut},
};
use batchtrack_core::kernel::Kind;
use futures_util::{StreamExt as _, future::LocalBoxFuture, stream};
use serde::de::DeserializeOwned;

const MEGABYTE: usize = 1_048_576;
const MOST: usize = MEGABYTE;
/// Of a form with files.
const MOST_FILES: usize = 5 * MEGABYTE;
/// What is read and thrown away of a body that is too large, so that the answer gets through.
const PATIENCE: usize = 16 * MEGABYTE;

/// A JSON body and what makes its action happen once. Let `T` deny unknown fields.
pub struct JsonBody<T> {
    pub value: T,
    pub once: Idempotency,
}

/// A form, urlencoded or with files, and what makes its action happen once.
pub struct FormBody {
    pub fields: Fields,
    pub once: Idempotency,
}

/// One uploaded file, in memory.
#[derive(Debug, Clone)]
pub struct Upload {
    pub field: String,
    pub name: String,
    pub content: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let kind = content_type(&req);
            if kind != "application/json" && !kind.ends_with("+json") {
                return Err(unsupported(
                    "Send JSON, with the header Content-Type: application/json.",
                ));
            }
            let body = read(&req, &mut payload, MOST).await?;
            let value = parse(&body)?;
            let once = Idempotency::of_bytes(&req, &body)?;
            Ok(Self { value, once })
        })
    }
}

impl FromRequest for FormBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let fields = match content_type(&req).as_str() {
                "application/x-www-form-urlencoded" => {
                    Fields::from_urlencoded(&read(&req, &mut payload, MOST).await?)?
                }
                "multipart/form-data" => {
                    let body = read(&req, &mut payload, MOST_FILES).await?;
                    multipart(&req, body).await?
                }
                // A form without a single field.
                "" => Fields::default(),
                _ => return Err(unsupported("Send the fields of a form.")),
            };
            let once = Idempotency::of_fields(&req, &fields)?;
            Ok(Self { fields, once })
        })
    }
}

/// The most that a body of this kind may weigh.
pub(crate) fn limit(req: &HttpRequest) -> usize {
    if content_type(req) == "multipart/form-data" {
        MOST_FILES
    } else {
        MOST
    }
}

pub(crate) fn content_type(req: &HttpRequest) -> String {
    req.headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Reads a body of at most `most` bytes.
pub(crate) async fn read(
    req: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> Result<Bytes, Problem> {
    let announced = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or_default();
    let mut body = BytesMut::with_capacity(announced.min(most));
    let mut size = 0_usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::malformed(
                "request.broken_body",
                "The body did not arrive whole. Send it again.",
            )
            .because(error.to_string())
        })?;
        size += chunk.len();
        if size > PATIENCE {
            break;
        }
        if size <= most {
            body.extend_from_slice(&chunk);
        }
    }
    if size > most {
        return Err(too_large(most));
    }
    Ok(body.freeze())
}

fn too_large(most: usize) -> Problem {
    Problem::new(
        Kind::TooLarge,
        "request.too_large",
        format!(
            "That is too much at once: at most {} MB. Send it in parts.",
            most / MEGABYTE
        ),
    )
}

fn unsupported(detail: &'static str) -> Problem {
    Problem::malformed("request.unsupported_type", detail)
        .with_status(actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if holds_nul(body) {
        return Err(unprintable());
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            let detail = format!("{inner}.");
            let problem = Problem::invalid("request.invalid", detail.clone());
            // "." is the body as a whole.
            if path == "." {
                problem
            } else {
                problem.field(path, detail)
            }
        } else {
            Problem::malformed(
                "request.not_json",
                format!("The body is not valid JSON: {inner}."),
            )
        }
    })?;
    json.end().map_err(|error| {
        Problem::malformed(
            "request.not_json",
            format!("The body is not valid JSON: {error}."),
        )
    })?;
    Ok(value)
}

/// Whether a JSON text spells NUL: `\u0000` behind an even number of other backslashes.
fn holds_nul(body: &[u8]) -> bool {
    let mut escaped = false;
    body.iter().enumerate().any(|(at, byte)| {
        if escaped {
            escaped = false;
            return body
                .get(at..)
                .is_some_and(|rest| rest.starts_with(b"u0000"));
        }
        escaped = *byte == b'\\';
        false
    })
}

/// The parts of a multipart body that is in memory already.
pub(crate) async fn multipart(req: &HttpRequest, body: Bytes) -> Result<Fields, Problem> {
    let broken = |error: actix_multipart::MultipartError| {
        Problem::malformed(
            "request.bad_form",
            "The form did not arrive whole. Send it again.",
        )
        .because(error.to_string())
    };
    let whole = stream::iter([Ok::<_, actix_web::error::PayloadError>(body)]);
    let mut parts = actix_multipart::Multipart::new(req.headers(), whole);
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let field = part.name().unwrap_or_default().to_owned();
        let file = part
            .content_disposition()
            .and_then(|disposition| disposition.get_filename())
            .map(str::to_owned);
        let mut content = BytesMut::new();
        while let Some(chunk) = part.next().await {
            content.extend_from_slice(&chunk.map_err(broken)?);
        }
        if let Some(name) = file {
            files.push(Upload {
                field,
                name,
                content: content.freeze(),
            });
        } else {
            let text = String::from_utf8(content.to_vec()).map_err(|_not_utf8| unprintable())?;
            texts.push((field, text));
        }
    }
    Fields::new(texts, files)
}

#[cfg(test)]
mod tests {
    use super::{holds_nul, parse};
    use actix_web::ResponseError as _;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct In {
        #[expect(dead_code, reason = "only its type matters")]
        lines: Vec<u8>,
    }

    #[test]
    fn refusals_name_the_place() {
        let problem = parse::<In>(br#"{"lines":[1,2,"x"]}"#).unwrap_err();
        assert_eq!(problem.status_code(), 422);
        assert!(
            problem.at("lines[2]").starts_with("invalid type"),
            "{problem:?}"
        );
        assert!(
            parse::<In>(br#"{"lines":[],"more":1}"#)
                .unwrap_err()
                .at("more")
                .starts_with("unknown field")
        );
        for broken in [&b"{"[..], b"", b"{\"lines\":[]} x", b"{\"lines\":[1e400]}"] {
            let status = parse::<In>(broken).unwrap_err().status_code().as_u16();
            assert!((400..423).contains(&status), "{status}");
        }
    }

    #[test]
    fn nul_is_found_however_it_is_spelt() {
        assert!(holds_nul(br#"{"a":"\u0000"}"#));
        assert!(holds_nul(br#"{"a":"\\\u0000"}"#));
        assert!(!holds_nul(br#"{"a":"\\u0000"}"#));
        assert!(!holds_nul(br#"{"a":"\u0001"}"#));
    }
}
