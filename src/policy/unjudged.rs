//! Native lines that no rule can judge (invariant 17): what they may change is not known, whatever is written beside
//! them.

use super::Judged;
use super::bind::Bound;
use super::evaluate::Decided;
use super::pattern::Cause;
use super::reads::{concerns, concerns_bare};
use super::rule::Moment;
use crate::finding::Verdict;
use crate::model::facts::{Leaf, uncalled};
use crate::native::{Touches, Unjudged};
use crate::site::SiteDevice;
use crate::source::Origin;

/// The family of findings that such a line makes: one finding for all rules that it may concern.
pub(super) const FAMILY: &str = "unjudged";

/// What to do about it.
const HELP: &str = "say it as settings, or take the line away (on the device too, and capture it again): what \
                               such a line does beside what is written, no rule sees";

/// The lines of a device that may change one of the settings.
pub(super) fn touching<'d>(device: &'d SiteDevice, paths: &[String]) -> Vec<&'d Unjudged> {
    let concerns = |line: &&Unjudged| match &line.touches {
        Touches::Anything => !paths.is_empty(),
        Touches::These(touched) => touched.iter().any(|path| concerns_bare(paths, path)),
    };
    device.unjudged.iter().filter(concerns).collect()
}

/// Entries of lists that a device has and that can't be called: of what they are, rules see nothing.
pub(super) fn entries<'d>(judged: Judged<'d>) -> Vec<Leaf<'d>> {
    if judged.device.read.is_some() { uncalled(judged.complete) } else { Vec::new() }
}

/// A rule that would hold, or would not apply, is unknown where a line may change what it reads, or where an entry of
/// what it reads can't be called. What is broken stays so.
pub(super) fn unsettle(
    bound: &Bound<'_>,
    (device, entries): (&SiteDevice, &[Leaf<'_>]),
    until: Moment,
    decided: Decided,
) -> Decided {
    let nothing = device.unjudged.is_empty() && entries.is_empty();
    let (paths, read) = match decided.verdict {
        _ if nothing || !bound.rule.platforms.contains(&device.platform) => return decided,
        Verdict::Pass => (&bound.reads, true),
        // it waits for the secrets alone, and they would not make it known
        Verdict::Deferred if bound.rule.moment <= until => (&bound.reads, true),
        // an analysis may have found none because it can't be called
        Verdict::NotApplicable => (&bound.guards, !bound.rule.analyse.is_empty()),
        _ => return decided,
    };
    let lines = touching(device, paths);
    if !lines.is_empty() {
        let reason = Some("a native line that no rule can judge may change what it reads".to_owned());
        let causes = lines.into_iter().map(cause).collect();
        return Decided { unjudged: true, ..Decided::of(Verdict::Unknown, reason, causes) };
    }
    let concerned = |entry: &&Leaf<'_>| read && concerns(paths, &entry.path);
    let causes: Vec<Cause> = entries.iter().filter(concerned).map(entry).collect();
    if causes.is_empty() {
        return decided;
    }
    let reason = Some("an entry of what it reads can't be called: nobody sees what it is".to_owned());
    Decided::of(Verdict::Unknown, reason, causes)
}

fn entry(entry: &Leaf<'_>) -> Cause {
    let why = entry.fact.value.doubt().map(ToString::to_string).unwrap_or_default();
    let sentence = format!("the device has an entry `{}` that can't be called: {why}", entry.path);
    Cause {
        expected: "an entry that rules can judge".to_owned(),
        help: Some("look at the device, and correct the capture or read it again, or write the list".to_owned()),
        ..Cause::told(entry.fact.origin, &*entry.path, sentence)
    }
}

fn cause(line: &Unjudged) -> Cause {
    let path = match &line.touches {
        Touches::These(touched) => touched.first().map_or("vendor-settings", |path| path),
        Touches::Anything => "vendor-settings",
    };
    let whose = if line.read { "unjudged: the device has" } else { "unjudged:" };
    let sentence = format!("{whose} `{}`, which may change what these rules read", line.shown);
    Cause {
        expected: "a setting that rules can judge".to_owned(),
        help: Some(HELP.to_owned()),
        ..Cause::told(Origin::new(line.loc), path, sentence)
    }
}
