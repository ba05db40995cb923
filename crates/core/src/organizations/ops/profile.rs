use super::{
    super::{
        Grants, OrganizationError,
        audit::{self, Act, Line},
        model::Profile,
        queries::places,
    },
    Steward,
};
use crate::{
    kernel::text::{Email, Name},
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
    tiers::Permission::OrganizationEdit,
};
use serde_json::{Map, json};

/// Changes what the organisation is called and where it is written to.
pub async fn change_profile(
    tx: &mut OrgTx,
    by: &Grants,
    name: &Name,
    contact_email: Option<&Email>,
) -> Result<(), OrganizationError> {
    Steward::hold(tx, by, OrganizationEdit).await?;
    let old = places::profile(tx).await?;
    let new = Profile {
        name: name.as_str().to_owned(),
        contact_email: contact_email.map(|email| email.as_str().to_owned()),
    };
    let mut changed = Map::new();
    if old.name != new.name {
        let change = json!({ "from": old.name, "to": new.name });
        changed.insert("name".to_owned(), change);
    }
    if old.contact_email != new.contact_email {
        let change = json!({ "from": old.contact_email, "to": new.contact_email });
        changed.insert("contact_email".to_owned(), change);
    }
    if changed.is_empty() {
        return Ok(());
    }
    places::change_profile(tx, &new).await?;
    let fields: Vec<_> = changed.keys().cloned().collect();
    let line = Line::new(Act::OrganizationChanged, new.name).with(changed.into());
    audit::note(tx, line).await?;
    let organization = tx.organization().get();
    let facts = json!({ "changed": fields });
    let event = NewEvent::new(Event::OrganizationUpdated, organization, facts);
    outbox::emit(tx, vec![event]).await?;
    Ok(())
}
