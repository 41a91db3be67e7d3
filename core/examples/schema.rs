//! Prints the JSON Schema of sources; `cargo xtask schema` keeps it in schema/source.schema.json.

fn main() {
    println!("{:#}", everypage_core::source::Source::schema());
}
