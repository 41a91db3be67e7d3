//! The part of Structured Fields (RFC 9651) that the rate limit headers use: a list of items with parameters.

/// Fields longer than this are no rate limits.
const LONGEST: usize = 4096;

/// A value without its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Bare {
    /// `?1`
    Boolean(bool),
    /// `:aGk=:`, the text between the colons
    Bytes(String),
    /// `4.5`, as its text
    Decimal(String),
    /// `42`
    Integer(i64),
    /// `"text"`
    String(String),
    /// `word`
    Token(String),
}

/// A list member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Item {
    /// The value.
    pub(super) value: Bare,
    /// The parameters, in order.
    pub(super) params: Vec<(String, Bare)>,
}

impl Item {
    /// The parameter of that name, if there is exactly one.
    pub(super) fn param(&self, name: &str) -> Option<&Bare> {
        let mut found = self.params.iter().filter(|(n, _)| n == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value)
    }

    /// Whether a parameter comes twice. The RFC lets the last one win; a limit that contradicts itself is
    /// better not believed.
    pub(super) fn repeats(&self) -> bool {
        self.params
            .iter()
            .enumerate()
            .any(|(n, (name, _))| self.params.iter().skip(n + 1).any(|(m, _)| m == name))
    }
}

/// Reads a list of items (section 4.2.1, without inner lists). One mistake spoils the whole field, as the RFC says.
pub(super) fn list(text: &str) -> Option<Vec<Item>> {
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    let mut input = Input(text.trim_matches(' '));
    let mut items = Vec::new();
    while !input.0.is_empty() {
        items.push(input.item()?);
        input.skip(&[' ', '\t']);
        if input.0.is_empty() {
            break;
        }
        input.expect(',')?;
        input.skip(&[' ', '\t']);
        if input.0.is_empty() {
            return None;
        }
    }
    Some(items)
}

/// What is still to be read.
struct Input<'a>(&'a str);

impl<'a> Input<'a> {
    fn skip(&mut self, what: &[char]) {
        self.0 = self.0.trim_start_matches(what);
    }

    fn expect(&mut self, what: char) -> Option<()> {
        self.0 = self.0.strip_prefix(what)?;
        Some(())
    }

    fn take(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let end = self.0.bytes().position(|b| !belongs(b)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn item(&mut self) -> Option<Item> {
        let value = self.bare()?;
        let mut params = Vec::new();
        while self.expect(';').is_some() {
            self.skip(&[' ']);
            let key = self.key()?;
            let value = if self.expect('=').is_some() { self.bare()? } else { Bare::Boolean(true) };
            params.push((key, value));
        }
        Some(Item { value, params })
    }

    fn key(&mut self) -> Option<String> {
        let first = self.0.bytes().next()?;
        let belongs = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.*".contains(&b);
        (first.is_ascii_lowercase() || first == b'*').then(|| self.take(belongs).to_owned())
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.0.bytes().next()? {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b'?' => {
                self.expect('?')?;
                let value = self.0.starts_with('1');
                self.expect(if value { '1' } else { '0' })?;
                Some(Bare::Boolean(value))
            }
            b':' => {
                self.expect(':')?;
                let text = self.take(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)).to_owned();
                self.expect(':')?;
                Some(Bare::Bytes(text))
            }
            b if b.is_ascii_alphabetic() || b == b'*' => {
                let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&b);
                Some(Bare::Token(self.take(token).to_owned()))
            }
            _ => None,
        }
    }

    /// At most 15 digits, or 12 before and 3 after the point.
    fn number(&mut self) -> Option<Bare> {
        let negative = self.expect('-').is_some();
        let whole = self.take(|b| b.is_ascii_digit());
        if whole.is_empty() {
            return None;
        }
        if self.expect('.').is_some() {
            let part = self.take(|b| b.is_ascii_digit());
            let fits = whole.len() <= 12 && (1..=3).contains(&part.len());
            return fits.then(|| Bare::Decimal(format!("{}{whole}.{part}", if negative { "-" } else { "" })));
        }
        if whole.len() > 15 {
            return None;
        }
        let value: i64 = whole.parse().ok()?;
        Some(Bare::Integer(if negative { -value } else { value }))
    }

    fn string(&mut self) -> Option<Bare> {
        self.expect('"')?;
        let mut text = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = self.0.get(at + 1..)?;
                    return Some(Bare::String(text));
                }
                '\\' => text.push(chars.next().map(|(_, c)| c).filter(|c| matches!(c, '"' | '\\'))?),
                ' '..='~' => text.push(c),
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(value: Bare, params: &[(&str, Bare)]) -> Item {
        Item { value, params: params.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect() }
    }

    #[test]
    fn items_of_every_kind_are_read() {
        let text = r#""a\"b";r=50;t=-3 , tok/en;x;pk=:aGk=:;b=?0,7;w=1.5,  *;k="""#;
        let expected = [
            item(Bare::String("a\"b".into()), &[("r", Bare::Integer(50)), ("t", Bare::Integer(-3))]),
            item(
                Bare::Token("tok/en".into()),
                &[
                    ("x", Bare::Boolean(true)),
                    ("pk", Bare::Bytes("aGk=".into())),
                    ("b", Bare::Boolean(false)),
                ],
            ),
            item(Bare::Integer(7), &[("w", Bare::Decimal("1.5".into()))]),
            item(Bare::Token("*".into()), &[("k", Bare::String(String::new()))]),
        ];
        assert_eq!(list(text).unwrap(), expected);
        assert_eq!(list("").unwrap(), []);
        assert_eq!(list("  a; b  ").unwrap(), [item(Bare::Token("a".into()), &[("b", Bare::Boolean(true))])]);
    }

    #[test]
    fn a_mistake_spoils_the_field() {
        for text in [
            "a,",
            "a,,b",
            ",a",
            "a b",
            "a;",
            "a;R=1",
            "a;r=",
            "\"a",
            "\"a\\n\"",
            "\"\u{7f}\"",
            "1.",
            "1.1234",
            "1234567890123456",
            "1234567890123.1",
            "-",
            "--1",
            "?2",
            "?",
            ":a",
            ":!:",
            "(a b)",
            "@1",
            "ü",
            "a;r =1",
            "%\"x\"",
            "{}",
            "\0",
        ] {
            assert_eq!(list(text), None, "{text:?}");
        }
        assert_eq!(list(&"a,".repeat(5000)), None);
    }

    #[test]
    fn a_parameter_that_comes_twice_is_noticed() {
        let items = list("a;r=1;t=2;r=1, b;r=1").unwrap();
        assert!(items[0].repeats() && items[0].param("r").is_none());
        assert!(!items[1].repeats() && items[1].param("r") == Some(&Bare::Integer(1)));
    }
}
