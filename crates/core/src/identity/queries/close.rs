//! What goes with an account.
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::{SystemTx, prepared::statements},
};
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl as _;

statements! {
    // Held so that nobody joins meanwhile: who joins needs the organisation's row as well.
    Owned -> (BigInt, Text, Bool):
        "SELECT o.id, o.name, EXISTS (SELECT FROM memberships other \
            WHERE other.organization_id = o.id AND other.user_id <> $1 AND other.is_active) \
           FROM organizations o JOIN memberships m ON m.organization_id = o.id AND m.user_id = $1 AND m.role = 'owner' \
          WHERE o.is_active ORDER BY o.id FOR UPDATE OF o";
    CloseOrganizations:
        "UPDATE organizations SET is_active = false WHERE id IN ( \
            SELECT organization_id FROM memberships WHERE user_id = $1 AND role = 'owner')";
    Leave:
        "UPDATE memberships SET is_active = false WHERE user_id = $1 AND is_active";
    // What others have recorded of them stays true, without their name.
    Blank:
        "UPDATE users SET is_active = false, username = 'deleted:' || id, email = 'deleted-' || id || '@deleted.invalid', \
            password_hash = '', first_name = '', last_name = '', timezone = 'UTC', \
            email_verified_at = NULL, second_factor = NULL, last_login_at = NULL, session_epoch = session_epoch + 1 \
          WHERE id = $1 AND is_active";
    DropPasskeys: "DELETE FROM account_passkeys WHERE user_id = $1";
    DropTotp: "DELETE FROM account_totp WHERE user_id = $1";
    DropRecovery: "DELETE FROM account_recovery_codes WHERE user_id = $1";
    DropLinks: "DELETE FROM account_links WHERE user_id = $1";
    DropCodes: "DELETE FROM account_codes WHERE user_id = $1";
    DropPreferences: "DELETE FROM mail_preferences WHERE user_id = $1";
    DropLetters: "DELETE FROM mail_letters WHERE user_id = $1";
}

/// Organisations that somebody owns: id, name, and whether others work there.
pub(in super::super) async fn owned(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Vec<(OrganizationId, String, bool)>, StoreError> {
    Ok(Owned::prepared()
        .bind::<BigInt, _>(user)
        .load(tx.conn())
        .await?)
}

/// Closes what they own, takes them out of everything else, and forgets who they were.
pub(in super::super) async fn erase(tx: &mut SystemTx, user: UserId) -> Result<bool, StoreError> {
    macro_rules! run {
        ($($statement:ident),+) => {
            $($statement::prepared().bind::<BigInt, _>(user).execute(tx.conn()).await?;)+
        };
    }
    run!(
        CloseOrganizations,
        Leave,
        DropPasskeys,
        DropTotp,
        DropRecovery,
        DropLinks,
        DropCodes
    );
    run!(DropPreferences, DropLetters);
    let blanked = Blank::prepared()
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    Ok(blanked == 1)
}
