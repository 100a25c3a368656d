//! Accounts by what they may do: how many administer the device, whether groups exist, who only watches.

use super::answer;
use crate::model::facts::{Group, Item, Value};
use crate::model::paths::{ACCOUNTS_ACCOUNT, ACCOUNTS_GROUP};
use crate::model::rights::{self, Rights, Standing};
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::pattern::{Cause, Toward};

const fn count(name: &'static str, required: bool, toward: Toward, doc: &'static str) -> Param {
    Param { name, kind: ParamKind::Int, required, toward: Some(toward), doc }
}

pub(super) static ADMINISTRATORS: Analysis = Analysis {
    name: "administrators",
    doc: "So many accounts have all rights and can log in: by role, or by what their group may do, whatever it is called. \
          One that is disabled or to be removed is none; one whose name is of `besides=` does not count as one of your own. \
          With `purpose=` only accounts that are for this count.",
    params: &[
        count("at-least", true, Toward::More, "fewest"),
        count("at-most", false, Toward::Less, "most"),
        Param {
            name: "besides",
            kind: ParamKind::List,
            required: false,
            toward: None,
            doc: "names that do not count towards the fewest, in small or capital letters",
        },
        Param {
            name: "purpose",
            kind: ParamKind::Text,
            required: false,
            toward: None,
            doc: "what accounts are for that count: `work`, `monitor`, `emergency`",
        },
    ],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &[ACCOUNTS_GROUP],
    needs: &[],
    run: administrators,
};

pub(super) static GROUPS: Analysis = Analysis {
    name: "groups-exist",
    doc: "Every account that is not to be removed has a group, and the group is one of the device's.",
    params: &[],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &[ACCOUNTS_GROUP],
    needs: &[],
    run: |input| {
        each(input, |group, failed, unknown| {
            let path = path(input, group, "group");
            let at = input.field(group, "group").map(|f| f.origin);
            match (input.field(group, "group"), standing(input, group)) {
                (None, _) => failed.push(input.cause(path, Some(group.origin), "has no group: add `group=\"...\"`")),
                (Some(fact), Standing::NoSuchGroup) => {
                    let sentence = format!("`{}` is no group of this device", fact.value.plain());
                    failed.push(input.cause(path, at, sentence));
                }
                (Some(fact), Standing::Unknown) if fact.value.is_known() => {
                    unknown.push(input.cause(path, at, rights_not_said(&fact.value.plain())));
                }
                (Some(fact), Standing::Unknown) => {
                    let cause = input.cause(path, at, "which group it is in is not known");
                    unknown.push(Cause { reported: fact.value == Value::Bad, ..cause });
                }
                _ => {}
            }
        })
    },
};

pub(super) static WATCHERS: Analysis = Analysis {
    name: "watchers-only-read",
    doc: "An account with `purpose=\"monitor\"` that can log in may look and change nothing, by its role or by what its \
          group may do.",
    params: &[],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &[ACCOUNTS_GROUP],
    needs: &[],
    run: |input| {
        each(input, |group, failed, unknown| {
            let watches = input.field(group, "purpose").is_some_and(|f| f.value == Value::Word("monitor"));
            if !watches || rights::may_log_in(input.facts, group) == Some(false) {
                return;
            }
            let fact = ["group", "role"].iter().find_map(|name| Some((*name, input.field(group, name)?)));
            let path = path(input, group, fact.map_or("group", |(name, _)| name));
            let at = fact.map_or(group.origin, |(_, f)| f.origin);
            match standing(input, group) {
                Standing::Known(Rights::None | Rights::Look) => {}
                Standing::Known(_) => failed.push(input.cause(path, Some(at), "may change settings; it only watches")),
                Standing::NoSuchGroup => {}
                Standing::Unknown => {
                    let name = fact.map(|(_, f)| f.value.plain()).unwrap_or_default();
                    unknown.push(input.cause(path, Some(at), rights_not_said(&name)));
                }
            }
        })
    },
};

fn administrators(input: &Input<'_>) -> Answer {
    let (mut all, mut own, mut perhaps) = (Vec::new(), 0, Vec::new());
    let purpose = input.text("purpose");
    let counted = |item: &&Item| {
        purpose.is_none_or(|p| input.field(&item.group, "purpose").is_some_and(|f| f.value.plain() == p))
    };
    for item in input.items(ACCOUNTS_ACCOUNT).unwrap_or_default().iter().filter(counted) {
        let name = input.field(&item.group, "name").map(|f| f.value.plain()).unwrap_or_default();
        let counts = !input.list("besides").iter().any(|n| n.eq_ignore_ascii_case(&name));
        match (rights::may_log_in(input.facts, &item.group), standing(input, &item.group)) {
            (Some(false), _) | (_, Standing::NoSuchGroup) => {}
            (Some(true), Standing::Known(Rights::Full)) => {
                all.push(item.group.origin);
                own += i64::from(counts);
            }
            (_, Standing::Known(Rights::Full)) => perhaps.push((item, "enabled", "whether it is enabled is not said")),
            (_, Standing::Unknown) => perhaps.push((item, "group", "what it may do is not said")),
            (_, Standing::Known(_)) => {}
        }
    }
    let origin = input.facts.items(ACCOUNTS_ACCOUNT).map(|l| l.origin);
    let least = input.int("at-least").unwrap_or(0);
    let most = input.int("at-most").unwrap_or(i64::MAX);
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut failed = Vec::new();
    if own + number(perhaps.len()) < least {
        let found = match (own, purpose) {
            (0, None) if !all.is_empty() => "nobody but an account of the factory".to_owned(),
            (0, None) => "nobody".to_owned(),
            (0, Some(purpose)) => format!("no account with `purpose=\"{purpose}\"`"),
            (own, _) => format!("only {own}"),
        };
        failed.push(input.cause(
            ACCOUNTS_ACCOUNT,
            origin,
            format!("{found} can log in with all rights; at least {least} must"),
        ));
    }
    if number(all.len()) > most {
        let sentence = format!("{} can log in with all rights; at most {most} may", all.len());
        failed.push(input.cause(ACCOUNTS_ACCOUNT, origin, sentence));
    }
    let open = own < least || number(all.len() + perhaps.len()) > most;
    let unknown = perhaps.iter().filter(|_| open).map(|(item, field, sentence)| {
        let at = input.field(&item.group, field).map_or(item.group.origin, |f| f.origin);
        input.cause(path(input, &item.group, field), Some(at), *sentence)
    });
    answer(failed, unknown.collect())
}

fn standing(input: &Input<'_>, account: &Group) -> Standing {
    rights::of(input.facts, input.device.platform, account)
}

/// Asks of each account that is not to be removed.
fn each(input: &Input<'_>, mut ask: impl FnMut(&Group, &mut Vec<Cause>, &mut Vec<Cause>)) -> Answer {
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    let stays = |g: &Group| input.field(g, "removed").is_none();
    for item in input.items(ACCOUNTS_ACCOUNT).unwrap_or_default().iter().filter(|i| stays(&i.group)) {
        ask(&item.group, &mut failed, &mut unknown);
    }
    answer(failed, unknown)
}

fn path(input: &Input<'_>, account: &Group, field: &str) -> String {
    format!("{ACCOUNTS_ACCOUNT}[{}].{field}", crate::model::facts::key_text(input.facts.shape, account))
}

fn rights_not_said(group: &str) -> String {
    format!("what `{group}` may do is not said: describe it, `accounts {{ group \"{group}\" access=\"read-only\" }}`")
}
