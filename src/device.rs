//! Devices that answer: the one part of the tree that touches the network, behind the cargo feature `device`.
//!
//! [`Speech`] is how a platform's command line talks, as data. [`screen`] is what a terminal shows of bytes,
//! [`dialogue`] tells by it what the device waits for, and [`cli`] asks and answers: all three know no network, and are
//! tried on any bytes. [`ssh`] is the wire, a small face that waits, over `russh`. [`reach`] says where a device is and
//! by which key it is known; [`live`] reads what runs there, many at once; [`mod@apply`] brings one to what is
//! described; [`doctor`] says why reading fails. [`probe`] looks at a device from outside. [`lab`] is devices to
//! rehearse on, made of the same tables, on this machine.
//!
//! What is sent to a device is shown to nobody but by [`cli::Command::shown`], and no password is in any text.

pub mod apply;
pub mod cli;
pub mod dialogue;
pub mod doctor;
pub mod lab;
pub mod live;
pub mod probe;
pub mod reach;
pub mod screen;
pub mod ssh;

pub use crate::dialect::Speech;
pub use cli::{Cli, CliError, Wire, WireError};
pub use reach::Reach;
