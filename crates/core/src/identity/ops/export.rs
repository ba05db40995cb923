use super::super::{IdentityError, queries};
use crate::{kernel::ids::UserId, platform::SystemDb};
use serde_json::{Value, json};

/// All that is held about somebody as a person. What they did in an organisation is that
/// organisation's, and is exported there.
pub async fn export_account(db: &SystemDb, user: UserId) -> Result<Value, IdentityError> {
    let mut tx = db.begin().await?;
    let held = queries::export::everything(&mut tx, user).await?;
    let mut held = held.ok_or(IdentityError::BadCredentials)?;
    if let Value::Object(members) = &mut held {
        members.insert("exported_at".to_owned(), json!(tx.now()));
    }
    Ok(held)
}
