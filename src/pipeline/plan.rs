//! A plan for one device, of what is described and what was read, as the file that people approve.

use std::net::IpAddr;

use super::compare::to_set;
use super::gather::Selection;
use super::{ReadySite, State, tables};
use crate::dialect::Table;
use crate::diff;
use crate::finding::{Finding, Severity, Verdict};
use crate::image::Digest;
use crate::model::Facts;
use crate::model::paths::{ACCOUNTS_ACCOUNT, ALLOWLIST_HOST};
use crate::native::{Change, Form, Reading};
use crate::plan::file::{
    CheckKind, FORMAT, NamedDigest, OutBetween, PlanChange, PlanCheck, PlanFile, PlanFinding, PlanStep, ReadFrom,
};
use crate::plan::{self, Check, Ends, Engineer, Input, Limits, Obstacle, Part, Refusal, Step};
use crate::platform::{self, Platform};
use crate::policy::{Changes, Context, Cost, Moment, evaluate_one};
use crate::report::documents::moment;
use crate::report::{BaseHead, ChangeRow, RuleEffect, sides};
use crate::secret::Secrets;
use crate::site::SiteDevice;
use crate::site::files::lf;
use crate::source::Origin;

/// What is asked of a plan.
pub struct Asked<'a> {
    /// Who makes it: a person of the site.
    pub author: &'a str,
    /// From where the engineer works.
    pub from: &'a [IpAddr],
    /// The port of the device that the laptop is plugged into.
    pub port: Option<&'a str>,
    /// The account that one logs in with today.
    pub login: Option<&'a str>,
    /// Whether steps are taken that neither end knows anything of.
    pub foreign: bool,
    /// The sentence by which a lock-out is accepted.
    pub accepted: Option<&'a str>,
    /// The device's sealed image and the list that vouches for it, where they are built.
    pub built: Option<(Digest, Digest)>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPlan {
    /// The device does not keep its rules: what is not sealed is not planned.
    Fails,
    /// Nothing but its secrets is missed: whoever has them knows whether it keeps its rules.
    NoSecrets,
    /// No order is safe, in one sentence, and what to do.
    Refused {
        /// The sentence.
        message: String,
        /// The remedy.
        help: String,
    },
    /// The sentence that was typed is not the one that names the consequence, which is this.
    NotAccepted(String),
}

impl NoPlan {
    /// As it is read on a sheet.
    pub(crate) fn sentence(&self) -> String {
        match self {
            NoPlan::Refused { message, help } => format!("No order of these pages is safe: {message}. To do: {help}."),
            NoPlan::NotAccepted(sentence) => format!("No order of these pages is safe: {sentence}."),
            NoPlan::Fails => "The device does not keep its rules.".to_owned(),
            NoPlan::NoSecrets => "Whether the device keeps its rules takes its secrets.".to_owned(),
        }
    }
}

/// Plans one device.
///
/// # Errors
/// It does not keep its rules, or no order is safe.
pub fn plan(
    ready: &ReadySite,
    secrets: &Secrets,
    device: &SiteDevice,
    selection: &Selection<'_>,
    asked: &Asked<'_>,
) -> Result<PlanFile, NoPlan> {
    let on = &platform::at(device);
    let report = to_set(ready, secrets, selection);
    let told = report.devices.iter().find(|told| *told.name == *device.name).ok_or(NoPlan::Fails)?;
    if !told.complies {
        let blocks = report.findings.iter().any(|f| report.blocks(f) && f.devices().any(|one| one == &*told.name));
        let waits = told.tally.later_secrets > 0 && !secrets.is_loaded() && !blocks;
        return Err(if waits { NoPlan::NoSecrets } else { NoPlan::Fails });
    }
    let difference = told.difference.clone().unwrap_or_default();
    let unknown = difference.kept.iter().filter(|line| !line.listed).map(|line| line.line).collect();
    let bases: Vec<BaseHead> = difference.base.into_iter().chain(difference.beside).collect();
    let rows = match bases.first() {
        Some(_) => difference.changes,
        None => first(on, device, secrets),
    };
    let findings = of_changes(ready, secrets, device, (selection, report.block_on), (&rows, unknown))?;
    let changes: Vec<Change> = rows.iter().map(|row| row.change.clone()).collect();
    let state = ready.states.get(&device.name);
    let ends = BothEnds {
        stations: stations(ready),
        device,
        changes: &changes,
        engineer: Engineer { addresses: asked.from.to_vec(), port: asked.port.map(str::to_owned), over_ssh: false },
        login: asked.login,
        foreign: asked.foreign,
        length: &|end, name| match end {
            Ends::Start => state?.reading().secrets.get(name).map(crate::secret::SecretValue::len),
            Ends::Goal => secrets.get(name).map(crate::secret::SecretValue::len),
        },
    };
    let planned = ends.with(|input| planned(input, asked, device))?;
    let accepted = planned.steps.iter().any(|step| step.check == Some(Check::LockedOut));
    let waiver = |waiver: &crate::site::SiteWaiver| {
        let text = ready.sources.get(waiver.loc.file).map(|file| lf(file.text().as_bytes().to_vec()));
        let name = waiver.typed.id.as_ref().map(ToString::to_string).unwrap_or_default();
        NamedDigest { name, sha256: Digest::of(&text.unwrap_or_default()) }
    };
    let when = |base: &BaseHead| [&*moment(&base.taken), &*base.by].join(" ").trim().to_owned();
    Ok(PlanFile {
        accepted: if accepted { asked.accepted.unwrap_or_default().to_owned() } else { String::new() },
        approvals: ready.site.typed.plan_approvals.unwrap_or(1),
        author: asked.author.to_owned(),
        device: device.name.to_string(),
        findings,
        foreign: asked.foreign,
        format: FORMAT.to_owned(),
        from: asked.from.iter().map(ToString::to_string).collect(),
        image: asked.built.map(|(image, _)| image.to_string()).unwrap_or_default(),
        index: asked.built.map(|(_, index)| index.to_string()).unwrap_or_default(),
        login: asked.login.unwrap_or_default().to_owned(),
        made_at: selection.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        missing: planned.missing.clone(),
        out: planned
            .out
            .iter()
            .map(|(station, steps)| OutBetween {
                steps: steps.iter().map(|at| at + 1).collect(),
                station: station.clone(),
            })
            .collect(),
        packs: ready.index_packs().to_vec(),
        platform: device.platform.word().to_owned(),
        port: asked.port.unwrap_or_default().to_owned(),
        read: ReadFrom {
            file: bases.iter().map(|base| &*base.file).collect::<Vec<_>>().join(" "),
            sha256: state.map(|state| read_digest(on, state).to_string()).unwrap_or_default(),
            when: bases.iter().map(when).collect::<Vec<_>>().join(", "),
        },
        revision: Digest::of(device.revision().to_string().as_bytes()),
        site: ready.site.name.to_string(),
        steps: planned.steps.iter().map(|step| told_step(step, &rows)).collect(),
        tables: tables::digest(&ready.site.tables),
        then: planned.then.into_iter().collect(),
        today: planned.today.into_iter().collect(),
        tool: format!("fieldlock {}", env!("CARGO_PKG_VERSION")),
        waivers: ready.site.waivers.iter().map(waiver).collect(),
    })
}

/// The order, or why there is none.
fn planned(input: &mut Input<'_>, asked: &Asked<'_>, device: &SiteDevice) -> Result<plan::Plan, NoPlan> {
    let no = |refusal: &Refusal, input: &Input<'_>| refused(refusal, input.changes, &device.name);
    match (plan::plan(input), asked.accepted) {
        (Ok(plan), _) => Ok(plan),
        (Err(refusal), None) => Err(no(&refusal, input)),
        (Err(refusal), Some(sentence)) => {
            input.consented = true;
            let plan = plan::plan(input).map_err(|_| no(&refusal, input))?;
            let wanted = consequence(&device.name, asked.from, &plan.steps);
            if sentence == wanted { Ok(plan) } else { Err(NoPlan::NotAccepted(wanted)) }
        }
    }
}

/// What a device has and what it is to have, as an order is made of them.
pub(super) struct BothEnds<'a> {
    /// Other computers that the device is managed from.
    pub(super) stations: Vec<(String, IpAddr)>,
    pub(super) device: &'a SiteDevice,
    pub(super) changes: &'a [Change],
    pub(super) engineer: Engineer,
    pub(super) login: Option<&'a str>,
    pub(super) foreign: bool,
    pub(super) length: &'a dyn Fn(Ends, &str) -> Option<usize>,
}

impl BothEnds<'_> {
    /// Asks something of both ends.
    pub(super) fn with<T>(&self, ask: impl FnOnce(&mut Input<'_>) -> T) -> T {
        let (device, on) = (self.device, &platform::at(self.device));
        let nothing = Facts::empty(device.own.shape, Origin::NONE);
        let (before, after) = (device.beneath().unwrap_or(&nothing), device.complete());
        let menus = self.changes.iter().filter_map(|change| change.page.as_ref()).map(|page| &*page.menu);
        let menus: Vec<&str> = menus.collect();
        ask(&mut Input {
            platform: device.platform,
            before,
            after: &after,
            changes: self.changes,
            engineer: self.engineer.clone(),
            login: self.login,
            length: self.length,
            shipped: &|account| {
                let shipped = device.factory.as_deref();
                shipped.is_some_and(|facts| facts.group(&format!("{ACCOUNTS_ACCOUNT}[{account}]")).is_some())
            },
            slots: &|list| slots(on, list),
            // commands are typed one by one; a page is saved as a whole
            page: &|change| match on.machine {
                Some(Form::Cli) => None,
                _ => change.page.as_ref().and_then(|page| menus.iter().position(|menu| *menu == page.menu)),
            },
            limits: Limits { entries: slots(on, ALLOWLIST_HOST), accounts: slots(on, ACCOUNTS_ACCOUNT) },
            stations: &self.stations,
            foreign: self.foreign,
            consented: false,
        })
    }
}

/// The computers of a site that devices are managed from.
pub(super) fn stations(ready: &ReadySite) -> Vec<(String, IpAddr)> {
    let station =
        |station: &crate::model::site::Station| Some((station.name.as_ref()?.to_string(), station.address?.0));
    ready.site.typed.station.iter().filter_map(station).collect()
}

/// What rules of the moment before the first step say of the changes.
fn of_changes(
    ready: &ReadySite,
    secrets: &Secrets,
    device: &SiteDevice,
    (selection, block_on): (&Selection<'_>, Severity),
    (rows, unknown): (&[ChangeRow], Vec<usize>),
) -> Result<Vec<PlanFinding>, NoPlan> {
    let lost = |effect: &&RuleEffect| {
        effect.before == Some(Verdict::Pass) && matches!(effect.after, Verdict::Fail | Verdict::Unknown)
    };
    let mut costs: Vec<(bool, Cost)> = Vec::new();
    for row in rows {
        let cost = |effect: &RuleEffect| Cost { rule: effect.rule.clone(), path: row.change.path.clone() };
        costs.extend(row.rules.iter().filter(lost).map(|effect| (!effect.decides, cost(effect))));
    }
    costs.sort_by(|(a, x), (b, y)| (&x.rule, a).cmp(&(&y.rule, b)));
    costs.dedup_by(|(_, a), (_, b)| a.rule == b.rule);
    let costs: Vec<Cost> = costs.into_iter().map(|(_, cost)| cost).collect();
    let changes = Changes { costs, unknown };
    let context = Context { changes: Some(&changes), until: Moment::Connect, ..ready.context(secrets, selection.now) };
    let (in_force, all) = (ready.in_force(&context), ready.judged());
    let judged = all.iter().find(|judged| judged.device.name == device.name);
    let found = judged.map(|judged| evaluate_one(&in_force, &all, *judged).findings).unwrap_or_default();
    let asked =
        |id: &str| ready.packs.rule(id).is_some_and(|rule| rule.moment == Moment::Connect && rule.attest.is_none());
    let found = found.into_iter().filter(|finding| finding.rules.iter().any(|rule| asked(&rule.id)));
    let found: Vec<Finding> = found.collect();
    let open = |f: &&Finding| matches!(f.status, Verdict::Fail | Verdict::Unknown) && f.severity >= block_on;
    if let Some(worst) = found.iter().find(open) {
        let rules: Vec<&str> = worst.rules.iter().map(|rule| &*rule.id).collect();
        let message = format!("the changes of {} break {}: {}", device.name, rules.join(", "), worst.message);
        let help = worst
            .help
            .clone()
            .unwrap_or_else(|| format!("describe it otherwise, or write a waiver: `fieldlock explain {}`", rules[0]));
        return Err(NoPlan::Refused { message, help });
    }
    let told = found.into_iter().map(|finding| PlanFinding {
        rules: finding.rules.iter().map(|rule| rule.id.to_string()).collect(),
        severity: finding.severity.word().to_owned(),
        waiver: finding.waiver.unwrap_or_default(),
        message: finding.message,
    });
    Ok(told.collect())
}

/// What is set on a device that nothing was read from: all that is described and not so from the factory.
pub(super) fn first(on: &Platform, device: &SiteDevice, secrets: &Secrets) -> Vec<ChangeRow> {
    let shipped = device.factory.as_deref().cloned();
    let facts = shipped.unwrap_or_else(|| Facts::empty(device.own.shape, Origin::NONE));
    let reading = Reading::of(facts);
    let page = |path: &str| on.page(path);
    let context = diff::Context { secrets, page: &page, absent: &|_| None, is_held: &|_, _| None };
    let changes = diff::first_changes(&device.own, &reading, &context);
    changes.into_iter().map(|change| ChangeRow { change, rules: Vec::new() }).collect()
}

/// How many entries a list of the device holds, where the table of its file says it.
pub(super) fn slots(on: &Platform, list: &str) -> Option<usize> {
    match &on.table(Form::Ini)?.table {
        Table::Ini(table) => table.slots(list),
        _ => None,
    }
}

fn told_step(step: &Step, rows: &[ChangeRow]) -> PlanStep {
    let check = |kind, way: Option<&plan::Way>, blind: Option<Part>| PlanCheck {
        blind: blind.into_iter().collect(),
        kind,
        way: way.into_iter().cloned().collect(),
    };
    PlanStep {
        changes: step.changes.iter().map(|at| told_change(&rows[*at])).collect(),
        check: match &step.check {
            None => check(CheckKind::None, None, None),
            Some(Check::Stays(way)) => check(CheckKind::Stays, Some(way), None),
            Some(Check::Before(way)) => check(CheckKind::Before, Some(way), None),
            Some(Check::After(way)) => check(CheckKind::After, Some(way), None),
            Some(Check::Blind(way, part)) => check(CheckKind::Blind, Some(way), Some(*part)),
            Some(Check::NotKnown) => check(CheckKind::NotKnown, None, None),
            Some(Check::LockedOut) => check(CheckKind::LockedOut, None, None),
        },
        class: step.class,
        temporary: step.temporary.iter().map(|set| [set.setting.clone(), set.value.clone()]).collect(),
    }
}

fn told_change(row: &ChangeRow) -> PlanChange {
    let change = &row.change;
    let (before, after) = sides(change);
    let flips = row.rules.iter().filter(|effect| effect.decides && effect.flips());
    PlanChange {
        after: after.unwrap_or_default(),
        before: before.unwrap_or_default(),
        grade: change.place.as_ref().map_or("", |place| place.grade.word()).to_owned(),
        menu: change.page.as_ref().map(|page| page.menu.clone()).unwrap_or_default(),
        path: change.path.clone(),
        reversible: change.reverse().is_some(),
        risky: change.page.as_ref().is_some_and(|page| page.risky),
        rules: flips
            .map(|effect| {
                let was = effect.before.map_or("not known", |verdict| verdict.words());
                format!("{} {was} -> {}", effect.rule, effect.after.words())
            })
            .collect(),
    }
}

/// The sentence that names what happens when nobody gets in any more.
fn consequence(device: &str, from: &[IpAddr], steps: &[Step]) -> String {
    let step = steps.iter().position(|step| step.check == Some(Check::LockedOut)).unwrap_or_default() + 1;
    let from: Vec<String> = from.iter().map(ToString::to_string).collect();
    let from = if from.is_empty() { String::new() } else { format!(" from {}", from.join(" or ")) };
    format!("{device} can't be reached{from} after step {step}")
}

pub(crate) fn refused(refusal: &Refusal, changes: &[Change], device: &str) -> NoPlan {
    let parts = |parts: &[Part]| parts.iter().map(|part| part.words()).collect::<Vec<_>>().join(", and ");
    let by_hand = "together in one step, over a second port or interface, or at the device with a cable";
    let (message, help) = match refusal {
        Refusal::NoWayAtEnd(missing) => (
            format!("what is described leaves nobody in on {}: there is not {}", device, parts(missing)),
            "describe a way in; where the laptop is elsewhere, or plugged into the device itself, say so with --from and --port".to_owned(),
        ),
        Refusal::NoOrder { cut: true, .. } => (
            format!("too many changes of {} decide who gets in: no order was found in the time there is", device),
            "make some of them first: describe half, apply it, then the rest".to_owned(),
        ),
        Refusal::NoOrder { changes: stuck, obstacle, .. } => {
            let name = |at: &usize| changes.get(*at).map(|change| format!("`{}`", change.path));
            let names: Vec<String> = stuck.iter().filter_map(name).collect();
            let what = if names.is_empty() { "its changes".to_owned() } else { names.join(" and ") };
            let why = match obstacle {
                Some(Obstacle::NoWay(missing)) => format!("afterwards there is not {}", parts(missing)),
                Some(Obstacle::Leap(new)) => {
                    format!("more than one part of every way in would be new and unproved: {}", parts(new))
                }
                Some(Obstacle::Weaker) => "something would be open on the way that is so at neither end".to_owned(),
                Some(Obstacle::NotTaken) => "the device does not take it in the state that it is in".to_owned(),
                None => "each order breaks the way in".to_owned(),
            };
            (format!("no order of the changes of {} is safe: {what} can't be made, {why}", device), by_hand.to_owned())
        }
    };
    NoPlan::Refused { message, help }
}

/// The digest of what was read, redacted.
fn read_digest(on: &Platform, state: &State) -> Digest {
    let texts = state.texts().iter().map(|text| on.redact(text.form, &text.reading.text));
    Digest::of(texts.collect::<String>().as_bytes())
}
