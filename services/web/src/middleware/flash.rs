//! A message for the next page, in a short signed cookie: a session would cost a write to Redis.
use crate::{app::App, extract::Meta, page::Flash};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, CookieJar, SameSite, time::Duration},
    dev::ServiceResponse,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

const NAME: &str = "batchtrack-flash";
/// Browsers keep cookies up to 4 kB.
const LONGEST: usize = 2_500;

pub(crate) fn cookie(flash: &Flash, app: &App, meta: &Meta) -> Option<Cookie<'static>> {
    // Of letters and digits only: a cookie's value may hold no spaces, commas or semicolons.
    let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).ok()?);
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

/// The message that came with a request.
pub(crate) fn read(req: &HttpRequest, app: &App) -> Option<Flash> {
    let mut jar = CookieJar::new();
    jar.add_original(req.cookie(NAME)?);
    let value = jar.signed(&app.key).get(NAME)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value.value()).ok()?).ok()
}

/// Takes the cookie back once a page has shown it.
pub(crate) fn clear<B>(response: &mut ServiceResponse<B>, meta: &Meta, had_one: bool) {
    let sets_another = response
        .response()
        .cookies()
        .any(|cookie| cookie.name() == NAME);
    if had_one && meta.flash_shown.get() && !sets_another {
        let mut gone = plain(String::new(), meta);
        gone.make_removal();
        // The name and value are ours, so the header is always well formed.
        let _ = response.response_mut().add_cookie(&gone);
    }
}
