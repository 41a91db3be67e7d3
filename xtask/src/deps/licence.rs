//! Licence expressions of crates, against the list of deny.toml.

use crate::fail::Result;
use serde_json::Value;

/// Packages whose licence isn't allowed.
pub fn problems(packages: &[Value]) -> Result<Vec<String>> {
    let allowed = super::allowed()?;
    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("?");
        let licence = package["license"].as_str().unwrap_or("(none)");
        if !fits(licence, &allowed) {
            problems.push(format!("{name}: the licence `{licence}` is not allowed by deny.toml"));
        }
    }
    println!("{} crates in all, {} of them without an allowed licence", packages.len(), problems.len());
    Ok(problems)
}

/// Whether an expression such as `(MIT OR Apache-2.0) AND Unicode-3.0` can be fulfilled. `/` is an old way to
/// write OR.
fn fits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let fits = any(&mut words, allowed);
    fits && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words, allowed: &[String]) -> bool {
    let mut fits = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        fits |= all(words, allowed);
    }
    fits
}

fn all(words: &mut Words, allowed: &[String]) -> bool {
    let mut fits = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        fits &= one(words, allowed);
    }
    fits
}

fn one(words: &mut Words, allowed: &[String]) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let fits = any(words, allowed);
        return words.next_if_eq(&")").is_some() && fits;
    }
    let mut name = word.to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        name = format!("{name} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_by_their_logic() {
        let allowed: Vec<String> =
            ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).to_vec();
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/GPL-3.0",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(fits(good, &allowed), "{good}");
        }
        for bad in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT", "MIT MIT", "ISC AND (GPL-3.0 OR BSD)"]
        {
            assert!(!fits(bad, &allowed), "{bad}");
        }
    }
}
