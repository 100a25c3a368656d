//! What becomes of the accounts that a device has from the factory.

use super::answer;
use crate::model::facts::Item;
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "factory-accounts-told",
    doc: "Each account of the list, which the device has from the factory, is written, as one that goes \
          (`account \"admin\" removed`) or stays, or was read from the device: what was read and nobody writes goes. One \
          that nobody writes and nobody read stays.",
    params: &[Param {
        name: "list",
        kind: ParamKind::List,
        required: true,
        toward: None,
        doc: "accounts of the factory",
    }],
    reads: &[ACCOUNTS_ACCOUNT],
    looks_at: &[],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let read = input.device.read.as_deref();
    let accounts = input.items(ACCOUNTS_ACCOUNT).unwrap_or_default();
    let was_read = read.and_then(|read| read.facts.items(ACCOUNTS_ACCOUNT)).map(|list| &list.items[..]);
    let among = |accounts: &[Item], wanted: &str| {
        // no source says that a device takes `Admin` for `admin`, so who takes one away leaves the other
        let mut names = accounts.iter().filter_map(|a| input.field(&a.group, "name"));
        names.any(|name| name.value.plain() == *wanted)
    };
    // a list that is written takes away what was read and is not in it
    let known = |name: &str| was_read.is_some_and(|list| among(list, name) || read.is_some_and(|read| !read.is_cut()));
    let origin = input.facts.items(ACCOUNTS_ACCOUNT).map(|list| list.origin);
    let silent = input.list("list").iter().filter(|name| !among(accounts, name) && !known(name));
    let failed = silent.map(|name| {
        let sentence = format!("does not say what becomes of `{name}`, which the device has from the factory");
        let help = format!("write `accounts {{ account \"{name}\" removed }}` beside the accounts that stay");
        Cause { help: Some(help), ..input.cause(ACCOUNTS_ACCOUNT, origin, sentence) }
    });
    answer(failed.collect(), Vec::new())
}
