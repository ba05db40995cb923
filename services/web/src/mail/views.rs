use batchtrack_core::mail::LetterKind;

/// What a kind of letter is called, and when one comes.
pub(super) const fn described(kind: LetterKind) -> (&'static str, &'static str) {
    match kind {
        LetterKind::LowStock => (
            "Low stock",
            "When something falls to what you want to keep at least. Once a day at most.",
        ),
        LetterKind::LotsExpiring => (
            "Lots about to expire",
            "A week before, while there is something left of them. Once a day at most.",
        ),
        LetterKind::EndpointDisabled => (
            "Webhook endpoints that were switched off",
            "When a receiver has not answered for days.",
        ),
        LetterKind::PaymentFailed => (
            "Payments that did not go through",
            "When a card has run out, say.",
        ),
        // Whoever waits for one of these has asked for it; there is nothing to choose.
        LetterKind::VerifyAddress
        | LetterKind::ResetPassword
        | LetterKind::OneTimeCode
        | LetterKind::Invitation
        | LetterKind::AccountExists
        | LetterKind::ChangeAddress
        | LetterKind::AccountChanged => ("Letters that you ask for", ""),
    }
}
