//! Devices to rehearse on: command lines of MX-ROS and MX-NOS on this machine, made of the tables that everything else
//! goes by. What no table and no session of `schema/sessions` has, they do not know.
//!
//! [`Device`] is what all sessions of a device share, [`Terminal`] one session: bytes in, bytes out, no network and no
//! clock. [`serve`] puts them behind SSH. [`Web`] is the web console of a device that has no command line. [`Fault`] is
//! what goes wrong on purpose.

mod device;
mod fault;
#[cfg(test)]
pub(super) mod memory;
mod serve;
mod terminal;
mod web;

pub use device::{Device, Entry, LabError, shipped};
pub use fault::{Fault, Kind};
#[cfg(test)]
pub(in crate::device) use serve::deaf;
pub use serve::{Served, serve};
pub use terminal::{Output, Terminal};
pub use web::Web;
