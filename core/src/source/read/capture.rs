//! Templates as they are read: `{}` captures, `*` is any text, everything else must stand there.

/// What a text has where the template has its `{}`; all of the text must fit. Every `*` and the capture itself are
/// as short as they can be.
pub(super) fn capture<'a>(template: &str, text: &'a str) -> Option<&'a str> {
    let (before, after) = template.split_once("{}")?;
    // The first place where the part before `{}` can end is as good as any: a longer capture makes up for it.
    let mut parts = before.split('*');
    let mut rest = text.strip_prefix(parts.next()?)?;
    for part in parts {
        (_, rest) = rest.split_once(part)?;
    }
    match after.split_once('*') {
        None => rest.strip_suffix(after),
        Some((first, more)) => {
            let (captured, mut tail) = rest.split_once(first)?;
            let (middle, last) = more.rsplit_once('*').unwrap_or(("", more));
            for part in middle.split('*') {
                (_, tail) = tail.split_once(part)?;
            }
            tail.ends_with(last).then_some(captured)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_captures_what_stands_at_its_braces() {
        for (template, text, expected) in [
            ("*/{}", "items 0-24/319", Some("319")),
            ("*/{}", "0-24/*", Some("*")),
            ("*/{}", "*/0", Some("0")),
            ("*/{}", "319", None),
            ("api-usage={}/*", "api-usage=18/5000", Some("18")),
            ("api-usage={}/*", "api-usage=18", None),
            ("{}", "", Some("")),
            ("{}", "whole", Some("whole")),
            ("a{}a", "aba", Some("b")),
            ("a{}a", "aa", Some("")),
            ("a{}a", "a", None),
            ("{}/{}", "1/{}", Some("1")),
            ("*limit={},*", "limit=10, remaining=3, limit=5", Some("10")),
            ("*a*b{}c*d*e", "1a2b3c4d5e", Some("3")),
            ("*a*b{}c*d*e", "1a2b3c4d5", None),
            ("a*{}", "a", Some("")),
            ("{}*b*b", "ab", None),
            ("{}*b*b", "abb", Some("")),
            ("*limit={}, *", "x, limit=10, remaining=3", Some("10")),
            ("é{}é", "é→é", Some("→")),
            ("none", "none", None),
        ] {
            assert_eq!(capture(template, text), expected, "{template} in {text}");
        }
    }
}
