//! Whole-site work at 1, 1,000 and 10,000 devices. Ratios of one run are what counts; the machines are noisy.
//!
//! `cargo bench --bench fleet` measures; `-- --test` runs each once.

mod generate;

fn main() {
    divan::main();
}
