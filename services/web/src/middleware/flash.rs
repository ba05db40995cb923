//! A message for the next page, in a short signed cookie: a session would cost a write to Redis.
use crate::{app::App, extract::Meta, page::Flash};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, CookieJar, SameSite, time::Duration},
    dev::ServiceResponse,
};

const NAME: &str = "batchtrack-flash";
/// Browsers keep cookies up to 4 kB.
const LONGEST: usize = 2_500;

pub(crate) fn cookie(flash: &Flash, app: &App, meta: &Meta) -> Option<Cookie<'static>> {
    let json = serde_json::to_string(flash).ok()?;
    let value = hex_free(&json);
    if value.len() > LONGEST {
        return None;
    }
    let mut jar = CookieJar::new();
    jar.signed_mut(&app.key).add(plain(value, meta));
    jar.get(NAME).cloned()
}

fn plain(value: String, meta: &Meta) -> Cookie<'static> {
    Cookie::build(NAME, value)
        .path("/")
        .http_only(true)
        .secure(meta.is_https)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(60))
        .finish()
}

/// Cookies hold no spaces, commas or semicolons.
fn hex_free(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The message that came with a request.
pub(crate) fn read(req: &HttpRequest, app: &App) -> Option<Flash> {
    let mut jar = CookieJar::new();
    jar.add_original(req.cookie(NAME)?);
    let value = jar.signed(&app.key).get(NAME)?;
    let (json, _) = url::form_urlencoded::parse(value.value().as_bytes()).next()?;
    serde_json::from_str(&json).ok()
}

/// Takes the cookie back once a page has shown it.
pub(crate) fn clear<B>(response: &mut ServiceResponse<B>, meta: &Meta, had_one: bool) {
    let sets_another = response.response().cookies().any(|cookie| cookie.name() == NAME);
    if had_one && meta.flash_shown.get() && !sets_another {
        let mut gone = plain(String::new(), meta);
        gone.make_removal();
        // The name and value are ours, so the header is always well formed.
        let _ = response.response_mut().add_cookie(&gone);
    }
}
