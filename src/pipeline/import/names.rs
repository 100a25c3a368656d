//! What an imported device and its profile are called.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::value::Name;

/// As long is a name.
const LONGEST: usize = 63;

/// A name made of a text, in whatever letters it is; `None` where nothing is left.
pub(super) fn slug(text: &str) -> Option<String> {
    let slug: String = slug::slugify(text).chars().take(LONGEST - 4).collect();
    let slug = slug.trim_end_matches('-').to_owned();
    slug.parse::<Name>().is_ok().then_some(slug)
}

/// Names that are in use, whatever their letters.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn of(names: impl Iterator<Item = String>) -> Names {
        Names(names.collect())
    }

    /// The first of `wanted` that is free, else the last with a number behind it.
    pub(super) fn take(&mut self, wanted: &[Option<String>], otherwise: &str) -> String {
        let wanted: Vec<&String> = wanted.iter().flatten().collect();
        if let Some(free) = wanted.iter().find(|name| !self.0.contains(**name)) {
            self.0.insert((*free).clone());
            return (*free).clone();
        }
        let last = wanted.last().map_or(otherwise, |name| name.as_str());
        let numbered = (1..).map(|n| if n == 1 { last.to_owned() } else { format!("{last}-{n}") });
        let name = numbered.into_iter().find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// Names that only one of several things bears.
pub(super) fn borne_once<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    names.into_iter().filter_map(slug).for_each(|name| *counted.entry(name).or_default() += 1);
    counted.into_iter().filter(|(_, count)| *count == 1).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_gives_a_name_or_none() {
        for (text, name) in [
            ("NP6650-16_417", Some("np6650-16-417")),
            ("Pumpe 7 (West)", Some("pumpe-7-west")),
            ("../../etc/passwd", Some("etc-passwd")),
            ("Kläranlage", Some("klaranlage")),
            ("Насос 7", Some("nasos-7")),
            ("con", None),
            ("---", None),
            ("", None),
        ] {
            assert_eq!(slug(text).as_deref(), name, "{text}");
        }
        let long = slug(&"x".repeat(200)).unwrap();
        assert!(format!("{long}-99").parse::<Name>().is_ok());
    }

    #[test]
    fn a_name_is_given_once() {
        let mut taken = Names::of(["np07".to_owned()].into_iter());
        let np = || Some("np07".to_owned());
        assert_eq!(taken.take(&[np(), Some("west".to_owned())], "x"), "west");
        assert_eq!(taken.take(&[np()], "x"), "np07-2");
        assert_eq!(taken.take(&[np()], "x"), "np07-3");
        assert_eq!(taken.take(&[None], "x"), "x");
        assert_eq!(borne_once(["Moxa", "moxa", "np1"]).into_iter().collect::<Vec<_>>(), ["np1"]);
    }
}
