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
