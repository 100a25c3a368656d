//! Every setting, declared once.
//!
//! A setting is a field of a struct here. From the struct's JSON Schema comes the [`shape`] that checks KDL (all
//! findings at once, with spans), completes it in editors, documents the language and checks the paths of packs
//! and dialects when they load. What was checked is [`facts`]: values with their origins. The structs themselves
//! are decoded from complete facts where code wants types instead of paths.
//!
//! Conventions (extensions of the schema, set beside the field): `x-node = line` writes a struct on one line, its
//! scalars as properties; `x-at` (arg, prop, child) says otherwise for one field; `x-key` makes a list keyed;
//! `x-fixed` marks a list whose entries exist by hardware, so that writing some does not own the rest; `x-ordered`
//! keeps order; `x-note` is for people, never rendered nor compared; `x-intent` is asked for and never read back;
//! `x-word` is a word beside the value (`never`, `none`); `x-secret` is the default name of a secret and
//! `x-secret-when` the field that makes it needed; `x-required` must be there after merging; `x-zero-never` marks a
//! number whose 0 means never; `x-open` takes any
//! property; `x-spread` marks a key that may name several entries (`1/1-4`); of the fields of one `x-choice` one
//! stands, and what is `x-beside` some of them goes with them; `x-ref` is the list that has what a field names; in an
//! `x-last` list entries of lower layers come last.

pub mod accounts;
pub mod adoption;
pub mod allowlist;
pub mod attestation;
pub mod authentication;
pub mod capture;
pub mod certificate;
pub mod device;
pub mod ethernet;
pub mod exported_config;
pub mod facts;
pub mod hardware;
pub mod identity;
pub mod lock;
pub mod log;
pub mod login;
pub mod mail;
pub mod mode;
pub mod network;
pub mod password_policy;
pub mod rights;
pub mod routing;
pub mod serial;
pub mod services;
pub mod paths;
pub mod shape;
pub mod site;
pub mod snmp;
pub mod switching;
pub mod time;
pub mod tls;
pub mod dhcp;
pub mod dos;
pub mod dot1x;
pub mod firewall;
pub mod l2_filter;
pub mod session_limits;
pub mod mirror;
pub mod nat;
pub mod objects;
pub mod reach;
pub mod redundancy;
pub mod usb;
pub mod vpn;
pub mod value;
pub mod vendor_settings;
pub mod waiver;
pub mod write;

pub use device::Device;
pub use facts::{Fact, Facts, Group, Item, Items, Setting, Value};
pub use shape::Shape;
