//! One newtype per table key, so that a `LotId` can never be passed where an `ItemId` is wanted.

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident;)+) => { $(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[serde(transparent)]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        pub struct $name(i64);

        impl $name {
            pub const fn new(id: i64) -> Self { Self(id) }
            pub const fn get(self) -> i64 { self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::BigInt, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <i64 as diesel::serialize::ToSql<diesel::sql_types::BigInt, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::BigInt, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <i64 as diesel::deserialize::FromSql<diesel::sql_types::BigInt, diesel::pg::Pg>>::from_sql(bytes).map(Self)
            }
        }
    )+ };
}

typed_id! {
    /// An organisation: the boundary between tenants.
    OrganizationId;
    /// A person who can sign in.
    UserId;
    /// A key that somebody signs in with instead of a password.
    PasskeyId;
    /// A set of permissions that members of an organisation are given by name.
    RoleId;
    /// What a program shows instead of a password.
    ApiTokenId;
    /// Where somebody is signed in by an app.
    DeviceSignInId;
    /// Somebody asked to join an organisation, by letter.
    InvitationId;
    /// An operator acting as an organisation for a while.
    OperatorStayId;
    /// Something kept in stock: an ingredient, a container, packaging, a consumable or a product.
    ItemId;
    /// One received parcel of an item.
    LotId;
    /// One business action on stock, the cause of its movements.
    ActionId;
    /// One change of one lot.
    MovementId;
    /// One version of one recipe.
    RecipeId;
    /// The name that a recipe's versions share.
    RecipeGroupId;
    /// One run of a recipe.
    BatchId;
    /// Something sold, in one or more variants and sizes.
    ProductId;
    /// A product in one colour, scent or material.
    VariantId;
    /// A variant in one size: what is counted, priced and sold.
    SkuId;
    /// An entry of the shared library of ingredients and containers.
    GlobalItemId;
    /// One file of purchases or recipes that was taken in whole.
    ImportId;
    /// A recorded fact that others may react to.
    EventId;
    /// Work to be done after the commit.
    JobId;
    /// A process that works jobs.
    WorkerId;
    /// An address of an organisation that events are sent to.
    WebhookEndpointId;
    /// One event on its way to one endpoint.
    WebhookDeliveryId;
    /// Sending again what was recorded in a stretch of time.
    WebhookReplayId;
}
