//! Styles, scripts, fonts and icons: built by `assets/build.mjs`, embedded here, served with a hash in their name and
//! therefore cacheable for ever.
use crate::endpoint::{Access, Endpoint};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, Header as _, HeaderValue, IfNoneMatch};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets/dist"]
struct Dist;

/// One file in every encoding we hold.
struct Asset {
    content_type: &'static str,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

struct Shelf {
    urls: HashMap<String, String>,
    assets: HashMap<String, Asset>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(Shelf::load);

/// The address of an asset by its plain name: `url("app.css")` is `/assets/app.0a1b2c3d4e5f.css`.
pub fn url(logical: &str) -> &'static str {
    SHELF
        .urls
        .get(logical)
        .map_or("/assets/unknown", String::as_str)
}

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/assets/{file}", Access::Public, || web::to(serve)),
    Endpoint::head("/assets/{file}", Access::Public, || web::to(serve)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

async fn serve(request: HttpRequest, file: web::Path<String>) -> HttpResponse {
    let Some(asset) = SHELF.assets.get(file.as_str()) else {
        return HttpResponse::NotFound().finish();
    };
    let (encoding, body) = asset.best_for(&request);
    let tag = header::EntityTag::new_strong(format!("{file}-{}", encoding.unwrap_or("plain")));
    let unchanged = is_unchanged(&request, &tag);
    let status = if unchanged {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CACHE_CONTROL, FOREVER))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(header::ETag(tag));
    if unchanged {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    response.content_type(asset.content_type).body(body)
}

fn is_unchanged(request: &HttpRequest, tag: &header::EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|one| one.weak_eq(tag)),
        Err(_) => false,
    }
}

impl Asset {
    /// Brotli, else gzip, else as it is. Preferences between codings we hold are ours: smaller wins.
    fn best_for(&self, request: &HttpRequest) -> (Option<&'static str>, Bytes) {
        let accept = request
            .headers()
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match (&self.brotli, &self.gzip) {
            (Some(body), _) if accepts(accept, "br") => (Some("br"), body.clone()),
            (_, Some(body)) if accepts(accept, "gzip") => (Some("gzip"), body.clone()),
            _ => (None, self.plain.clone()),
        }
    }
}

/// Whether an `Accept-Encoding` names this coding (or `*`) with a weight above nothing.
fn accepts(accept: &str, coding: &str) -> bool {
    let weight = |wanted: &str| {
        accept.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts
                .next()
                .filter(|name| name.eq_ignore_ascii_case(wanted))?;
            let quality = parts.find_map(|part| part.strip_prefix("q="));
            Some(quality.map_or(Ok(1.0), str::parse::<f32>).unwrap_or(0.0))
        })
    };
    weight(coding)
        .or_else(|| weight("*"))
        .is_some_and(|quality| quality > 0.0)
}

impl Shelf {
    fn load() -> Self {
        let names: HashMap<String, String> = Dist::get("manifest.json")
            .and_then(|manifest| serde_json::from_slice(&manifest.data).ok())
            .unwrap_or_default();
        let assets = names
            .values()
            .filter_map(|name| {
                let plain = Dist::get(name).map(bytes)?;
                let gzip = Dist::get(&format!("{name}.gz")).map(bytes);
                let brotli = Dist::get(&format!("{name}.br")).map(bytes);
                Some((
                    name.clone(),
                    Asset {
                        content_type: content_type(name),
                        plain,
                        gzip,
                        brotli,
                    },
                ))
            })
            .collect();
        let urls = names
            .into_iter()
            .map(|(logical, name)| (logical, format!("/assets/{name}")))
            .collect();
        Self { urls, assets }
    }
}

/// Embedded files are borrowed from the binary; only a debug build, which reads the folder, copies.
fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
