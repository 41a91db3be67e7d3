//! All mistakes in one program: the body of a function becomes a choice among its own text and that text with one
//! mistake each. Which one is in force is a number in the environment.

mod call;

use super::judge::Judge;
use super::list::{Mutant, Place};
use crate::fail::{At, Result, fail};
use crate::tree;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What the core gets to choose by. Numbers are from 1, so that 0 is the core as it is.
const CHOICE: &str = "
/// The mistake in force.
pub(crate) fn mutant() -> usize {
    static CHOSEN: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var(\"MUTANT\").ok().and_then(|text| text.parse().ok()).unwrap_or(0))
}
";

/// Rounds of leaving out what doesn't compile: the compiler doesn't see all of it at once.
const ROUNDS: usize = 20;

/// A file with mistakes in it, and which lines each of them has.
struct Woven {
    text: String,
    lines: Vec<(usize, usize, Owner)>,
}

impl Woven {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

#[derive(Clone, Copy)]
enum Owner {
    /// The text with this mistake.
    Mistake(usize),
    /// A function around mistakes: if it fails, it can't be woven.
    Function(Place),
}

/// Weaves all that can be; true for mistakes that are in the program, false for those that don't compile.
pub fn weave(
    copy: &Path,
    mutants: &[Mutant],
    chosen: &[usize],
    originals: &BTreeMap<&str, String>,
    judge: &Judge,
) -> Result<BTreeMap<usize, bool>> {
    let library = copy.join("core/src/lib.rs");
    let text = tree::read(&library)? + CHOICE;
    fs::write(&library, text).at(library.display())?;
    let (mut broken, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..ROUNDS {
        let mut files = BTreeMap::new();
        for (file, original) in originals {
            let woven = one_file(file, original, mutants, chosen, &broken, &refused);
            fs::write(copy.join(file), &woven.text).at(file)?;
            files.insert((*file).to_owned(), woven);
        }
        let wrong = judge.errors()?;
        if wrong.is_empty() {
            let woven =
                files.values().flat_map(|woven| &woven.lines).filter_map(|(_, _, owner)| match owner {
                    Owner::Mistake(index) => Some((*index, true)),
                    Owner::Function(_) => None,
                });
            return Ok(woven.chain(broken.iter().map(|index| (*index, false))).collect());
        }
        println!("left out so far: {} mistakes, {} functions", broken.len(), refused.len());
        let before = broken.len() + refused.len();
        for error in &wrong {
            for (file, line) in &error.places {
                let lines = files.get(file).map(|woven| woven.lines.as_slice()).unwrap_or_default();
                match lines.iter().find(|(start, end, _)| (start..=end).contains(&line)) {
                    Some((_, _, Owner::Mistake(index))) => drop(broken.insert(*index)),
                    Some((_, _, Owner::Function(place))) => drop(refused.insert((file.clone(), *place))),
                    None => {}
                }
            }
            // A function that has to be constant elsewhere can't ask the environment.
            if let Some(name) = &error.constant {
                let called =
                    |mutant: &&Mutant| mutant.function.as_ref().is_some_and(|(known, _)| known == name);
                let places = mutants
                    .iter()
                    .filter(called)
                    .filter_map(|mutant| Some((mutant.file.clone(), outermost(mutants, mutant)?.1)));
                refused.extend(places);
            }
        }
        if broken.len() + refused.len() == before {
            fail!("the mistakes can't be told apart: {}", wrong[0].text);
        }
    }
    fail!("after {ROUNDS} rounds the mistakes still don't compile")
}

/// The function that a mistake is in; of nested ones the outermost.
fn outermost<'m>(mutants: &'m [Mutant], mutant: &Mutant) -> Option<&'m (String, Place)> {
    let same = mutants.iter().filter(|other| other.file == mutant.file);
    let around =
        same.filter_map(|other| other.function.as_ref()).filter(|(_, place)| place.holds(mutant.place));
    around.min_by_key(|(_, place)| *place)
}

fn one_file(
    file: &str,
    original: &str,
    mutants: &[Mutant],
    chosen: &[usize],
    broken: &BTreeSet<usize>,
    refused: &BTreeSet<(String, Place)>,
) -> Woven {
    let mut functions: BTreeMap<Place, (&str, Vec<usize>)> = BTreeMap::new();
    for &index in chosen {
        if let Some(mutant) = mutants.get(index).filter(|mutant| mutant.file == file)
            && let Some((name, place)) = outermost(mutants, mutant)
            && !refused.contains(&(file.to_owned(), *place))
        {
            functions.entry(*place).or_insert((name, Vec::new())).1.push(index);
        }
    }
    let mut woven = Woven { text: String::new(), lines: Vec::new() };
    let mut done = 0;
    for (place, (name, inside)) in &functions {
        let range = place.range(original);
        let Some(body) = body(original, range.clone(), name) else { continue };
        // A constant function can't ask the environment; most needn't be constant.
        let head = original[range.start..body].replace(&format!("const fn {name}"), &format!("fn {name}"));
        let call = call::of(&head, name);
        woven.add(&original[done..range.start]);
        let first = line_of(&woven.text);
        woven.add(&head);
        woven.add("{ match crate::mutant() {\n");
        let mut siblings = Vec::new();
        for index in inside.iter().filter(|index| !broken.contains(index)) {
            let Some(mutant) = mutants.get(*index) else { continue };
            let change = mutant.place.range(original);
            let parts =
                [&original[body..change.start], &mutant.replacement, &original[change.end..range.end]];
            let start = line_of(&woven.text);
            let number = index + 1;
            // A function of its own where it can be: compilers don't like functions of a thousand lines.
            let call = call.as_ref().filter(|_| !mutant.in_trait);
            let copy = format!("{name}_{number}");
            let arm = call.map_or_else(|| parts.concat(), |call| call.to(&copy, mutant.method) + ",");
            woven.add(&format!("{number} => {arm}\n"));
            if call.is_some() {
                let head = head.replacen(&format!("fn {name}"), &format!("fn {copy}"), 1);
                siblings.push((*index, head + &parts.concat()));
            } else {
                woven.lines.push((start, line_of(&woven.text) - 1, Owner::Mistake(*index)));
            }
        }
        woven.add(&format!("_ => {} }} }}\n", &original[body..range.end]));
        let last = line_of(&woven.text) - 1;
        for (index, text) in siblings {
            let start = line_of(&woven.text);
            woven.add(&text);
            woven.text.push('\n');
            woven.lines.push((start, line_of(&woven.text) - 1, Owner::Mistake(index)));
        }
        woven.lines.push((first, last, Owner::Function(*place)));
        done = range.end;
    }
    woven.add(&original[done..]);
    woven
}

/// Where the body of a function starts. One whose type is hidden can't be several: each would be another type.
fn body(text: &str, function: std::ops::Range<usize>, name: &str) -> Option<usize> {
    let mut at = function.start;
    for line in text[function].split_inclusive('\n') {
        let bare = line.trim_start();
        if !bare.starts_with("//")
            && let Some(found) = line.find(&format!("fn {name}"))
        {
            let start = at + found;
            let open = start + text[start..].find('{')?;
            return (!text[start..open].contains("impl ")).then_some(open);
        }
        at += line.len();
    }
    None
}

fn line_of(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count() + 1
}
