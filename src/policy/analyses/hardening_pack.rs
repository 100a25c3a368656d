//! Whether rules that harden the device's platform judge it at all.

use crate::finding::Note;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pack::hardening;
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "hardening-pack",
    doc: "The site's `packs` line names a shipped pack that hardens the device's platform.",
    params: &[],
    reads: &[],
    looks_at: &["platform"],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let platform = input.device.platform;
    let named: Vec<&str> = input.site.site.packs.iter().flatten().map(|name| name.as_str()).collect();
    let able: Vec<&str> = hardening(platform).map(|pack| &*pack.name).collect();
    if able.iter().any(|pack| named.contains(pack)) {
        return Answer::Pass;
    }
    let sentence = match named.is_empty() {
        true => "the site names no pack, so no rule hardens the device".to_owned(),
        false => format!("no pack that the site names hardens `{}`", platform.word()),
    };
    let help = able.first().map(|pack| format!("add \"{pack}\" to `packs` in `site.kdl`"));
    let packs = input.site.facts.value("packs").map_or(input.site.facts.root.origin, |fact| fact.origin);
    let related = vec![Note { loc: packs.loc(), text: "the packs of the site".to_owned() }];
    let said = input.fact("platform").map(|fact| fact.origin);
    Answer::Fail(vec![Cause { help, related, ..input.cause("platform", said, sentence) }])
}
