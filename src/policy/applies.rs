//! Whether a rule concerns a device, and why it does not, or why nobody can tell.

use super::analysis::{Input, Need, header};
use super::bind::Bound;
use super::evaluate::Decided;
use super::pattern::{Cause, Pattern, Truth, Walk};
use super::rule::{Moment, Rule};
use super::{Context, Judged};
use crate::finding::{Verdict, Waits};
use crate::model::facts::without_keys;
use crate::model::shape::Kind;
use crate::model::value::is_blank;
use crate::model::{Facts, Value};
use crate::platform;

/// What a rule's platforms and its `when` say of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// The rule is asked.
    Holds,
    /// A value that decides it is not known.
    Open,
    /// Nobody says whether the device has what the rule speaks of.
    Unsaid,
    /// The rule does not concern the device.
    Fails,
}

impl Guard {
    pub(super) fn of(bound: &Bound<'_>, judged: Judged<'_>) -> Guard {
        if !bound.rule.platforms.contains(&judged.device.platform) {
            return Guard::Fails;
        }
        let root = Some(&judged.complete.root);
        match bound.when.as_deref().map_or(Truth::True, |when| when.judge(root)) {
            Truth::True => Guard::Holds,
            Truth::Unknown => Guard::Open,
            Truth::False => match bound.opened.as_ref().map(|opened| opened.judge(root)) {
                Some(Truth::Unknown) if !told(bound, judged).is_empty() => Guard::Unsaid,
                _ => Guard::Fails,
            },
        }
    }

    /// The verdict on a rule of which it is not known whether it applies. `causes` are those of what it asks.
    pub(super) fn open(self, bound: &Bound<'_>, judged: Judged<'_>, causes: Vec<Cause>) -> Decided {
        let of_guard = match self {
            Guard::Unsaid => told(bound, judged),
            _ => bound.when.as_deref().map_or_else(Vec::new, |when| of_guard(when, judged)),
        };
        let is_of_guard = !of_guard.is_empty();
        let causes = if is_of_guard { of_guard } else { causes };
        let decided = Decided::of(Verdict::Unknown, not_known(judged, &causes), causes);
        Decided { of_guard: is_of_guard, unsaid: self == Guard::Unsaid, ..decided }
    }
}

fn of_guard(when: &Pattern, judged: Judged<'_>) -> Vec<Cause> {
    let facts = judged.complete;
    Walk::of_guard(facts.shape, when, &facts.root, header(judged.device))
}

/// What nobody says, though the device has a place for it.
fn told(bound: &Bound<'_>, judged: Judged<'_>) -> Vec<Cause> {
    let on = platform::at(judged.device);
    let mut causes = bound.opened.as_ref().map_or_else(Vec::new, |opened| of_guard(opened, judged));
    causes.retain(|cause| on.has_place(&without_keys(&cause.path)));
    causes
}

/// Whether what a rule asks has guards of its own over what nobody says.
pub(super) fn asks_unsaid(bound: &Bound<'_>, judged: Judged<'_>) -> bool {
    let opened = bound.require.as_ref().and_then(|require| require.opened());
    opened.is_some_and(|opened| opened.judge(Some(&judged.complete.root)) == Truth::Unknown)
}

/// Why a rule does not concern a device, in a few words.
pub fn why_not(rule: &Rule, judged: Judged<'_>) -> String {
    let platform = judged.device.platform;
    if !rule.platforms.contains(&platform) {
        return format!("not asked of {}", platform.word());
    }
    let root = Some(&judged.complete.root);
    if let Some(when) = rule.when.as_ref().filter(|when| when.judge(root) == Truth::False) {
        // what is known to be otherwise says more than what nobody says
        let opened = when.opened().filter(|opened| opened.judge(root) == Truth::False);
        let causes = of_guard(opened.as_ref().unwrap_or(when), judged);
        let is_list = |cause: &&Cause| judged.complete.items(&cause.path).is_some();
        if let Some(list) = causes.first().filter(is_list) {
            return format!("no entry of `{}` is what it asks about", list.path);
        }
        return match causes.first() {
            Some(Cause { path, said: Some(said), expected, .. }) => {
                format!("asked where `{path}` is {expected}, and it is `{said}`")
            }
            Some(Cause { path, .. }) if !platform::at(judged.device).has_place(&without_keys(path)) => {
                format!("{} has no place for `{path}`", platform.word())
            }
            Some(Cause { path, .. }) => format!("nobody says `{path}`"),
            None => "asked of other devices".to_owned(),
        };
    }
    let mut docs = rule.analyse.iter().filter_map(|analyse| analyse.analysis.does_not_concern());
    match docs.next() {
        Some(whom) => format!("does not concern {whom}"),
        None => "nothing that is described is what it asks about".to_owned(),
    }
}

/// What a rule waits for until its moment; a description is there at once.
pub(super) fn until(moment: Moment) -> Option<Waits> {
    match moment {
        Moment::Describe => None,
        Moment::Build => Some(Waits::Build),
        Moment::Connect => Some(Waits::Device),
        Moment::Operate => Some(Waits::Operation),
        Moment::Retire => Some(Waits::Retirement),
    }
}

/// What becomes of a rule before anything that it asks is looked at; `guard` is whether it concerns
/// the device.
pub(super) fn before_it_is_looked_at(bound: &Bound<'_>, guard: Guard, context: &Context<'_>) -> Option<Decided> {
    let rule = bound.rule;
    if guard == Guard::Fails {
        return Some(Decided::plain(Verdict::NotApplicable));
    }
    if bound.analyse.iter().any(|a| a.analysis.needs.contains(&Need::Secrets)) && !context.secrets.is_loaded() {
        return Some(Decided::deferred(Some(Waits::Secrets)));
    }
    if rule.moment > context.until {
        return Some(Decided::deferred(until(rule.moment)));
    }
    // a rule of a later moment has no condition that a description could meet
    let asks_nothing = rule.require.is_none() && bound.analyse.is_empty();
    asks_nothing.then(|| Decided::deferred(until(rule.moment)))
}

/// A rule that can't be told does not concern a device that has no place for anything that the rule asks, and of which
/// nobody says anything of the kind.
pub(super) fn homeless(bound: &Bound<'_>, judged: Judged<'_>, decided: Decided) -> Decided {
    if decided.verdict != Verdict::Unknown {
        return decided;
    }
    let platform = judged.device.platform;
    let said = || bound.rule.asked().iter().any(|path| is_said(&judged.device.own, path));
    let Some(path) = bound.nowhere(judged.device.tables).filter(|_| !said()) else { return decided };
    let reason = format!("{} has no place for `{path}`", platform.word());
    Decided::of(Verdict::NotApplicable, Some(reason), Vec::new())
}

/// Whether somebody says a setting, or an entry of the list that it stands in.
fn is_said(own: &Facts, path: &str) -> bool {
    let shape = own.shape;
    let list = |to: &&str| {
        let fields = shape.fields(to);
        fields.and_then(|fields| shape.field_at(&fields)).is_some_and(|field| matches!(field.kind, Kind::Groups(_)))
    };
    let dots = path.match_indices('.').map(|(at, _)| &path[..at]);
    own.says(dots.into_iter().find(list).unwrap_or(path))
}

/// Why nobody can tell whether a rule holds that applies, and how it becomes known; none where the causes say it
/// themselves, of values that are there.
pub(super) fn not_known(judged: Judged<'_>, causes: &[Cause]) -> Option<String> {
    let told = |cause: &Cause| cause.sentence.is_some() && !cause.foreign && judged.complete.says(&cause.path);
    if !causes.is_empty() && causes.iter().all(told) {
        return None;
    }
    let foreign = causes.iter().filter(|c| c.foreign);
    let doubt = foreign.filter_map(|c| judged.complete.value(&c.path)?.value.doubt()).next();
    Some(match (doubt, &judged.device.read) {
        (Some(why), _) => format!("what the device has is not believed: {why}; write what it shall have"),
        (None, Some(read)) if read.is_cut() => {
            "not written, and what was read shows neither it nor its own end: capture the device again, whole"
                .to_owned()
        }
        (None, Some(_)) => {
            "not written, and what was read does not show it: write it, or look it up on the device".to_owned()
        }
        (None, None) => "not written, and no factory value is known: write it, or capture the device".to_owned(),
    })
}

/// The first path that an analysis reads and that says nothing.
pub(super) fn missing(input: &Input<'_>, reads: &[&str]) -> Option<Cause> {
    let path = reads.iter().find(|path| {
        let says = |v: &Value| v.is_known() && !matches!(v, Value::Text(t) if is_blank(t));
        let value = input.fact(path).is_some_and(|f| says(&f.value));
        !value && input.items(path).is_none()
    })?;
    let mut cause = input.unsaid(path);
    if let Some(fact) = input.fact(path) {
        cause.reported = fact.value == Value::Bad;
        cause.foreign = matches!(fact.value, Value::Foreign(_));
    }
    Some(cause)
}
