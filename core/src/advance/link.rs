//! Links that carry a counter: `?page=3` or `offset=200` inside a next link lets the walk keep contact.

use super::counter::Unit;
use crate::url::Url;

/// A link whose number can be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The parameter that holds the number.
    pub number: String,
    /// The parameter that holds the page size, if the link has one.
    pub size: Option<String>,
    /// What the number counts.
    pub unit: Unit,
    /// The size in the link.
    pub asked: Option<u64>,
}

/// Names a page size goes by in links.
const SIZES: [&str; 12] = [
    "limit",
    "per_page",
    "perpage",
    "page_size",
    "pagesize",
    "size",
    "count",
    "$top",
    "max_results",
    "maxresults",
    "page[size]",
    "page[limit]",
];

/// Finds the counter in the link of the first page, which held `rows` rows. `size` is the parameter the source
/// names for the size, `first` the URL of the first request.
///
/// Only a number that fits is believed: the rows so far for an offset, the second page for a page number.
pub fn counted(first: &Url, next: &Url, rows: u64, size: Option<&str>) -> Option<Counted> {
    if rows == 0 {
        return None;
    }
    let (now, then) = (first.params(), next.params());
    let was = |name: &str| now.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let is_size =
        |name: &str| size.map_or_else(|| SIZES.contains(&name.to_ascii_lowercase().as_str()), |s| s == name);
    let asked =
        then.iter().find(|(n, _)| is_size(n)).and_then(|(n, v)| Some((n.clone(), v.parse::<u64>().ok()?)));
    let mut found = None;
    for (name, value) in &then {
        if is_size(name) || was(name) == Some(value) {
            continue;
        }
        let Ok(number) = value.parse::<u64>() else { return None };
        let before = match was(name).map(str::parse::<u64>) {
            None => None,
            Some(Ok(n)) => Some(n),
            Some(Err(_)) => return None,
        };
        let unit = match before {
            Some(b) if number == b.checked_add(rows)? && rows > 1 => Unit::Rows(b),
            Some(b) if number == b + 1 && b <= 1 => Unit::Pages(b),
            None if number == rows && rows > 2 => Unit::Rows(0),
            None if number == 2 => Unit::Pages(1),
            Some(_) | None => return None,
        };
        if found.is_some() {
            return None;
        }
        found = Some((name.clone(), unit));
    }
    let (number, unit) = found?;
    if matches!(unit, Unit::Pages(_)) && asked.is_none() {
        return None;
    }
    let (size, asked) = asked.map_or((None, None), |(n, v)| (Some(n), Some(v)));
    Some(Counted { number, size, unit, asked })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(first: &str, next: &str, rows: u64) -> Option<(String, Unit, Option<u64>)> {
        let (first, next) = (Url::parse(first).unwrap(), Url::parse(next).unwrap());
        counted(&first, &next, rows, None).map(|c| (c.number, c.unit, c.asked))
    }

    #[test]
    fn counters_are_found_where_the_number_fits() {
        let base = "https://api.example/leads";
        assert_eq!(
            find(&format!("{base}?per_page=100"), &format!("{base}?page=2&per_page=100"), 100),
            Some(("page".into(), Unit::Pages(1), Some(100)))
        );
        assert_eq!(
            find(&format!("{base}?limit=50"), &format!("{base}?limit=50&offset=50"), 50),
            Some(("offset".into(), Unit::Rows(0), Some(50)))
        );
        assert_eq!(
            find(&format!("{base}?offset=0"), &format!("{base}?offset=50"), 50),
            Some(("offset".into(), Unit::Rows(0), None))
        );
    }

    #[test]
    fn what_might_be_a_token_is_left_alone() {
        let base = "https://api.example/leads";
        for next in
            ["?after=abc", "?page=7&per_page=100", "?page=2", "?page=2&per_page=100&since=77", "?cursor=2a"]
        {
            assert_eq!(find(base, &format!("{base}{next}"), 100), None, "{next}");
        }
        assert_eq!(find(base, &format!("{base}?page=2&per_page=100"), 0), None);
    }
}
