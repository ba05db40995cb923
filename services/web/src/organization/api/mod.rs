//! `/api/v1` of the organisation itself.
pub(crate) mod audit;
pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod roles;

use crate::endpoint::{Access::May, Endpoint};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/members", May(P::OrganizationView), || {
        web::to(members::list)
    }),
    Endpoint::get("/api/v1/members/{id}", May(P::OrganizationView), || {
        web::to(members::show)
    }),
    Endpoint::patch(
        "/api/v1/members/{id}",
        May(P::OrganizationManageUsers),
        || web::to(members::change),
    ),
    Endpoint::delete(
        "/api/v1/members/{id}",
        May(P::OrganizationManageUsers),
        || web::to(members::remove),
    ),
    Endpoint::get(
        "/api/v1/invitations",
        May(P::OrganizationManageUsers),
        || web::to(invitations::list),
    ),
    Endpoint::post(
        "/api/v1/invitations",
        May(P::OrganizationManageUsers),
        || web::to(invitations::create),
    ),
    Endpoint::get(
        "/api/v1/invitations/{id}",
        May(P::OrganizationManageUsers),
        || web::to(invitations::show),
    ),
    Endpoint::post(
        "/api/v1/invitations/{id}/resend",
        May(P::OrganizationManageUsers),
        || web::to(invitations::resend),
    ),
    Endpoint::delete(
        "/api/v1/invitations/{id}",
        May(P::OrganizationManageUsers),
        || web::to(invitations::withdraw),
    ),
    Endpoint::get("/api/v1/roles", May(P::OrganizationView), || {
        web::to(roles::list)
    }),
    Endpoint::post("/api/v1/roles", May(P::OrganizationManageRoles), || {
        web::to(roles::create)
    }),
    Endpoint::get("/api/v1/roles/{id}", May(P::OrganizationView), || {
        web::to(roles::show)
    }),
    Endpoint::patch(
        "/api/v1/roles/{id}",
        May(P::OrganizationManageRoles),
        || web::to(roles::change),
    ),
    Endpoint::delete(
        "/api/v1/roles/{id}",
        May(P::OrganizationManageRoles),
        || web::to(roles::delete),
    ),
    Endpoint::get(
        "/api/v1/audit-entries",
        May(P::OrganizationViewAuditLogs),
        || web::to(audit::list),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
