//! What is held about somebody, beyond any organisation.
use crate::{
    kernel::{StoreError, ids::UserId},
    platform::{SystemTx, prepared::statements},
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Jsonb},
};
use diesel_async::RunQueryDsl as _;
use serde_json::Value;

statements! {
    // Put together where it lies, so that a column that is added is seen to be missing in one place.
    Everything -> Jsonb:
        "SELECT jsonb_build_object( \
            'account', jsonb_build_object( \
                'id', u.id::text, 'username', u.username, 'email', u.email, 'email_confirmed_at', u.email_verified_at, \
                'first_name', u.first_name, 'last_name', u.last_name, 'timezone', u.timezone, \
                'created_at', u.created_at, 'last_signed_in_at', u.last_login_at, \
                'two_step_sign_in', coalesce(u.second_factor, 'off'), 'runs_the_installation', u.is_operator), \
            'recovery_codes_left', (SELECT count(*) FROM account_recovery_codes r WHERE r.user_id = u.id), \
            'organizations', coalesce((SELECT jsonb_agg(jsonb_build_object( \
                'id', o.id::text, 'name', o.name, 'role', m.role, 'member_since', m.created_at, \
                'is_active', m.is_active AND o.is_active, \
                'roles', coalesce((SELECT jsonb_agg(r.name ORDER BY r.name) FROM member_roles mr \
                    JOIN roles r ON r.organization_id = mr.organization_id AND r.id = mr.role_id \
                    WHERE mr.organization_id = m.organization_id AND mr.user_id = u.id), '[]')) ORDER BY o.id) \
                FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = u.id), '[]'), \
            'passkeys', coalesce((SELECT jsonb_agg(jsonb_build_object( \
                'name', p.name, 'added_at', p.created_at, 'last_used_at', p.last_used_at) ORDER BY p.id) \
                FROM account_passkeys p WHERE p.user_id = u.id), '[]'), \
            'letters_wanted', coalesce((SELECT jsonb_object_agg(f.kind, f.wanted) \
                FROM mail_preferences f WHERE f.user_id = u.id), '{}'), \
            'letters_sent', coalesce((SELECT jsonb_agg(jsonb_build_object( \
                'kind', l.kind, 'to', l.address, 'outcome', l.outcome, 'at', l.settled_at) ORDER BY l.settled_at) \
                FROM mail_letters l WHERE l.user_id = u.id), '[]')) \
           FROM users u WHERE u.id = $1 AND u.is_active";
}

pub(in super::super) async fn everything(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Option<Value>, StoreError> {
    Ok(Everything::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await
        .optional()?)
}
