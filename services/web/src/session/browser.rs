//! Browsers in the words of their owners, who are to know their own devices again.
use actix_web::{HttpRequest, http::header};
use std::fmt;

/// What somebody sits before, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Browser {
    program: &'static str,
    system: &'static str,
}

/// The first that a browser names is what it is: all claim to be Safari as well, most Chrome.
const PROGRAMS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// Android says that it is Linux too.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

impl Browser {
    pub(crate) fn of(req: &HttpRequest) -> Self {
        let agent = req.headers().get(header::USER_AGENT);
        Self::named(
            agent
                .and_then(|agent| agent.to_str().ok())
                .unwrap_or_default(),
        )
    }

    fn named(agent: &str) -> Self {
        let known = |names: &[(&str, &'static str)]| {
            let found = names.iter().find(|(mark, _)| agent.contains(mark));
            found.map_or("", |(_, name)| *name)
        };
        Self {
            program: known(&PROGRAMS),
            system: known(&SYSTEMS),
        }
    }
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.program, self.system) {
            ("", "") => f.write_str("An unknown program"),
            (program, "") => f.write_str(program),
            ("", system) => write!(f, "A program on {system}"),
            (program, system) => write!(f, "{program} on {system}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    #[test]
    fn browsers_are_called_what_their_owners_call_them() {
        let said = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on Mac",
            ),
            ("curl/8.14.1", "curl"),
            ("BatchTrack/3 (iPad)", "A program on iPad"),
            ("", "An unknown program"),
        ];
        for (agent, words) in said {
            assert_eq!(Browser::named(agent).to_string(), words);
        }
    }
}
