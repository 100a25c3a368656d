//! The `fieldlock` program: reads arguments, calls the library, prints, ends with an exit code.

mod cli;

use cli::exit::Exit;

fn main() -> Exit {
    cli::run()
}
