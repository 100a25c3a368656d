//! Passwords of accounts: length, classes, none that everybody knows. They answer yes or no and never show a value,
//! its length or what is in it.

use super::answer;
use crate::model::Facts;
use crate::model::facts::{Fact, Value, leaves_beneath};
use crate::model::paths::{
    ACCOUNTS_ACCOUNT, ACCOUNTS_DIAL_IN, AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, DOT1X, IDENTITY_HOSTNAME,
    PASSWORD_POLICY_MIN_LENGTH, PASSWORD_POLICY_MUST_CONTAIN, ROUTING, SNMP_USER, TIME_KEY, VPN,
};
use crate::model::shape::{Kind, ScalarKind};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::pattern::{Cause, Toward};
use crate::secret::{SecretValue, strength};

const AT_LEAST: Param = Param {
    name: "at-least",
    kind: ParamKind::Int,
    required: true,
    toward: Some(Toward::More),
    doc: "the least that is asked for",
};

pub(super) static LENGTH: Analysis = Analysis {
    name: "secret-length",
    doc: "Every account's password has as many characters as the rule and the device's own `password-policy` ask for.",
    params: &[AT_LEAST],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &["password-policy"],
    needs: &[Need::Secrets],
    run: |input| {
        let own = match input.fact(PASSWORD_POLICY_MIN_LENGTH).map(|f| &f.value) {
            Some(Value::Int(n)) => *n,
            _ => 0,
        };
        let least = input.int("at-least").unwrap_or(0).max(own);
        each_password(input, |_, value| {
            (!is_long(value, least)).then(|| format!("is shorter than the {least} characters asked for"))
        })
    },
};

pub(super) static CLASSES: Analysis = Analysis {
    name: "secret-classes",
    doc: "Every account's password has characters of so many of the four classes upper, lower, digit, special, and of \
          those that the device's own `password-policy` asks for.",
    params: &[AT_LEAST],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &["password-policy"],
    needs: &[Need::Secrets],
    run: |input| {
        let least = input.int("at-least").unwrap_or(4);
        let own: Vec<String> = match input.fact(PASSWORD_POLICY_MUST_CONTAIN).map(|f| &f.value) {
            Some(Value::List(list)) => list.iter().map(|f| f.value.plain()).collect(),
            _ => Vec::new(),
        };
        each_password(input, |_, value| {
            let has = classes(value);
            let count = has.iter().filter(|(_, is)| *is).count();
            let asked = own.iter().all(|c| has.iter().any(|(name, is)| name == c && *is));
            let enough = i64::try_from(count).unwrap_or(0) >= least && asked;
            (!enough).then(|| format!("has not the {least} classes of characters asked for"))
        })
    },
};

pub(super) static NOT_DEFAULT: Analysis = Analysis {
    name: "secret-not-default",
    doc: "No account's password is one of the list or the account's own name, in small or capital letters.",
    params: &[Param {
        name: "list",
        kind: ParamKind::List,
        required: true,
        toward: None,
        doc: "passwords that everybody knows",
    }],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &["password-policy"],
    needs: &[Need::Secrets],
    run: |input| {
        each_password(input, |account, value| {
            let known = is_one_of(value, input.list("list")) || is_one_of(value, &[account.to_owned()]);
            known.then(|| "is one that everybody knows".to_owned())
        })
    },
};

/// What opens the device, its ports and its tunnels, or stands for it: not what other systems let it in with.
pub(super) const PASSWORDS: [&str; 9] = [
    ACCOUNTS_ACCOUNT,
    ACCOUNTS_DIAL_IN,
    AUTHENTICATION_RADIUS,
    AUTHENTICATION_TACACS,
    DOT1X,
    ROUTING,
    SNMP_USER,
    TIME_KEY,
    VPN,
];

pub(super) static NOT_GUESSED: Analysis = Analysis {
    name: "secret-not-guessed",
    doc: "No password of an account, secret of a login server, password of an SNMPv3 user, key of a tunnel, of routes or \
          of time is found in a million guesses. They are counted by `zxcvbn`, which knows thirty thousand passwords of \
          leaks, common words, names, dates, runs of keys and how people vary them; the words of the list, and the names \
          of account, device, host, model and site, are tried before all others. Does not concern a device without any.",
    params: &[Param {
        name: "list",
        kind: ParamKind::List,
        required: true,
        toward: None,
        doc: "what everybody tries first at these devices",
    }],
    reads: &[],
    looks_at: &PASSWORDS,
    needs: &[Need::Secrets],
    run: |input| {
        let all = places(input.facts, &PASSWORDS);
        if all.is_empty() {
            return Answer::NotApplicable;
        }
        let mut failed = Vec::new();
        for place in &all {
            let Value::Secret(name) = &place.fact.value else { continue };
            let Some(value) = input.secrets.get(name) else { continue };
            let mut known = names(input);
            known.extend(input.list("list").iter().map(String::as_str));
            known.extend(place.owner());
            if strength::is_tried_first(value, &known) {
                let sentence = "is one that everybody knows, or would try first";
                failed.push(input.cause(place.path.clone(), Some(place.fact.origin), sentence));
            }
        }
        answer(failed, unreadable(input, &all))
    },
};

/// A place of a secret on a device.
pub(super) struct Place<'f> {
    /// Dotted path of the setting.
    pub(super) path: String,
    /// The secret's name, or that there is one.
    pub(super) fact: &'f Fact,
}

impl Place<'_> {
    /// The key of the entry that it belongs to: an account, a user, a server.
    fn owner(&self) -> Option<&str> {
        let (_, key) = self.path.split_once('[')?;
        Some(key.rsplit_once(']')?.0)
    }
}

/// The places of secrets beneath some settings.
pub(super) fn places<'f>(facts: &'f Facts, beneath: &[&str]) -> Vec<Place<'f>> {
    let secrets = leaves_beneath(facts, beneath).filter(|leaf| leaf.field.kind == Kind::Scalar(ScalarKind::Secret));
    secrets.map(|leaf| Place { path: leaf.path, fact: leaf.fact }).collect()
}

/// The places of which nobody can say what stands there.
pub(super) fn unreadable(input: &Input<'_>, places: &[Place<'_>]) -> Vec<Cause> {
    let unknown = |place: &Place<'_>| match &place.fact.value {
        Value::Secret(name) if input.secrets.get(name).is_some() => None,
        Value::Secret(name) => Some(missing(input, place.path.clone(), name, place.fact.origin)),
        Value::Bad => None,
        _ => {
            let sentence = "is not readable, so it can't be judged";
            let cause = input.cause(place.path.clone(), Some(place.fact.origin), sentence);
            // of an account's the rules on length tell it, and every platform has them
            Some(Cause { reported: place.path.starts_with(ACCOUNTS_ACCOUNT), ..cause })
        }
    };
    places.iter().filter_map(unknown).collect()
}

/// Whether a value that can be tried without end is found: see [`strength::is_guessable`].
pub(super) fn guessable(input: &Input<'_>, value: &SecretValue) -> bool {
    strength::is_guessable(value, &names(input))
}

/// What somebody who knows the plant tries.
fn names<'i>(input: &'i Input<'_>) -> Vec<&'i str> {
    let host = input.fact(IDENTITY_HOSTNAME).and_then(|fact| fact.value.text());
    let site = input.site.site.name.as_ref().map(|name| name.as_str());
    let words = [Some(&*input.device.name), input.device.model.as_deref(), host, site];
    words.into_iter().flatten().collect()
}

/// Asks of every account's password that is named by a person; accounts that are to be removed have none.
fn each_password(input: &Input<'_>, wrong: impl Fn(&str, &SecretValue) -> Option<String>) -> Answer {
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    for item in input.items(ACCOUNTS_ACCOUNT).unwrap_or_default() {
        let Some(fact) = input.field(&item.group, "password") else { continue };
        let account = input.field(&item.group, "name").map(|f| f.value.plain()).unwrap_or_default();
        let path = format!("{ACCOUNTS_ACCOUNT}[{account}].password");
        match &fact.value {
            Value::Secret(name) => match input.secrets.get(name) {
                Some(value) => {
                    failed.extend(wrong(&account, value).map(|s| input.cause(path, Some(fact.origin), s)));
                }
                None => unknown.push(missing(input, path, name, fact.origin)),
            },
            Value::Held => unknown.push(input.cause(path, Some(fact.origin), "is not readable, so it can't be judged")),
            _ => {}
        }
    }
    answer(failed, unknown)
}

pub(super) fn missing(input: &Input<'_>, path: String, name: &str, origin: crate::source::Origin) -> Cause {
    // whoever gathered the secrets told it, at the same line
    Cause { reported: true, ..input.cause(path, Some(origin), format!("`{name}` is not among the secrets")) }
}

/// Whether a secret has so many characters; bytes count where it is no text.
pub(super) fn is_long(value: &SecretValue, least: i64) -> bool {
    let length = value.expose_text().map_or(value.len(), |t| t.chars().count());
    i64::try_from(length).unwrap_or(i64::MAX) >= least
}

/// The classes of characters, each with whether it occurs. What lies outside ASCII is in none: not every keyboard has
/// it, and devices count it as they like.
pub(super) fn classes(value: &SecretValue) -> [(&'static str, bool); 4] {
    let any = |is: fn(&u8) -> bool| value.expose().iter().any(is);
    [
        ("upper", any(u8::is_ascii_uppercase)),
        ("lower", any(u8::is_ascii_lowercase)),
        ("digit", any(u8::is_ascii_digit)),
        ("special", any(u8::is_ascii_punctuation)),
    ]
}

/// Whether a secret is one of the texts, in small or capital letters.
pub(super) fn is_one_of(value: &SecretValue, texts: &[String]) -> bool {
    texts.iter().any(|t| value.expose().eq_ignore_ascii_case(t.as_bytes()))
}
