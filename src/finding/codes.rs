//! Every code of fieldlock's own, as data: what it means for the end of a run, how bad it is, what to do, and a few
//! sentences for `explain` and `schema/codes.md`. A code that does not stand here does not compile.

use super::Severity;
use super::code::{Class, Code, OwnCode};

/// One line a code: page (its doc comment), name, id, class, severity, help.
macro_rules! codes {
    ($prefix:literal; $($(#[doc = $page:literal])+ $name:ident $id:literal $class:ident $severity:ident $help:literal;)+) => {
        use super::{Class, Code, OwnCode, Severity};
        $(
            $(#[doc = $page])+
            pub const $name: Code = Code::Own(&OwnCode::new(
                concat!($prefix, ".", $id), Class::$class, Severity::$severity, $help, concat!($($page, " "),+),
            ));
        )+
        /// All of them.
        pub(super) const ALL: &[Code] = &[$($name),+];
    };
}

pub mod attestation;
pub mod dialect;
pub mod image;
pub mod pack;
pub mod platform;
pub mod shape;
pub mod site;
pub mod syntax;
pub mod verify;
pub mod waiver;

/// All of them, family by family.
pub fn all() -> impl Iterator<Item = &'static OwnCode> {
    let input = [syntax::ALL, shape::ALL, site::ALL, pack::ALL, dialect::ALL, platform::ALL];
    let later = [waiver::ALL, attestation::ALL, image::ALL, verify::ALL];
    input
        .into_iter()
        .chain(later)
        .flatten()
        .filter_map(|code| if let Code::Own(own) = code { Some(*own) } else { None })
}

/// The code of an id.
pub fn find(id: &str) -> Option<&'static OwnCode> {
    all().find(|own| own.id == id)
}
