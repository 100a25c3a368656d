//! The stages in one go, as the verbs need them: load a site, judge it, compare it with what runs, build it.
//!
//! A [`ReadySite`] is a loaded site with its packs and the captures read. [`ReadySite::judge`] gives evaluations,
//! [`check`] a report of them, [`compare`] one with differences, [`build`] seals what complies. Terminal, clock,
//! randomness and the places that secrets come from are handed in.

pub mod adoption;
pub mod capture;
pub mod import;
mod incoming;
mod known;
pub mod learn;
pub mod pins;
pub mod receipts;
mod ready;
pub mod first;
pub mod folder;
mod gather;
mod clock;
mod why;
mod layers;
mod together;
mod lockout;
mod compare;
pub mod coverage;
mod evidence;
mod connected;
mod clean_groups;
mod seal;
pub mod sealed;
mod sealed_export;
mod retire;
mod public;
mod certificates;
mod sheet;
pub mod tables;
pub mod store;
pub mod backup;
mod build;
pub mod bundle;
pub mod dossier;
pub mod by_file;
pub mod fleet;
pub mod firmware;
pub mod granted;
pub mod history;
pub mod inventory;
pub mod plan;
pub mod posture;
pub mod verify;
pub mod returned;
pub mod walk;

pub use build::{Before, BuildError, Built, Commit, History, KeyOf, Keys, Recipients, Request, Sign, Wrap, build};
pub use certificates::{CertificateFile, CertificateFiles};
pub use compare::{compare, drift};
pub use gather::{List, Selection, check, rule_pages};
pub use incoming::{Incoming, IncomingError, ReadBy, Sorted, incoming, legible, said, settle, sorted};
pub use known::known;
pub use public::Public;
pub use ready::{ReadySite, Running, load, pack_digest, ready};
pub use retire::{Reason, record, retirement};
pub use seal::{Prepared, Stamp, VENDORS_OWN, render_and_read_back};
pub use sealed_export::SealedExport;
pub use sheet::back;
pub use together::{ReadText, State};
