use super::{Dist, SHELF, routes, url};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, dev::ServiceResponse, test as client};

async fn fetch(
    method: Method,
    path: &str,
    headers: &[(header::HeaderName, &str)],
) -> ServiceResponse {
    let app = client::init_service(App::new().configure(routes)).await;
    let mut request = client::TestRequest::default().method(method).uri(path);
    for (name, value) in headers {
        request = request.insert_header((name.clone(), *value));
    }
    client::call_service(&app, request.to_request()).await
}

fn head(response: &ServiceResponse, name: header::HeaderName) -> &str {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[actix_web::test]
async fn every_listed_file_is_there_and_lives_for_ever() {
    for logical in [
        "app.css",
        "app.js",
        "theme.js",
        "icons.svg",
        "favicon.svg",
        "site.webmanifest",
    ] {
        let response = fetch(Method::GET, url(logical), &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{logical}");
        assert_eq!(
            head(&response, header::CACHE_CONTROL),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(head(&response, header::VARY), "Accept-Encoding");
        assert!(response.headers().get(header::CONTENT_ENCODING).is_none());
        assert_ne!(
            head(&response, header::CONTENT_TYPE),
            "application/octet-stream",
            "{logical}"
        );
    }
    assert_eq!(SHELF.urls.len(), SHELF.assets.len());
}

#[actix_web::test]
async fn the_best_encoding_that_the_client_reads_is_sent() {
    for (accept, expected) in [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", ""),
        ("*;q=0, identity", ""),
        ("nonsense", ""),
    ] {
        let response = fetch(
            Method::GET,
            url("app.css"),
            &[(header::ACCEPT_ENCODING, accept)],
        )
        .await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            head(&response, header::CONTENT_ENCODING),
            expected,
            "{accept}"
        );
    }
}

#[actix_web::test]
async fn each_encoding_has_its_own_tag_and_revalidates() {
    let plain = fetch(Method::GET, url("app.js"), &[]).await;
    let brotli = fetch(
        Method::GET,
        url("app.js"),
        &[(header::ACCEPT_ENCODING, "br")],
    )
    .await;
    let tag = head(&brotli, header::ETAG);
    assert_ne!(head(&plain, header::ETAG), tag);
    let again = [
        (header::ACCEPT_ENCODING, "br"),
        (header::IF_NONE_MATCH, tag),
    ];
    let response = fetch(Method::GET, url("app.js"), &again).await;
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(head(&response, header::ETAG), tag);
}

#[actix_web::test]
async fn nothing_else_is_served() {
    let raw = url("app.css").to_owned() + ".br";
    for path in [
        raw.as_str(),
        "/assets/manifest.json",
        "/assets/app.css",
        "/assets/..%2fmanifest.json",
    ] {
        assert_eq!(
            fetch(Method::GET, path, &[]).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[actix_web::test]
async fn head_answers_like_get() {
    let response = fetch(Method::HEAD, url("icons.svg"), &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// A page that names an asset, an icon or a status icon that does not exist would be silently bare.
#[test]
fn icons_that_rust_names_are_in_the_sprite() {
    let sprite =
        Dist::get(url("icons.svg").trim_start_matches("/assets/")).expect("the sprite is built");
    let sprite = String::from_utf8_lossy(&sprite.data);
    for state in [
        "planned",
        "in_progress",
        "completed",
        "failed",
        "cancelled",
        "draft",
        "archived",
        "active",
        "ok",
        "low_stock",
        "out_of_stock",
        "expiring",
        "expired",
        "sold",
        "reversed",
        "anything",
    ] {
        let (_, icon, _) = crate::parts::status(state);
        assert!(sprite.contains(&format!("<symbol id=\"{icon}\"")), "{icon}");
    }
}
