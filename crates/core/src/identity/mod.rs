//! Who somebody is: accounts, what they are proved by, signing up and signing in.
//!
//! Every way to sign in ends in [`Admission`], which one rule decides: in, or what is still needed.
//! What is asked for by address alone is answered the same for every address, and carried out by an
//! [`AccountErrand`]: only a letter says what became of it.
mod codes;
mod common;
mod desk;
mod errand;
mod error;
mod limits;
mod links;
mod model;
mod notice;
mod ops;
mod passkeys;
mod password;
mod queries;
mod rules;
mod token;
mod totp;

pub use self::{
    desk::AccountDesk,
    errand::{AccountErrand, run_errand},
    error::IdentityError,
    links::{Link, LinkPurpose, look_at_link},
    model::{
        Account, Admission, Halfway, Method, NewAccount, NewPerson, Person, Profile, SecondFactor,
        SignedIn, Wanted,
    },
    ops::{
        change_address::{change_address, request_address_change},
        change_password::change_password,
        close_account::{Farewell, close_account, farewell},
        confirm::confirm_password,
        export::export_account,
        mail_code::{mail_second_code, request_code, sign_in_by_code},
        passkeys::{
            PasskeyInfo, add_passkey, begin_passkey, begin_recognising, passkeys, remove_passkey,
            sign_in_by_passkey,
        },
        profile::change_profile,
        prove_address::{prove_address, request_proof},
        reset_password::{request_reset, reset_password},
        second_step::second_step,
        sessions::end_sessions,
        sign_in::sign_in,
        sign_in_app::{AppSignIn, sign_in_app},
        sign_up::{request_sign_up, sign_up},
        two_step::{
            Proof, TwoStep, begin_email_codes, begin_totp, confirm_email_codes, confirm_totp,
            pending_totp, renew_recovery_codes, switch_off_second_factor, two_step,
        },
    },
    passkeys::{Recognising, Registering},
    password::Passwords,
    queries::{codes::forget_codes, limits::forget_limits, links::forget_links, person},
    rules::{LONGEST_PASSWORD, Own, SHORTEST_PASSWORD, Username, check_password},
    token::Token,
    totp::TotpSecret,
};
pub(crate) use self::{
    ops::join::{hash_for, insert_person},
    queries::know_address,
    rules::{display_name, initials},
};
/// What browsers and keys say to each other, as it stands in JSON.
pub use webauthn_rs::prelude::{
    CreationChallengeResponse, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse,
};
