//! Which tables a build rendered by: its index names their digest, so that whoever renders again knows whether with the
//! same ones.

use std::sync::LazyLock;

use crate::embedded::{DIALECTS, FACTORY, MODELS};
use crate::image::Digest;
use crate::image::digest::Fields;

/// The digest of the program's tables: native text, factory settings, models, each with its name and in their order
/// (`schema/image.md`, section 10).
pub(super) fn digest() -> Digest {
    static DIGEST: LazyLock<Digest> = LazyLock::new(|| of(&[DIALECTS, FACTORY, MODELS]));
    *DIGEST
}

fn of(folders: &[&[(&str, &str)]]) -> Digest {
    let mut fields = Fields::new();
    for (name, text) in folders.iter().copied().flatten() {
        fields.put(name.as_bytes());
        fields.put(text.as_bytes());
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_and_its_name_count() {
        assert!(!DIALECTS.is_empty() && !FACTORY.is_empty() && !MODELS.is_empty());
        let all = of(&[DIALECTS, FACTORY, MODELS]);
        assert_eq!(digest(), all);
        let others = [
            of(&[&DIALECTS[1..], FACTORY, MODELS]),
            of(&[DIALECTS, &FACTORY[1..], MODELS]),
            of(&[DIALECTS, FACTORY, &MODELS[1..]]),
            of(&[DIALECTS, FACTORY, MODELS, &[("more.kdl", "")]]),
        ];
        for other in others {
            assert_ne!(other, all);
        }
        assert_ne!(of(&[&[("ab", "c")]]), of(&[&[("a", "bc")]]));
    }
}
