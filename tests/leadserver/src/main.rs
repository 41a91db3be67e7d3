//! The lead server as a command: prints its URL and serves until it is stopped.

use everypage_leadserver::{Config, LeadServer, help};
use std::{
    io::{Read as _, Write as _},
    process::ExitCode,
};

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let until_eof = args.iter().any(|arg| arg == "--until-eof");
    args.retain(|arg| arg != "--until-eof");
    let server = match Config::from_args(&args).map(LeadServer::try_start) {
        Ok(Ok(server)) => server,
        Ok(Err(error)) => return fail(&error, 1),
        Err(error) => return fail(&error, 64),
    };
    println!("{}", server.url());
    let _ = std::io::stdout().flush();
    if until_eof {
        // Whoever started us holds the other end: when it is gone, so are we.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        return ExitCode::SUCCESS;
    }
    loop {
        std::thread::park();
    }
}

fn fail(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("everypage-leadserver: {error}");
    ExitCode::from(code)
}
