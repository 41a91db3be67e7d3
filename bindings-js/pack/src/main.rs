//! `everypage-pack MODULE.wasm FOLDER`: writes the module and its glue into the folder.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(module), Some(folder), None) = (args.next(), args.next(), args.next()) else {
        eprintln!("everypage-pack MODULE.wasm FOLDER");
        return ExitCode::from(64);
    };
    let mut bindgen = Bindgen::new();
    let packed = bindgen.web(true).and_then(|bindgen| {
        // Without a default path bundlers find no second, unused .wasm to copy.
        bindgen
            .input_path(&module)
            .out_name("core")
            .typescript(true)
            .omit_default_module_path(true)
            .generate(&folder)
    });
    match packed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("everypage-pack: {error:#}");
            ExitCode::FAILURE
        }
    }
}
