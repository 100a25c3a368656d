//! Runs after all other tests, by its name: counts and names those that were not run, for want of a program, of samples
//! or of rights.

#![allow(clippy::print_stdout, reason = "it is what it is for")]

#[path = "common/needs.rs"]
mod needs;

fn main() {
    // a runner that asks for the tests: there is none
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let mut not_run: Vec<String> = std::fs::read_dir(needs::notes())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|note| std::fs::read_to_string(note.path()).ok())
        .collect();
    not_run.sort();
    match not_run.len() {
        0 => println!("\nno test was left out"),
        n => println!("\nnot run: {n}\n  {}", not_run.join("\n  ")),
    }
    let _ = std::fs::remove_dir_all(needs::notes());
}
