//! `realworld`: the command walks real servers from the source files in `tests/realworld/sources`, and every
//! id is accounted for.
//!
//! The servers, how they are installed, started and stopped, and what their lists truly hold, are no part of
//! the project: a folder beside it knows (`../shared/realworld`, or `EVERYPAGE_REALWORLD`).

mod lists;
mod pull;
mod server;
mod table;

use crate::fail::{Outcome, Result, fail, none_of};
use crate::shell::has;
use crate::{programs, tree};
use lists::{Catalogue, Wanted};
use table::Row;

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let Some(harness) = tree::beside("EVERYPAGE_REALWORLD", "realworld") else {
        return Ok(Outcome::Skipped("there is no ../shared/realworld to start servers with".to_owned()));
    };
    if !has("python3") {
        return Ok(Outcome::Skipped("the servers' harness needs python3".to_owned()));
    }
    let catalogue = Catalogue::read(&harness)?;
    let names = catalogue.choose(args)?;
    let command = programs::everypage()?;
    let output = tree::scratch("realworld")?;
    let mut rows = Vec::new();
    for name in &names {
        let lists = catalogue.lists(name)?;
        let wanted = |list: &&lists::List| matches!(list.wanted, Wanted::Elsewhere(_));
        if lists.iter().all(|list| wanted(&list)) {
            rows.extend(lists.iter().map(Row::elsewhere));
            continue;
        }
        match server::Running::start(&harness, name) {
            Ok(server) => {
                for list in &lists {
                    let row = pull::pull(&command, &server, list, &output)?;
                    eprintln!("{row}");
                    rows.push(row);
                }
            }
            Err(fail) => rows.push(Row::broken(name, &fail)),
        }
    }
    println!("{}", table::show(&rows));
    let problems: Vec<String> = rows.iter().filter_map(Row::problem).collect();
    if rows.is_empty() {
        fail!("no list was walked");
    }
    println!(
        "{} lists, {} as they should be; output in {}",
        rows.len(),
        rows.len() - problems.len(),
        output.display()
    );
    none_of(&problems)
}
