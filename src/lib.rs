//! fieldlock compiles declarative descriptions of industrial network devices: text in, sealed images and differences
//! out. The modules are the pipeline, in the order of the flow; one uses those above it, never below.
//!
//! [`source`] keeps texts and places in them, and masks what must never be shown. [`finding`] is the one currency of
//! all stages: a sentence, both ends of it, and the remedy. [`syntax`] reads KDL into a spanned tree. [`secret`] knows
//! secrets by name, and their values only for one run. [`model`] declares every setting once and checks trees against
//! it, into facts with origins; [`native`] is the vocabulary of the device's side. [`site`] loads a folder and lays
//! factory settings, profiles and a device's own words over one another. [`dialect`] and [`platform`] turn facts into
//! native text and back, by the same tables. [`policy`] judges facts by rules, and alone makes what may be sealed.
//! [`mod@image`] seals it, and opens what was sealed step by step; [`ledger`] lists what was built and remembers what
//! was seen. [`diff`] compares by meaning what is described with what runs; [`mod@plan`] orders what differs so that
//! one stays in; [`mod@sheet`] is what a person does by hand, and what they answer; [`report`] turns findings and
//! differences into text; [`pipeline`] runs it all in one go. `device`, behind the cargo feature of its name, talks to
//! devices that answer.
//!
//! The library touches no terminal, environment, clock or randomness: they are handed in. Only `device` touches the
//! network.

pub mod source;
pub mod finding;
pub mod syntax;
pub mod secret;
pub mod model;
pub mod native;
pub mod dialect;
pub mod site;
pub mod platform;
pub mod policy;
pub mod image;
pub mod ledger;
pub mod diff;
pub mod plan;
pub mod sheet;
pub mod report;
pub mod pipeline;
#[cfg(feature = "device")]
pub mod device;
pub mod embedded;

#[cfg(test)]
#[path = "../tests/common/expected.rs"]
mod expected;
#[cfg(test)]
#[path = "../tests/common/needs.rs"]
mod needs;
