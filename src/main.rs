//! The `fieldlock` program.

fn main() {}
