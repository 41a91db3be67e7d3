//! `sensitivity`: bugs we planted, each of which the simulator must find. A simulator that finds nothing may as well be
//! blind: the kept list in tests/sim/mutants says what it sees, and how soon.

mod mutant;
mod nursery;

use crate::fail::{At, Outcome, Result, fail, none_of};
use crate::shell::{command, output};
use mutant::Mutant;
use nursery::{Found, Nursery};
use std::fmt::Write as _;
use std::fs;
use std::time::SystemTime;

/// Walks within which each bug must be found.
const WALKS: u64 = 100_000;
/// Bugs a sample has, if nothing else is said.
const SAMPLE: usize = 6;

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let all = mutant::all()?;
    let write = args.iter().any(|arg| arg == "--write");
    let mut words: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--write").collect();
    let mut walks = WALKS;
    if let Some(at) = words.iter().position(|word| *word == "--walks") {
        let [_, number] = words.drain(at..(at + 2).min(words.len())).collect::<Vec<_>>()[..] else {
            fail!("--walks wants a number");
        };
        walks = number.parse().at("--walks")?;
    }
    let chosen: Vec<&Mutant> = match words.as_slice() {
        [] => sample(&all, SAMPLE)?,
        ["--all"] => all.iter().collect(),
        ["--sample", number] => sample(&all, number.parse().at("--sample")?)?,
        names => all.iter().filter(|mutant| names.iter().any(|name| mutant.name.starts_with(name))).collect(),
    };
    if chosen.is_empty() {
        fail!("sensitivity takes --all, --sample N or names in tests/sim/mutants");
    }
    println!("{} of {} planted bugs, {walks} walks for each", chosen.len(), all.len());
    let mut nursery = Nursery::new()?;
    let (mut table, mut problems) = (String::from(HEAD), Vec::new());
    for mutant in chosen {
        let found = nursery.hunt(mutant, walks)?;
        let Mutant { name, mistake, from, .. } = mutant;
        match &found {
            Found::At { walk, violation } => {
                println!("{name:44} walk {walk:>6}  {violation}");
                let _ = writeln!(table, "| {name} | {mistake} | {from} | {walk} | {violation} |");
            }
            Found::Not(why) => {
                println!("{name:44} NOT FOUND: {why}");
                problems.push(format!("{name}: {why}"));
            }
        }
    }
    if write && problems.is_empty() {
        let commit = output(&mut command("git", &["rev-parse", "--short", "HEAD"]))?;
        let title = format!(
            "# What the simulator finds\n\nBy `cargo xtask sensitivity --all --write` at {}: each planted bug, and the first \
             walk that shows it (seeds from 1).\n\n",
            commit.trim()
        );
        fs::write(mutant::folder().join("RESULTS.md"), title + &table)?;
    }
    none_of(&problems)
}

const HEAD: &str =
    "| bug | mistake | where it comes from | walk | first violation |\n| --- | --- | --- | ---: | --- |\n";

/// So many, others every day and with every commit.
fn sample(all: &[Mutant], number: usize) -> Result<Vec<&Mutant>> {
    let day = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs() / 86_400;
    let commit = output(&mut command("git", &["rev-parse", "HEAD"])).unwrap_or_default();
    let digits = commit.get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let number = number.clamp(1, all.len());
    let start = (day.wrapping_mul(31) ^ digits.unwrap_or(0)) as usize % all.len();
    Ok((0..number).filter_map(|n| all.get((start + n * all.len() / number) % all.len())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_so_many_different_bugs() {
        let all = mutant::all().unwrap();
        assert!(all.len() >= 50, "{}", all.len());
        for number in [1, 6, all.len(), all.len() + 9] {
            let mut names: Vec<_> =
                sample(&all, number).unwrap().iter().map(|mutant| mutant.name.clone()).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), number.min(all.len()));
        }
    }
}
