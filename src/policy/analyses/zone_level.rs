//! Whether the zone says its target level, and the packs in force are made for it.

use crate::finding::Note;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pack::shipped_heads;
use crate::policy::pattern::Cause;
use crate::source::Loc;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "zone-level-served",
    doc: "The zone that the device stands in says its target level (`sl-t=`), and a shipped pack that the site names is \
          made for that level or a higher one and speaks of the platform. Does not concern a device that stands in no \
          zone of the site.",
    params: &[],
    reads: &[],
    looks_at: &["zone"],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let site = input.site;
    let named =
        |zone: &&crate::model::site::Zone| zone.name.as_ref().map(|n| n.as_str()) == input.device.zone.as_deref();
    let Some(zone) = site.site.zone.iter().find(named) else { return Answer::NotApplicable };
    let name = zone.name.as_ref().map_or("", |n| n.as_str());
    let said = input.fact("zone").map(|fact| fact.origin);
    let at = site.facts.group(&format!("zone[{name}]")).map_or(Loc::NONE, |zone| zone.origin.loc());
    let told = |sentence: String, related: Note, help: String| {
        let cause = input.cause("zone", said, sentence);
        Answer::Fail(vec![Cause { related: vec![related], help: Some(help), ..cause }])
    };
    let Some(target) = zone.sl_t else {
        let help = format!("write `zone \"{name}\" sl-t=2` in `site.kdl`: the level that was found for it, 1 to 4");
        return told(
            format!("`{name}` has no target level"),
            Note { loc: at, text: "no `sl-t` here".to_owned() },
            help,
        );
    };
    let of_platform = |pack: &&crate::policy::Pack| pack.platforms.contains(&input.device.platform);
    let packs: Vec<_> = shipped_heads().iter().filter(of_platform).collect();
    let in_force =
        site.site.packs.iter().flatten().filter_map(|name| packs.iter().find(|pack| *pack.name == *name.as_str()));
    let level = in_force.filter_map(|pack| pack.level).max().unwrap_or(0);
    if u32::from(level) >= target {
        return Answer::Pass;
    }
    let able = packs.iter().find(|pack| pack.level.is_some_and(|level| u32::from(level) >= target));
    let help = able.map_or("ask for less, or add rules of your own".to_owned(), |pack| {
        format!("add \"{}\" to `packs` in `site.kdl`", pack.name)
    });
    let sentence =
        format!("`{name}` is to reach SL {target}, and the packs of the site are made for SL {level} at most");
    let packs = site.facts.value("packs").map_or(at, |fact| fact.origin.loc());
    told(sentence, Note { loc: packs, text: "the packs of the site".to_owned() }, help)
}
