//! Agreement with the client that really asks.

use super::{Url, encoding};

impl Url {
    /// Whether a client that reports `reported` asked this URL.
    ///
    /// Clients normalize on their own, each another part: what RFC 3986, section 6.2.2, calls equivalent agrees (the
    /// case of hexadecimal digits, unreserved characters that needn't have been escaped), and so does the escaping of
    /// characters that a URL shouldn't hold (`' " < > { }`, a lone `%`); a fragment is never sent. A reserved
    /// character that was escaped or unescaped, another order or another host don't agree: those name another
    /// resource.
    pub fn agrees_with(&self, reported: &str) -> bool {
        let reported = reported.split('#').next().unwrap_or_default();
        Url::parse(reported).is_ok_and(|reported| normal(&self.text) == normal(&reported.text))
    }
}

/// The normal form of section 6.2.2, with everything escaped that any client escapes.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            match encoding::escaped_byte(after) {
                None => out.push_str("%25"),
                Some((byte, after)) => {
                    rest = after;
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        out.push(char::from(byte));
                    } else {
                        encoding::push_escape(&mut out, byte);
                    }
                }
            }
        } else if b"\"'<>[]^`{|}".contains(&byte) {
            encoding::push_escape(&mut out, byte);
        } else {
            out.push(char::from(byte));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_client_may_escape_more_but_change_nothing() {
        let url = Url::parse("https://api.example/a{b}?c='d|[1]'&e=%2C,%2c").unwrap();
        for reported in [
            url.as_str(),
            "https://api.example/a%7Bb%7D?c=%27d|[1]%27&e=%2C,%2c",
            "https://API.example:443/a{b}?c='d%7C%5B1%5D'&e=%2C,%2c#top",
            "https://api.example/%61{b}?%63='d|[1]'&e=%2C,%2C",
        ] {
            assert!(url.agrees_with(reported), "{reported}");
        }
        for reported in [
            "",
            "https://api.example/a{b}?c='d|[1]'&e=,,%2c",
            "https://api.example/a{b}?c='d|[1]'&e=%2C,%252c",
            "https://api.example/a{b}?e=%2C,%2c&c='d|[1]'",
            "https://api.example/a{b}?c='d|[1]'",
            "http://api.example/a{b}?c='d|[1]'&e=%2C,%2c",
            "https://api.example.evil/a{b}?c='d|[1]'&e=%2C,%2c",
            "https://u@api.example/a{b}?c='d|[1]'&e=%2C,%2c",
        ] {
            assert!(!url.agrees_with(reported), "{reported}");
        }
        let url = Url::parse("https://api.example/?q=100%&r=a+b").unwrap();
        assert!(url.agrees_with("https://api.example/?q=100%25&r=a+b"));
        assert!(!url.agrees_with("https://api.example/?q=100%&r=a%20b"));
    }

    /// What hostile and ordinary references are made of.
    fn pieces(longest: usize) -> impl Strategy<Value = String> {
        const PIECES: &str = "https: http: HTTP: ftp: // / / / ? # . .. ../ ./ %2e %2F % %zz @ : :443 :80 :0 :8080 \
            [::1] 1.2.3.4 127.1 0x7f.1 08 a_b - \\ & = ; , + ' \" < > [ ] { } | ^ ` $ ! * ( ~ ü 。 \u{200b} \u{feff} \
            a b c d e 1 2 3 a=1 &b=2";
        let piece = prop_oneof![
            12 => prop::sample::select(PIECES.split_ascii_whitespace().collect::<Vec<_>>()),
            1 => prop::sample::select(vec!["\t", "\n", " ", "\0"]),
        ];
        prop::collection::vec(piece, 0..longest).prop_map(|pieces| pieces.concat())
    }

    /// References of both kinds: any pieces, or something that starts like an authority.
    fn reference() -> impl Strategy<Value = String> {
        const HOSTS: &str = "api.example Evil.Example localhost [::1] [::ffff:1.2.3.4] [1:0:0:2:0:0:0:3] 1.2.3.4 a 1.a \
            a.1 a.0x a_b.c 127.1 0x7f000001 2130706433 0177.0.0.1 a.b. a..b a%2eb ü.example u@a u:p@a -a a-";
        let start =
            prop::sample::select(vec!["https://", "http://", "HTTPS://", "//", "https:/", "http:", "///"]);
        let host = prop::sample::select(HOSTS.split_ascii_whitespace().collect::<Vec<_>>());
        let port =
            prop::sample::select(vec!["", "", ":", ":80", ":443", ":0443", ":8080", ":0", ":65536", ":a"]);
        let end = prop::sample::select(vec!["", "/", "?", "#"]);
        prop_oneof![
            pieces(9),
            (start, host, port, end, pieces(5)).prop_map(|(a, b, c, d, e)| format!("{a}{b}{c}{d}{e}")),
        ]
    }

    /// The `url` crate takes these for Windows drives, which no `..` may leave, although only `file:` has drives.
    fn has_drive(text: &str) -> bool {
        text.split(['/', '?', '#'])
            .any(|s| matches!(s.as_bytes(), [a, b':' | b'|'] if a.is_ascii_alphabetic()))
    }

    /// Whether the WHATWG parser sees the same URL, origin included.
    fn same(ours: &Url, theirs: &::url::Url) -> bool {
        ours.agrees_with(theirs.as_str())
            && ours.origin().to_string() == theirs.origin().ascii_serialization()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        /// The one thing that counts: whatever we accept, browsers and clients read as the same URL. (Broken `xn--`
        /// names are passed on for them to refuse, so there are none among the pieces.)
        #[test]
        fn what_is_accepted_reads_the_same_to_the_whatwg_parser(base in reference(), reference in reference()) {
            for start in ["https://api.example/v1/leads?x=1", "http://1.2.3.4:8080", &base] {
                let Ok(ours) = Url::parse(start) else { continue };
                let Ok(theirs) = ::url::Url::parse(start) else { panic!("only we accept {start:?}") };
                let Ok(resolved) = ours.resolve(&reference) else { continue };
                let Ok(joined) = theirs.join(&reference) else { panic!("only we accept {start:?} + {reference:?}") };
                for (ours, theirs, written) in [(ours, theirs, start), (resolved, joined, &reference)] {
                    prop_assert!(has_drive(written) || same(&ours, &theirs), "{} is not {theirs}", ours.as_str());
                    prop_assert!(same(&ours, &::url::Url::parse(ours.as_str()).unwrap()), "{} changes", ours.as_str());
                }
            }
        }

        #[test]
        fn what_is_resolved_parses_to_itself(reference in reference()) {
            if let Ok(url) = Url::parse("https://api.example/v1/leads").unwrap().resolve(&reference) {
                prop_assert!(url.as_str().bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'\\'));
                prop_assert_eq!(Url::parse(url.as_str()), Ok(url.clone()));
                prop_assert_eq!(url.resolve(""), Ok(url.clone()));
                prop_assert_eq!(url.resolve(url.as_str()), Ok(url.clone()));
            }
        }

        #[test]
        fn nothing_panics(base in any::<String>(), reference in any::<String>()) {
            if let Ok(url) = Url::parse(&base) {
                let _ = url.resolve(&reference);
            }
            let _ = Url::parse("https://a/b?c").unwrap().resolve(&reference);
        }
    }
}
