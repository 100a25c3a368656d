//! The `fieldlock` program: reads arguments, calls the library, prints, ends with an exit code.

mod cli;

use cli::exit::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Exit {
    cli::run()
}
