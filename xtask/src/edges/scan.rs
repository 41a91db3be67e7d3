//! Finds the paths in Rust text that start at the crate's root. Not a parser of Rust: comments and texts are
//! blanked, then `crate::` and `super::` are looked for.

/// A path to a module at the root of the crate.
pub struct Edge {
    /// The module's name.
    pub to: String,
    /// The line it stands on, from 1.
    pub line: usize,
}

/// All paths to modules at the root, from a module that lies `depth` steps below it.
pub fn edges(text: &str, depth: usize) -> Vec<Edge> {
    let code = blank(text);
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code.get(..at).unwrap_or_default();
            if before.ends_with(is_name) || before.ends_with("super::") {
                continue;
            }
            let mut rest = code.get(at..).unwrap_or_default();
            let mut steps = 0;
            while let Some(after) = rest.strip_prefix("super::") {
                rest = after;
                steps += 1;
            }
            if start == "super::" && steps < depth {
                continue;
            }
            let rest = rest.strip_prefix("crate::").unwrap_or(rest);
            let line = before.matches('\n').count() + 1;
            found.extend(heads(rest).into_iter().map(|to| Edge { to, line }));
        }
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The first names of a path: one, or those of a group `{a::b, c}`.
fn heads(path: &str) -> Vec<String> {
    let path = path.trim_start();
    let name = |text: &str| text.chars().take_while(|c| is_name(*c)).collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut names = Vec::new();
    let (mut depth, mut fresh) = (0_usize, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && is_name(c) => {
                names.push(name(group.get(at..).unwrap_or_default()));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

/// The text with comments, strings and characters turned into spaces; lines stay where they are.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let hidden = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block(rest),
            '"' => quoted(rest),
            'r' if !code.ends_with(is_name) || code.ends_with('b') => raw(rest),
            '\'' => character(rest),
            _ => 0,
        };
        let (now, later) = rest.split_at(hidden.max(c.len_utf8()));
        if hidden == 0 {
            code.push_str(now);
        } else {
            code.extend(now.chars().map(|c| if c == '\n' { c } else { ' ' }));
        }
        rest = later;
    }
    code
}

/// The length of a block comment; they nest.
fn block(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a text in quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a raw text such as `r#"…"#`; 0 if it is none.
fn raw(text: &str) -> usize {
    let hashes = text.bytes().skip(1).take_while(|b| *b == b'#').count();
    if text.as_bytes().get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = hashes + 2;
    text.get(start..).and_then(|inner| inner.find(&end)).map_or(text.len(), |at| start + at + end.len())
}

/// The length of a character such as `'a'` or `'\n'`; 0 if it is a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => chars.skip(1).find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanking_keeps_lines_and_code() {
        let text = "a /* x /* y */ \n z */ b // c\n'\\'' 'x' &'a d \"q\\\"\n\" r\"s\" e";
        let code = blank(text);
        assert_eq!(code.matches('\n').count(), text.matches('\n').count());
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "b", "&'a", "d", "e"]);
    }
}
