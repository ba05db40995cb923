//! What a mail server's no means. Pure.

/// A server's refusal: its three digits, and its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal<'a> {
    pub(super) code: u16,
    pub(super) said: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may do better later.
    Again,
    /// There is no such mailbox: never write there again.
    Suppress,
    /// It doesn't want this letter, or us; the address itself may be good.
    Refused,
}

/// The enhanced status (RFC 3463), where the server gives one, tells a mailbox that isn't there from
/// a letter that isn't wanted; the three digits alone often mean both.
pub(super) fn verdict(refusal: Refusal<'_>) -> Verdict {
    match (refusal.code, enhanced(refusal.said)) {
        // Signing in refused (53x) is an operator's to mend, and then all is well again.
        (..=499 | 530 | 534 | 535 | 538 | 600.., _) => Verdict::Again,
        // No such mailbox or domain, malformed, moved away, takes no mail; switched off.
        (_, Some((5, 1, 0..=3 | 6 | 10) | (5, 2, 1))) | (550 | 551 | 553, None) => {
            Verdict::Suppress
        }
        _ => Verdict::Refused,
    }
}

/// `5.1.1` of `5.1.1 no such user`.
fn enhanced(said: &str) -> Option<(u16, u16, u16)> {
    let mut numbers = said.split_whitespace().next()?.split('.').map(str::parse);
    let all = (
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
    );
    numbers.next().is_none().then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_that_is_not_there_is_told_from_a_letter_that_is_not_wanted() {
        use Verdict::{Again, Refused, Suppress};
        for (code, said, expected) in [
            (550, "5.1.1 <ana@example.com>: no such user", Suppress),
            (550, "no such user here", Suppress),
            (551, "User not local", Suppress),
            (553, "mailbox name not allowed", Suppress),
            (550, "5.2.1 mailbox disabled", Suppress),
            (554, "5.1.10 recipient address has a null MX", Suppress),
            (550, "5.7.1 message looks like spam", Refused),
            (550, "5.7.26 unauthenticated mail", Refused),
            (552, "5.2.2 mailbox full", Refused),
            (553, "5.1.8 sender's domain does not exist", Refused),
            (554, "transaction failed", Refused),
            (535, "5.7.8 authentication failed", Again),
            (530, "5.7.0 must issue a STARTTLS command first", Again),
            (450, "4.2.1 try again later", Again),
            (421, "5.1.1 closing", Again),
        ] {
            assert_eq!(verdict(Refusal { code, said }), expected, "{code} {said}");
        }
    }

    #[test]
    fn an_enhanced_status_has_three_numbers() {
        assert_eq!(enhanced("5.1.1 gone"), Some((5, 1, 1)));
        for said in [
            "",
            "gone",
            "5.1 gone",
            "5.1.1.1 gone",
            "127.0.0.1 gone",
            "5.x.1",
        ] {
            assert_eq!(enhanced(said), None, "{said}");
        }
    }
}
