//! Pages of the organisation, of those who may belong to several, and of those who are invited.
mod access;
mod audit;
mod joining;
mod member;
mod members;
mod places;
mod roles;
mod settings;
mod transfer;

use crate::endpoint::{
    Access::{self, May},
    Endpoint,
};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/organization", May(P::OrganizationEdit), || {
        web::to(settings::show)
    }),
    Endpoint::post("/organization", May(P::OrganizationEdit), || {
        web::to(settings::save)
    }),
    Endpoint::get(
        "/organization/audit",
        May(P::OrganizationViewAuditLogs),
        || web::to(audit::show),
    ),
    Endpoint::get(
        "/organization/audit.csv",
        May(P::OrganizationViewAuditLogs),
        || web::to(audit::export),
    ),
    Endpoint::get("/organization/members", May(P::OrganizationView), || {
        web::to(members::show)
    }),
    Endpoint::post(
        "/organization/invitations",
        May(P::OrganizationManageUsers),
        || web::to(members::invite),
    ),
    Endpoint::post(
        "/organization/invitations/{id}/resend",
        May(P::OrganizationManageUsers),
        || web::to(members::resend),
    ),
    Endpoint::post(
        "/organization/invitations/{id}/withdraw",
        May(P::OrganizationManageUsers),
        || web::to(members::withdraw),
    ),
    Endpoint::get(
        "/organization/members/{id}",
        May(P::OrganizationView),
        || web::to(member::show),
    ),
    Endpoint::post(
        "/organization/members/{id}/roles",
        May(P::OrganizationManageUsers),
        || web::to(member::set_roles),
    ),
    Endpoint::post(
        "/organization/members/{id}/deactivate",
        May(P::OrganizationManageUsers),
        || web::to(member::deactivate),
    ),
    Endpoint::post(
        "/organization/members/{id}/reactivate",
        May(P::OrganizationManageUsers),
        || web::to(member::reactivate),
    ),
    Endpoint::post(
        "/organization/members/{id}/remove",
        May(P::OrganizationManageUsers),
        || web::to(member::remove),
    ),
    Endpoint::get(
        "/organization/members/{id}/access",
        May(P::OrganizationView),
        || web::to(access::of_member),
    ),
    Endpoint::get(
        "/organization/roles",
        May(P::OrganizationManageRoles),
        || web::to(roles::list),
    ),
    Endpoint::get(
        "/organization/roles/new",
        May(P::OrganizationManageRoles),
        || web::to(roles::blank),
    ),
    Endpoint::post(
        "/organization/roles/new",
        May(P::OrganizationManageRoles),
        || web::to(roles::create),
    ),
    Endpoint::get(
        "/organization/roles/{id}",
        May(P::OrganizationManageRoles),
        || web::to(roles::show),
    ),
    Endpoint::post(
        "/organization/roles/{id}",
        May(P::OrganizationManageRoles),
        || web::to(roles::save),
    ),
    Endpoint::post(
        "/organization/roles/{id}/delete",
        May(P::OrganizationManageRoles),
        || web::to(roles::delete),
    ),
    Endpoint::get("/organization/transfer", Access::Owner, || {
        web::to(transfer::show)
    }),
    Endpoint::post("/organization/transfer", Access::Owner, || {
        web::to(transfer::submit)
    }),
    Endpoint::get("/account/access", Access::Member, || web::to(access::own)),
    Endpoint::get("/account/organizations", Access::Person, || {
        web::to(places::show)
    }),
    Endpoint::post("/account/organizations", Access::Person, || {
        web::to(places::found)
    }),
    Endpoint::get("/account/organizations/menu", Access::Person, || {
        web::to(places::menu)
    }),
    Endpoint::post("/account/organizations/switch", Access::Person, || {
        web::to(places::switch)
    }),
    Endpoint::post("/account/organizations/{id}/leave", Access::Person, || {
        web::to(places::leave)
    }),
    Endpoint::post(
        "/account/organizations/invitations/{id}/accept",
        Access::Person,
        || web::to(places::accept),
    ),
    Endpoint::post(
        "/account/organizations/invitations/{id}/decline",
        Access::Person,
        || web::to(places::decline),
    ),
    Endpoint::get("/invitations/{token}", Access::Public, || {
        web::to(joining::show)
    }),
    Endpoint::post("/invitations/{token}/accept", Access::Public, || {
        web::to(joining::accept)
    }),
    Endpoint::post("/invitations/{token}/decline", Access::Public, || {
        web::to(joining::decline)
    }),
    Endpoint::post("/invitations/{token}/join", Access::Public, || {
        web::to(joining::join)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/organization/", "/organization"));
    Endpoint::register(ENDPOINTS, cfg);
}
