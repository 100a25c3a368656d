//! fieldlock compiles declarative descriptions of industrial network devices.
//!
//! [`source`] keeps the texts and their places; [`finding`] is what every stage has to say. [`syntax`] reads KDL
//! into a spanned tree. [`model`] declares every setting once and checks the tree against it, into facts.
//! [`policy`] judges facts by rules; [`mod@image`] seals what was judged. [`report`] turns what a run found into text.

pub mod dialect;
pub mod diff;
pub mod embedded;
pub mod finding;
pub mod image;
pub mod model;
pub mod native;
pub mod pipeline;
pub mod platform;
pub mod policy;
pub mod report;
pub mod secret;
pub mod site;
pub mod source;
pub mod syntax;
