use crate::kernel::ids::{OrganizationId, UserId};
use diesel::{Queryable, Selectable};

/// Someone's place in an organisation, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Membership {
    #[diesel(select_expression = crate::schema::memberships::organization_id)]
    pub organization_id: OrganizationId,
    #[diesel(select_expression = crate::schema::memberships::user_id)]
    pub user_id: UserId,
    #[diesel(select_expression = crate::schema::memberships::role)]
    pub role: String,
    #[diesel(select_expression = crate::schema::organizations::name)]
    pub organization_name: String,
    #[diesel(select_expression = crate::schema::organizations::currency)]
    pub currency: String,
    #[diesel(select_expression = crate::schema::organizations::costing_method)]
    pub costing_method: String,
    #[diesel(select_expression = crate::schema::users::first_name)]
    pub first_name: String,
    #[diesel(select_expression = crate::schema::users::last_name)]
    pub last_name: String,
    #[diesel(select_expression = crate::schema::users::username)]
    pub username: String,
    #[diesel(select_expression = crate::schema::users::email)]
    pub email: String,
    /// By its name in the database of time zones.
    #[diesel(select_expression = crate::schema::users::timezone)]
    pub timezone: String,
    /// Whether they run the installation; that gives them nothing within the organisation.
    #[diesel(select_expression = crate::schema::users::is_operator)]
    pub is_operator: bool,
}

impl Membership {
    /// What to call them.
    pub fn display_name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        match name.trim() {
            "" => self.username.clone(),
            name => name.to_owned(),
        }
    }

    /// One or two letters that stand for them.
    pub fn initials(&self) -> String {
        let first = |text: &str| text.chars().next();
        let letters: String = [first(&self.first_name), first(&self.last_name)]
            .into_iter()
            .flatten()
            .collect();
        let letters = if letters.is_empty() {
            first(&self.username).into_iter().collect()
        } else {
            letters
        };
        letters.to_uppercase()
    }
}
