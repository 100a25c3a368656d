//! Which tables a build rendered by: its index names their digest, so that whoever renders again knows whether with the
//! same ones.

use crate::dialect::SiteTables;
use crate::embedded::{DIALECTS, FACTORY, MODELS};
use crate::image::Digest;
use crate::image::digest::Fields;
use crate::ledger::Index;
use crate::pipeline::folder::{MAX_TABLE, table};
use crate::site::files::Root;
use crate::source::FileId;

/// The digest of the program's tables (native text, factory settings, models), then of those that the site adds, each
/// with its name and in their order (`schema/image.md`, section 10).
pub(super) fn digest(tables: &SiteTables) -> Digest {
    of(&[DIALECTS, FACTORY, MODELS], tables.own())
}

/// The tables that a build was rendered by: those of this program, with what the folder of the build says that its site
/// adds. None where these are not the ones that the index names; nothing else vouches for them.
pub fn of_build(folder: &Root, index: &Index) -> Option<SiteTables> {
    let mut tables = SiteTables::default();
    let mut names: Vec<&str> = DIALECTS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    for name in names {
        let Ok(bytes) = folder.read_bytes(&table(name), MAX_TABLE) else { continue };
        tables.add(name, FileId::NONE, std::str::from_utf8(&bytes).ok()?).ok()?;
    }
    (digest(&tables) == index.tables).then_some(tables)
}

fn of(folders: &[&[(&str, &str)]], own: &[(String, String)]) -> Digest {
    let shipped = folders.iter().copied().flatten().copied();
    let mut fields = Fields::new();
    for (name, text) in shipped.chain(own.iter().map(|(name, text)| (&**name, &**text))) {
        fields.put(name.as_bytes());
        fields.put(text.as_bytes());
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn each_table_and_its_name_count() {
        assert!(!DIALECTS.is_empty() && !FACTORY.is_empty() && !MODELS.is_empty());
        let all = of(&[DIALECTS, FACTORY, MODELS], &[]);
        let none = SiteTables::default();
        assert_eq!(digest(&none), all);
        let own = |text: &str| {
            let mut tables = none.clone();
            tables.add("mx-nos.sheet.kdl", FileId::NONE, text).unwrap();
            digest(&tables)
        };
        let said = r#"dialect "mx-nos" form="sheet" source="seen" { }"#;
        assert!(own(said) != all && own(said) != own(&said.replace("seen", "read")) && own(said) == own(said));
        let others = [
            of(&[&DIALECTS[1..], FACTORY, MODELS], &[]),
            of(&[DIALECTS, &FACTORY[1..], MODELS], &[]),
            of(&[DIALECTS, FACTORY, &MODELS[1..]], &[]),
            of(&[DIALECTS, FACTORY, MODELS, &[("more.kdl", "")]], &[]),
        ];
        for other in others {
            assert_ne!(other, all);
        }
        assert_ne!(of(&[&[("ab", "c")]], &[]), of(&[&[("a", "bc")]], &[]));
    }
}
