//! Devices that answer: a lab of the example, and the real programs that people talk to devices with.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[path = "../common/mod.rs"]
mod common;

mod applying;
mod console;
mod lab;
mod live;
#[cfg(unix)]
mod probing;
#[cfg(unix)]
mod programs;
#[cfg(unix)]
mod server;
