//! The `Link` header (RFC 8288): one strict parser. A field that can't be read is an error, never "no link", because
//! "no link" ends a list.

use super::Headers;

/// Longest `Link` field that is read, in bytes.
pub const MAX_FIELD: usize = 64 * 1024;

/// Why the `Link` fields give no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LinkError {
    /// Two links of the relation with different targets.
    #[error("the Link header has two different targets for one relation")]
    Ambiguous,
    /// `<>`: the relation leads back to this very URL.
    #[error("the Link header has an empty target for this relation")]
    EmptyTarget,
    /// Not the grammar of RFC 8288.
    #[error("the Link header is malformed at byte {at}: expected {expected}")]
    Malformed {
        /// Where in its field, in bytes from 0.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A field longer than [`MAX_FIELD`].
    #[error("a Link field is longer than {MAX_FIELD} bytes")]
    TooLarge,
    /// A quoted string without its closing quote.
    #[error("the Link header has a quoted string that isn't closed, from byte {at}")]
    UnclosedQuote {
        /// Where it opens, in bytes from 0.
        at: usize,
    },
    /// A target without its closing `>`.
    #[error("the Link header has a target that isn't closed, from byte {at}")]
    UnclosedTarget {
        /// Where it opens, in bytes from 0.
        at: usize,
    },
    /// A space, a control character or one outside ASCII in a target.
    #[error("the Link header has a target with a forbidden character, from byte {at}")]
    UnsafeTarget {
        /// Where the target opens, in bytes from 0.
        at: usize,
    },
}

/// The target of the link with that relation, as written: it is still to be resolved.
///
/// Relations compare without case, one link may have several, and only its first `rel` counts. A link with an `anchor`
/// speaks about another resource and is passed over, `rel*` and `rev` are other parameters. Equal targets are one.
/// All fields are read to their end, so that a broken one can't hide what follows it.
pub fn target(headers: &Headers, rel: &str) -> Result<Option<String>, LinkError> {
    let mut found: Option<String> = None;
    for field in headers.all("link") {
        if field.len() > MAX_FIELD {
            return Err(LinkError::TooLarge);
        }
        let mut reader = Reader { field, at: 0 };
        while let Some(link) = reader.link()? {
            if !link.is(rel) {
                continue;
            }
            let target = link.followable()?;
            match &found {
                Some(known) if known != target => return Err(LinkError::Ambiguous),
                Some(_) => {}
                None => found = Some(target.to_owned()),
            }
        }
    }
    Ok(found)
}

/// One member of the list, as far as it matters.
struct Link<'a> {
    target: &'a [u8],
    /// Where the target opens.
    at: usize,
    /// The first `rel`, unquoted.
    rel: Option<Vec<u8>>,
    anchored: bool,
}

impl<'a> Link<'a> {
    fn is(&self, rel: &str) -> bool {
        let relations = self.rel.as_deref().unwrap_or_default();
        !self.anchored
            && relations
                .split(u8::is_ascii_whitespace)
                .any(|r| r.eq_ignore_ascii_case(rel.as_bytes()) && !r.is_empty())
    }

    fn followable(&self) -> Result<&'a str, LinkError> {
        match std::str::from_utf8(self.target) {
            Ok("") => Err(LinkError::EmptyTarget),
            Ok(text) if text.is_ascii() => Ok(text),
            Ok(_) | Err(_) => Err(LinkError::UnsafeTarget { at: self.at }),
        }
    }
}

struct Reader<'a> {
    field: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next member; empty ones are passed over (RFC 9110, section 5.6.1.2).
    fn link(&mut self) -> Result<Option<Link<'a>>, LinkError> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b',')) {
            self.at += 1;
        }
        if self.peek().is_none() {
            return Ok(None);
        }
        let at = self.at;
        let mut link = Link { target: self.target()?, at, rel: None, anchored: false };
        loop {
            self.skip_space();
            match self.peek() {
                None | Some(b',') => return Ok(Some(link)),
                Some(b';') => self.at += 1,
                Some(_) => return Err(self.malformed("`;` or `,`")),
            }
            self.skip_space();
            if matches!(self.peek(), None | Some(b',' | b';')) {
                continue;
            }
            let name = self.name()?;
            let value = self.value()?;
            if name.eq_ignore_ascii_case(b"rel") && link.rel.is_none() {
                link.rel = Some(value);
            } else if name.eq_ignore_ascii_case(b"anchor") {
                link.anchored = true;
            }
        }
    }

    /// `<…>`. Commas and semicolons belong to the target. A `<` or white space inside is the mark of a forgotten `>`,
    /// by which a whole link would be swallowed.
    fn target(&mut self) -> Result<&'a [u8], LinkError> {
        let open = self.at;
        if self.peek() != Some(b'<') {
            return Err(self.malformed("`<`"));
        }
        let rest = self.field.get(open + 1..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'>').ok_or(LinkError::UnclosedTarget { at: open })?;
        let target = rest.get(..length).unwrap_or_default();
        if target.contains(&b'<') {
            return Err(LinkError::UnclosedTarget { at: open });
        }
        if target.iter().any(|b| *b <= b' ' || *b == 0x7f) {
            return Err(LinkError::UnsafeTarget { at: open });
        }
        self.at = open + length + 2;
        Ok(target)
    }

    /// A parameter's name: a token (RFC 9110, section 5.6.2).
    fn name(&mut self) -> Result<&'a [u8], LinkError> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
            self.at += 1;
        }
        if self.at == start { Err(self.malformed("a parameter name")) } else { Ok(self.since(start)) }
    }

    /// A parameter's value, unquoted; empty for a flag.
    fn value(&mut self) -> Result<Vec<u8>, LinkError> {
        self.skip_space();
        if self.peek() != Some(b'=') {
            return Ok(Vec::new());
        }
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'"') { self.quoted() } else { self.unquoted() }
    }

    fn quoted(&mut self) -> Result<Vec<u8>, LinkError> {
        let open = self.at;
        self.at += 1;
        let mut value = Vec::new();
        loop {
            let byte = self.next().ok_or(LinkError::UnclosedQuote { at: open })?;
            let byte = match byte {
                b'"' => return Ok(value),
                b'\\' => self.next().ok_or(LinkError::UnclosedQuote { at: open })?,
                byte => byte,
            };
            if is_control(byte) {
                self.at -= 1;
                return Err(self.malformed("text"));
            }
            value.push(byte);
        }
    }

    /// Up to the next `;` or `,`: more than a token, since servers send `type=text/html` and URLs as relations. What
    /// could be a forgotten quote or comma is refused.
    fn unquoted(&mut self) -> Result<Vec<u8>, LinkError> {
        let start = self.at;
        while let Some(byte) = self.peek().filter(|b| !matches!(b, b';' | b',')) {
            if is_control(byte) || matches!(byte, b'"' | b'<' | b'>') {
                return Err(self.malformed("`;` or `,`"));
            }
            self.at += 1;
        }
        Ok(self.since(start).trim_ascii_end().to_vec())
    }

    fn peek(&self) -> Option<u8> {
        self.field.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn since(&self, start: usize) -> &'a [u8] {
        self.field.get(start..self.at).unwrap_or_default()
    }

    fn malformed(&self, expected: &'static str) -> LinkError {
        LinkError::Malformed { at: self.at, expected }
    }
}

fn is_control(byte: u8) -> bool {
    byte != b'\t' && byte.is_ascii_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn next(field: &str) -> Result<Option<String>, LinkError> {
        target(&Headers::from_iter([("Link", field)]), "next")
    }

    #[test]
    fn the_next_link_is_found_however_it_is_written() {
        for (field, found) in [
            ("</b>;rel=next", "/b"),
            ("</b>; rel=\"next\"", "/b"),
            ("</b> ; rel = \"next\" ;", "/b"),
            ("\t</b>\t;\trel\t=\tnext\t", "/b"),
            ("</b>;rel=next last", "/b"),
            ("</b>; rel=\"next last\"", "/b"),
            ("</b>; rel=\"last\tnext\"", "/b"),
            ("</b>; REL=\"NEXT\"", "/b"),
            ("</b>; rel=\"ne\\xt\"", "/b"),
            ("</b>; title=\"a;b=c\"; rel=\"next\"", "/b"),
            ("</b>; title=\"x, <https://evil/>; rel=next\"; rel=next", "/b"),
            ("</a>; title=\"x>, <https://evil/>; rel=next\", </b>; rel=next", "/b"),
            ("</b>; title=\"a \\\"quoted\\\", <https://evil/>; rel=\\\"next\\\"\"; rel=\"next\"", "/b"),
            ("</b>; title=\"ends in a backslash \\\\\"; rel=\"next\"", "/b"),
            ("</b>; crossorigin; rel=next", "/b"),
            ("</b>; type=text/html; hreflang=de; rel=next", "/b"),
            ("</b>; title*=UTF-8''%e2%82%ac%2c; rel=next", "/b"),
            ("</b>; title=; rel=next", "/b"),
            ("</b>;;; rel=next", "/b"),
            ("</b?ids=1,2;3&x=a,b>; rel=next", "/b?ids=1,2;3&x=a,b"),
            ("</b?x=%2C&y={\"z\":[1|2]}'>; rel=next", "/b?x=%2C&y={\"z\":[1|2]}'"),
            ("<?page=2>; rel=next", "?page=2"),
            (",, ,\t</a>; rel=prev,,</b>; rel=next , ,", "/b"),
            ("</a>;rel=prev,</b>;rel=next,</c>;rel=last", "/b"),
            ("</b>; rel=next, </b>; rel=\"next\"", "/b"),
            ("</a>; rel=\"http://example.org/next\", </b>; rel=next", "/b"),
            ("</b>; rel=next; title=\"\u{fc}\"", "/b"),
        ] {
            assert_eq!(next(field).as_ref().map(Option::as_deref), Ok(Some(found)), "{field}");
        }
    }

    #[test]
    fn what_only_looks_like_the_next_link_is_none() {
        for field in [
            "",
            " , ,\t",
            "</a>; rel=prev",
            "</a>",
            "</a>; rel",
            "</a>; rel=",
            "</a>; rel=\"\"",
            "</a>; rel=\"prev\"; rel=\"next\"",
            "</a>; rel; rel=\"next\"",
            "</a>; rel=next; anchor=\"#x\"",
            "</a>; ANCHOR=/other; rel=next",
            "</a>; anchor; rel=next",
            "</a>; rev=\"next\"",
            "</a>; rel=\"x-next\"",
            "</a>; rel=\"nextpage\"",
            "</a>; rel=\"next,\"",
            "</a>; rel*=UTF-8''next",
            "</a>; title=\"; rel=next\"",
            "</next>; title=next",
        ] {
            assert_eq!(next(field), Ok(None), "{field}");
        }
        assert_eq!(target(&Headers::new(), "next"), Ok(None));
        assert_eq!(target(&Headers::from_iter([("Link", "</a>; rel=\"\"")]), ""), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_never_taken_for_the_end() {
        use LinkError::{Ambiguous, EmptyTarget, Malformed, UnclosedQuote, UnclosedTarget, UnsafeTarget};
        let malformed = |at, expected| Malformed { at, expected };
        for (field, error) in [
            ("</b>; rel=next, </c>; rel=next", Ambiguous),
            ("</b>; rel=next, </b?>; rel=next", Ambiguous),
            ("<>; rel=next", EmptyTarget),
            ("</b; rel=\"next\"", UnclosedTarget { at: 0 }),
            ("</a>; rel=prev, </b;rel=next", UnclosedTarget { at: 16 }),
            ("</a;rel=\"next\",</b>;rel=\"last\"", UnclosedTarget { at: 0 }),
            ("</a; rel=\"next\", x>; rel=\"last\"", UnsafeTarget { at: 0 }),
            ("</b>; rel=\"next", UnclosedQuote { at: 10 }),
            ("</b>; rel=next; title=\"x\\\"", UnclosedQuote { at: 22 }),
            ("</b>; rel=next; title=\"x\\", UnclosedQuote { at: 22 }),
            ("</b c>; rel=next", UnsafeTarget { at: 0 }),
            ("< /b>; rel=next", UnsafeTarget { at: 0 }),
            ("</b\tc>; rel=next", UnsafeTarget { at: 0 }),
            ("</b\0>; rel=next", UnsafeTarget { at: 0 }),
            ("</b\u{7f}>; rel=next", UnsafeTarget { at: 0 }),
            ("</a>, </\u{fc}>; rel=next", UnsafeTarget { at: 6 }),
            ("/b; rel=next", malformed(0, "`<`")),
            ("</a>; rel=prev, /b; rel=next", malformed(16, "`<`")),
            ("</b> rel=next", malformed(5, "`;` or `,`")),
            ("</b>; rel=\"next\" </c>; rel=last", malformed(17, "`;` or `,`")),
            ("</b>; rel=\"next\"last", malformed(16, "`;` or `,`")),
            ("</b>; rel=ne\"xt\"", malformed(12, "`;` or `,`")),
            ("</a>; rel=prev </b>; rel=next", malformed(15, "`;` or `,`")),
            ("</b>; =next", malformed(6, "a parameter name")),
            ("</b>; \"rel\"=next", malformed(6, "a parameter name")),
            ("</b>; r\u{fc}l=next", malformed(7, "`;` or `,`")),
            ("</b>; rel=next\0", malformed(14, "`;` or `,`")),
            ("</b>; title=\"a\r\nb\"; rel=next", malformed(14, "text")),
            ("</b>; rel=next, x", malformed(16, "`<`")),
        ] {
            assert_eq!(next(field), Err(error), "{field:?}");
        }
        let not_utf_8 = Headers::from_iter([("link", b"</\xff>; rel=next".to_vec())]);
        assert_eq!(target(&not_utf_8, "next"), Err(UnsafeTarget { at: 0 }));
    }

    #[test]
    fn all_fields_are_read_as_one_list() {
        let fields = |values: &[&str]| target(&values.iter().map(|v| ("lInK", *v)).collect(), "next");
        assert_eq!(fields(&["</a>; rel=prev", "</b>; rel=next"]), Ok(Some("/b".to_owned())));
        assert_eq!(fields(&["</b>; rel=next", "</b>; rel=next"]), Ok(Some("/b".to_owned())));
        assert_eq!(fields(&["</b>; rel=next", "</c>; rel=next"]), Err(LinkError::Ambiguous));
        assert!(fields(&["</b>; rel=next", "</c"]).is_err());
        assert!(fields(&["</c", "</b>; rel=next"]).is_err());
    }

    #[test]
    fn other_relations_are_found_by_their_names() {
        let field = "</a>; rel=\"First http://example.org/Rel\", </b>; rel=last";
        let found = |rel| target(&Headers::from_iter([("link", field)]), rel).unwrap();
        assert_eq!(found("first").as_deref(), Some("/a"));
        assert_eq!(found("http://example.org/rel").as_deref(), Some("/a"));
        assert_eq!(found("last").as_deref(), Some("/b"));
        assert_eq!(found("First http://example.org/Rel"), None);
    }

    #[test]
    fn long_fields_are_refused_and_those_below_take_linear_time() {
        let members = "</x>; rel=\"item\",".repeat(100_000);
        assert_eq!(next(&members), Err(LinkError::TooLarge));
        assert_eq!(next(members.get(..MAX_FIELD + 1).unwrap()), Err(LinkError::TooLarge));
        for piece in [
            "<",
            "<>",
            ",",
            ";",
            "\"",
            "\\\"",
            "</x>;rel=next,",
            "<>;a=\"\\",
            "<>;a=b;",
            "<>;rel=\"next ",
            " ",
        ] {
            let _ = next(&piece.repeat(MAX_FIELD / piece.len()));
        }
        let longest = format!("</{}>;rel=next", "x".repeat(MAX_FIELD - 13));
        assert_eq!(next(&longest).unwrap().map(|t| t.len()), Some(MAX_FIELD - 12));
    }

    /// A target, a link to it in one of many spellings, and whether that is a next link.
    fn link() -> impl Strategy<Value = (String, String, bool)> {
        let other = prop_oneof![
            Just("flag".to_owned()),
            Just("anchor=\"#x\"".to_owned()),
            Just("type=a/b".to_owned()),
            "title=\"([ !#-\\[\\]-~\u{fc}]|\\\\[\"\\\\])*\"",
        ];
        let space = prop::sample::select(vec!["", " ", "\t "]);
        let rel = prop::sample::select(vec!["next", "\"next\"", "\"prev NEXT\"", "prev", "\"nextx\"", ""]);
        let target = "[!#-;=?-~]{1,6}";
        (target, prop::collection::vec(other, 0..3), rel, 0..3_usize, space).prop_map(
            |(target, mut others, rel, at, space)| {
                let is_next = rel.to_ascii_lowercase().split(['"', ' ']).any(|r| r == "next");
                let anchored = others.iter().any(|other| other.starts_with("anchor"));
                if !rel.is_empty() {
                    others.insert(at.min(others.len()), format!("rel{space}={space}{rel}"));
                }
                let text = others
                    .iter()
                    .fold(format!("<{target}>"), |text, other| format!("{text}{space};{space}{other}"));
                (target, text, is_next && !anchored)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn whatever_is_written_by_the_grammar_is_read(links in prop::collection::vec(link(), 0..5)) {
            let field = links.iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>().join(" ,");
            let mut targets: Vec<&str> =
                links.iter().filter(|(.., is_next)| *is_next).map(|(target, ..)| target.as_str()).collect();
            targets.dedup();
            let expected = match targets.as_slice() {
                [] => Ok(None),
                [one] => Ok(Some((*one).to_owned())),
                _ => Err(LinkError::Ambiguous),
            };
            prop_assert_eq!(next(&field), expected, "{}", field);
        }

        #[test]
        fn nothing_panics(field in prop::collection::vec(any::<u8>(), 0..40), text in "[<>;,=\"\\\\ a-z]{0,40}") {
            for field in [field, text.into_bytes()] {
                let _ = target(&Headers::from_iter([("link", field)]), "next");
            }
        }
    }
}
