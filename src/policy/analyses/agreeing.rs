//! Devices that are to say the same: a setting in a zone or in the site, the name of a person's account everywhere.

use foldhash::{HashMap, HashMapExt as _};

use super::answer;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Fact, Value, key_text};
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need, Param, ParamKind, field};
use crate::policy::pattern::Cause;
use crate::site::SiteDevice;

const fn text(name: &'static str, doc: &'static str) -> Param {
    Param { name, kind: ParamKind::Text, required: true, toward: None, doc }
}

pub(super) static SETTING: Analysis = Analysis {
    name: "said-alike",
    doc: "Every device of the zone, or of the site, that says the setting says what most of them say (where as many say \
          something else: what the first of them says). The order of a list, capitals and blanks make no difference. \
          Does not concern a device that says nothing of the kind.",
    params: &[
        text("setting", "the setting: `time.ntp`, `login.banner`"),
        text("within", "`zone` or `site`: among which devices"),
    ],
    reads: &[],
    looks_at: &["time", "login", "zone"],
    needs: &[Need::Site],
    run: |input| {
        let (Some(setting), Some(within)) = (input.text("setting"), input.text("within")) else {
            return Answer::NotApplicable;
        };
        judge(input, |judged| of_setting(judged, setting, within).into_iter().collect())
    },
};

pub(super) static NAMES: Analysis = Analysis {
    name: "one-name-per-person",
    doc: "The accounts with `purpose=\"work\"` that one person owns have one name on all devices. Accounts that watch or are \
          for emergencies are left out, and those that nobody owns. \
          Does not concern a device without such an account.",
    params: &[],
    reads: &[],
    looks_at: &[ACCOUNTS_ACCOUNT],
    needs: &[Need::Site],
    run: |input| judge(input, |judged| of_owners(judged.complete)),
};

/// What a device says, among whom it is to be the same, in one spelling and as it is shown.
struct Said<'a> {
    among: String,
    spelling: String,
    shown: Option<String>,
    path: String,
    fact: &'a Fact,
}

fn judge<'i>(input: &Input<'i>, of: impl Fn(&Judged<'i>) -> Vec<Said<'i>>) -> Answer {
    let own = of(&Judged { device: input.device, complete: input.facts });
    if own.is_empty() {
        return Answer::NotApplicable;
    }
    let most = input.marks(|| most(input.all, &of));
    let failed = own.iter().filter(|said| !most.contains_key(&key(said)));
    answer(
        failed.filter_map(|said| Some(cause(input, said, most.get(&said.among)?.first()?, &of))).collect(),
        Vec::new(),
    )
}

fn cause<'i>(input: &Input<'i>, said: &Said<'i>, other: &Mark, of: impl Fn(&Judged<'i>) -> Vec<Said<'i>>) -> Cause {
    let its = input.device_called(&other.device);
    let its = its.and_then(|judged| of(judged).into_iter().find(|its| its.among == said.among));
    let sentence = match (&said.shown, its.and_then(|its| its.shown)) {
        (Some(own), Some(its)) => format!("{own} here, {its} on `{}`", other.device),
        _ => format!("another text than on `{}`", other.device),
    };
    let mut cause = input.cause(said.path.clone(), Some(said.fact.origin), sentence);
    cause.related.push(Note { loc: other.origin.loc(), text: format!("`{}`", other.device) });
    cause
}

/// What most say: beneath each "among" the first device that says it, and a mark for the spelling itself.
fn most<'i>(all: &[Judged<'i>], of: &impl Fn(&Judged<'i>) -> Vec<Said<'i>>) -> Marks {
    let mut counted: HashMap<String, Vec<(String, usize, Mark)>> = HashMap::new();
    for judged in all {
        for said in of(judged) {
            let spellings = counted.entry(said.among).or_default();
            match spellings.iter_mut().find(|(spelling, ..)| *spelling == said.spelling) {
                Some((_, count, _)) => *count += 1,
                None => {
                    let mark = Mark { device: judged.device.name.clone(), path: said.path, origin: said.fact.origin };
                    spellings.push((said.spelling, 1, mark));
                }
            }
        }
    }
    let mut marks = Marks::default();
    for (among, spellings) in counted {
        let best = spellings.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((spelling, _, mark)) = best else { continue };
        marks.insert(format!("{among}\0{spelling}"), Vec::new());
        marks.insert(among, vec![mark]);
    }
    marks
}

fn key(said: &Said<'_>) -> String {
    format!("{}\0{}", said.among, said.spelling)
}

fn of_setting<'i>(judged: &Judged<'i>, setting: &str, within: &str) -> Option<Said<'i>> {
    let among = match within {
        "zone" => format!("zone {}", judged.device.zone.as_deref()?),
        _ => "site".to_owned(),
    };
    let fact = judged.complete.value(setting).filter(known)?;
    let shown = match &fact.value {
        Value::List(list) => {
            let shown: Vec<String> = list.iter().map(|f| format!("`{}`", f.value.plain())).collect();
            Some(if shown.is_empty() { "none".to_owned() } else { shown.join(" ") })
        }
        Value::Text(_) => None,
        other => Some(format!("`{}`", other.plain())),
    };
    let mut spelling: Vec<String> = match &fact.value {
        Value::List(list) => list.iter().map(|f| f.value.plain().to_lowercase()).collect(),
        other => other.plain().split_whitespace().map(str::to_lowercase).collect(),
    };
    if matches!(fact.value, Value::List(_)) {
        spelling.sort();
        spelling.dedup();
    }
    Some(Said { among, spelling: spelling.join(" "), shown, path: setting.to_owned(), fact })
}

fn of_owners(facts: &Facts) -> Vec<Said<'_>> {
    let items = facts.items(ACCOUNTS_ACCOUNT).map(|list| &list.items[..]).unwrap_or_default();
    let said = items.iter().filter_map(|item| {
        let word = |name: &str| field(facts, &item.group, name).filter(known).map(|f| f.value.plain());
        let own = word("purpose").as_deref() == Some("work") && word("removed").is_none();
        let owner = word("owner").filter(|_| own)?;
        let fact = field(facts, &item.group, "name").filter(known)?;
        let name = fact.value.plain();
        let path = format!("{ACCOUNTS_ACCOUNT}[{}].name", key_text(facts.shape, &item.group));
        Some(Said { among: owner, spelling: name.clone(), shown: Some(format!("`{name}`")), path, fact })
    });
    said.collect()
}

/// What somebody wrote or the device was read to have.
fn known(fact: &&Fact) -> bool {
    fact.value.is_known() && fact.origin.layer >= SiteDevice::BASE
}
