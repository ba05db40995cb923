//! The demo organisation that a newcomer finds.
use super::database::DatabaseUrls;

/// What to type into the sign-in page.
pub(crate) struct DemoSignIn {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Makes the demo organisation, unless it is there; none when this build brings none.
#[expect(
    clippy::unused_async,
    reason = "what it will do happens in the database"
)]
pub(crate) async fn demo(_urls: &DatabaseUrls) -> anyhow::Result<Option<DemoSignIn>> {
    Ok(None)
}
