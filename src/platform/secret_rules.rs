//! What a value has to be like to stand in the places that a secret is used in: characters, length, what the device's
//! own password policy asks for.
//!
//! Values are drawn narrower than they are taken: no character that is misread from a sheet, none that any form of the
//! platform's text can't hold, and no more characters than every device of the families is known to take.

use crate::dialect::{Table, TextRules, ini};
use crate::model::facts::Value;
use crate::model::paths::{CERTIFICATE_KEY, PASSWORD_POLICY_MIN_LENGTH, PASSWORD_POLICY_MUST_CONTAIN, SNMP_USER};
use crate::native::{Alphabet, Form};
use crate::secret::CharClass;
use crate::secret::SecretValue;
use crate::secret::generate::Recipe;
use crate::site::SiteDevice;

/// Letters and digits that nobody misreads: without `I`, `O`, `l`, `o`, `0`, `1`.
const LETTERS_AND_DIGITS: &str = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

/// Special characters of drawn passwords: all in the vendor's list for passwords (mx.md section 2), none of them
/// beginning a comment or quoted in any form.
const SPECIAL: &str = "@%*-_:,.";

/// How long a drawn value is where nothing says otherwise. The policies of these families ask for 4 to 16 characters at
/// most (nport.md, password length; mx.md section 2), so a device takes 16; whether it takes more, no source says.
const USUAL_LENGTH: usize = 16;

/// An SNMPv3 password has at least 8 characters (RFC 3414, 11.2).
const LEAST_SNMP: usize = 8;

/// What places ask of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRules {
    /// Fewest characters.
    pub least: usize,
    /// Most characters.
    pub most: usize,
    /// Classes that must occur.
    pub must: Vec<CharClass>,
    /// Whether it is what a file holds, with its lines: a private key. None is drawn, it is made with its certificate.
    pub is_file: bool,
    /// Whether it is a password, typed by people, that special characters are drawn for.
    password: bool,
    alphabets: Vec<Alphabet>,
    texts: Vec<&'static TextRules>,
}

impl Default for SecretRules {
    fn default() -> Self {
        let (alphabets, texts) = (Vec::new(), Vec::new());
        SecretRules { least: 1, most: usize::MAX, must: Vec::new(), is_file: false, password: true, alphabets, texts }
    }
}

/// The rules of one setting of a device; `path` is dotted.
pub fn secret_rules(device: &SiteDevice, path: &str) -> SecretRules {
    let mut rules = SecretRules { password: is_password(path), ..SecretRules::default() };
    if path == CERTIFICATE_KEY {
        return SecretRules { is_file: true, ..rules };
    }
    if path.starts_with(SNMP_USER) {
        rules.least = LEAST_SNMP;
    }
    if path.starts_with("accounts.") {
        own_policy(device, &mut rules);
    }
    let on = super::at(device);
    for form in Form::ALL {
        let Some(dialect) = on.table(form) else { continue };
        rules.alphabets.push(match form {
            Form::Ini => Alphabet::Value,
            Form::Cli => Alphabet::Word,
            Form::Sheet => Alphabet::Line,
        });
        if let Table::Ini(_) = dialect.table
            && let Some(text) = ini::secret_rules(dialect, path)
        {
            rules.least = rules.least.max(text.min);
            rules.most = rules.most.min(text.max);
            rules.texts.push(text);
        }
    }
    rules
}

/// Communities and shared keys go into other systems too: letters and digits only.
fn is_password(path: &str) -> bool {
    path.starts_with("accounts.") || path.starts_with(SNMP_USER) || path.starts_with("exported-config.")
}

fn own_policy(device: &SiteDevice, rules: &mut SecretRules) {
    let value = |path: &str| {
        let beneath = || device.beneath().and_then(|facts| facts.value(path));
        device.own.value(path).or_else(beneath).map(|f| &f.value)
    };
    if let Some(Value::Int(n)) = value(PASSWORD_POLICY_MIN_LENGTH) {
        rules.least = rules.least.max(usize::try_from(*n).unwrap_or(0));
    }
    if let Some(Value::List(list)) = value(PASSWORD_POLICY_MUST_CONTAIN) {
        rules.must.extend(list.iter().filter_map(|f| class(&f.value.plain())));
    }
}

fn class(word: &str) -> Option<CharClass> {
    match word {
        "upper" => Some(CharClass::Upper),
        "lower" => Some(CharClass::Lower),
        "digit" => Some(CharClass::Digit),
        "special" => Some(CharClass::Special),
        _ => None,
    }
}

impl SecretRules {
    /// Whether no source says that a device takes so many characters.
    pub fn is_untold(&self, length: usize) -> bool {
        self.most == usize::MAX && length > USUAL_LENGTH
    }

    /// What both ask for: a secret that stands in several places has to fit them all.
    pub fn and(mut self, other: SecretRules) -> SecretRules {
        self.least = self.least.max(other.least);
        self.most = self.most.min(other.most);
        self.must.extend(other.must);
        self.is_file &= other.is_file;
        self.password &= other.password;
        self.alphabets.extend(other.alphabets);
        self.texts.extend(other.texts);
        self
    }

    /// Whether a value can stand in all places, whatever form they get.
    pub fn hold(&self, value: &SecretValue) -> bool {
        let Some(text) = value.expose_text() else { return false };
        let length = text.chars().count();
        (self.least..=self.most).contains(&length)
            && self.alphabets.iter().all(|a| a.holds(text))
            && self.texts.iter().all(|t| t.judge(text).is_ok())
    }

    /// How long a value is drawn: `wanted` characters, else the usual number as far as the places take it. `None` where
    /// the places don't take that many, or can't take any.
    pub fn length(&self, wanted: Option<usize>) -> Option<usize> {
        match wanted {
            Some(length) => (self.least..=self.most).contains(&length).then_some(length),
            None if self.least > self.most => None,
            None => Some(USUAL_LENGTH.clamp(self.least, self.most)),
        }
    }

    /// What to draw a value by: see [`SecretRules::length`].
    pub fn recipe(&self, length: usize) -> Recipe {
        let special = if self.password || self.must.contains(&CharClass::Special) { SPECIAL } else { "" };
        let alone = |c: &char| {
            let text = format!("a{c}a");
            self.alphabets.iter().all(|a| a.holds(&text))
                && self.texts.iter().all(|t| t.alphabet.holds(*c) && !t.except.contains(*c))
        };
        let mut must = vec![CharClass::Upper, CharClass::Lower, CharClass::Digit];
        must.extend(self.password.then_some(CharClass::Special));
        must.extend(&self.must);
        must.sort_by_key(|class| *class as u8);
        must.dedup();
        Recipe::new(length, LETTERS_AND_DIGITS.chars().chain(special.chars()).filter(alone), must)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::secret::{Entropy, EntropyError};
    use crate::site::files::Root;
    use crate::site::secrets::wanted;
    use crate::site::{LoadOptions, Site, load};

    struct Seeded(u64);

    impl Entropy for Seeded {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
            for byte in out {
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (self.0 >> 56) as u8;
            }
            Ok(())
        }
    }

    fn site(platform: &str, least: u32, classes: &str) -> (tempfile::TempDir, Site) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("devices")).unwrap();
        std::fs::write(dir.path().join("site.kdl"), "site \"west\"\n").unwrap();
        let device = format!(
            "device \"np07\" {{\n    platform \"{platform}\" firmware=\"1.1\"\n    \
             password-policy {{ min-length {least}; must-contain {classes} }}\n    \
             accounts {{ account \"ot-lead\"; account \"x\" password=(stored)\"shared/x\" }}\n    \
             authentication {{ radius \"10.0.0.1\" }}\n    snmp {{ community \"read\"; user \"u\" auth=\"sha\" }}\n    \
             exported-config encrypted=on\n}}\n"
        );
        std::fs::write(dir.path().join("devices/np07.kdl"), device).unwrap();
        let loaded = load(&Root::open(dir.path()).unwrap(), &LoadOptions::default());
        (dir, loaded.site)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_is_drawn_satisfies_the_devices_own_policy(
            seed in any::<u64>(),
            least in 4u32..=32,
            platform in prop::sample::select(vec!["nport-6000-g2", "nport-6000", "mx-nos", "mx-ros"]),
            classes in prop::sample::subsequence(vec!["\"upper\"", "\"lower\"", "\"digit\"", "\"special\""], 1..=4),
        ) {
            let (_dir, site) = site(platform, least, &classes.join(" "));
            let device = site.device("np07").unwrap();
            let places = wanted([device]);
            prop_assert!(places.len() >= 4, "{}", places.len());
            for place in places {
                let rules = secret_rules(device, &place.path);
                let recipe = rules.recipe(rules.length(None).unwrap());
                let value = recipe.draw(&mut Seeded(seed), &|v| rules.hold(v)).unwrap();
                let text = value.expose_text().unwrap();
                prop_assert!(rules.hold(&value) && recipe.holds(&value));
                if place.path.starts_with("accounts.") {
                    prop_assert!(text.len() >= least as usize && text.len() >= 16);
                    for class in &classes {
                        let has = match *class {
                            "\"upper\"" => text.chars().any(|c| c.is_ascii_uppercase()),
                            "\"lower\"" => text.chars().any(|c| c.is_ascii_lowercase()),
                            "\"digit\"" => text.chars().any(|c| c.is_ascii_digit()),
                            _ => text.chars().any(|c| !c.is_ascii_alphanumeric()),
                        };
                        prop_assert!(has, "{class}");
                    }
                } else if !is_password(&place.path) {
                    prop_assert!(text.chars().all(|c| c.is_ascii_alphanumeric()));
                }
            }
        }
    }

    #[test]
    fn a_length_is_one_that_the_places_take() {
        let rules = |least, most| SecretRules { least, most, ..SecretRules::default() };
        for (least, most, wanted, drawn) in [
            (1, usize::MAX, None, Some(16)),
            (20, usize::MAX, None, Some(20)),
            (1, 12, None, Some(12)),
            (12, 12, None, Some(12)),
            (13, 12, None, None),
            (8, 12, Some(8), Some(8)),
            (8, 12, Some(12), Some(12)),
            (8, 12, Some(7), None),
            (8, 12, Some(13), None),
        ] {
            assert_eq!(rules(least, most).length(wanted), drawn, "{least} to {most}, {wanted:?}");
        }
        // a place whose length is told takes it; of any other no source says that it takes more than the usual
        for (most, length, untold) in
            [(usize::MAX, 16, false), (usize::MAX, 17, true), (16, 16, false), (32, 17, false), (32, 32, false)]
        {
            assert_eq!(rules(1, most).is_untold(length), untold, "{most} {length}");
        }
    }

    #[test]
    fn the_tables_lengths_are_followed() {
        let (_dir, site) = site("nport-6000", 8, "\"digit\"");
        let device = site.device("np07").unwrap();
        let radius = wanted([device]).into_iter().find(|w| w.path.starts_with("authentication.radius")).unwrap();
        let rules = secret_rules(device, &radius.path);
        assert_eq!((rules.most, rules.length(Some(16)), rules.length(Some(17))), (16, Some(16), None));
        let account = secret_rules(device, "accounts.account[ot-lead].password");
        assert_eq!(
            (account.length(Some(7)), account.length(Some(8)), account.length(Some(40))),
            (None, Some(8), Some(40))
        );
        let both = rules.and(account);
        assert_eq!((both.least, both.most), (8, 16));
        assert!(!both.recipe(16).characters().contains('@'), "one place takes letters and digits only");
    }
}
