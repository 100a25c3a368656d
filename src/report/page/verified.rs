//! What a folder proves, as a page: the rungs with what each proves and what it does not, then device by device.

use maud::{Markup, html};

use super::lists::wide;
use super::shell;
use crate::report::View;
use crate::report::escape::line;
use crate::report::verify::{DeviceRungs, Ending, Ladder, Rung, RungAnswer, answers, closing, packs, shown, told_of};

/// The page.
pub fn verified(ladder: &Ladder) -> String {
    let site = if ladder.site.is_empty() { "a build".to_owned() } else { format!("site {}", line(&ladder.site)) };
    let closing = closing(ladder, &View::default());
    let parts = [("rungs", "Rungs"), ("devices", "Devices")];
    let body = html! {
        header.cover {
            h1 { "What the folder of " (site) " proves" }
            @if !ladder.site.is_empty() { p.state { (line(&told_of(ladder))) } }
            @if let Some(packs) = packs(ladder) { p.state { "Rules of " (line(&packs)) } }
            @if ladder.demo { p.mark { b { "Demo." } " Everybody knows its passphrase, and it proves nothing." } }
            @if let Some((last, rest)) = closing.split_last() {
                p.mark[ladder.ending() != Ending::Holds] { b { (line(last)) } }
                ul { @for told in rest { li { (line(told)) } } }
            }
        }
        section #rungs aria-labelledby="h-rungs" { h2 #h-rungs { "Rungs" } (rungs(ladder)) }
        section #devices aria-labelledby="h-devices" {
            h2 #h-devices { "Devices" }
            @if ladder.devices.is_empty() { p.none { "Nothing of the list is here, or it does not hold itself." } }
            @else { (devices(ladder)) }
        }
    };
    shell::read(&format!("verify of {site}"), &parts, &body)
}

fn rungs(ladder: &Ladder) -> Markup {
    let one = ladder.devices.len() == 1;
    wide(
        "Rungs",
        &html! {
            thead { tr {
                th scope="col" { "no." } th scope="col" { "what" } th scope="col" { "holds" } th scope="col" { "by what, or why not" }
            } }
            tbody { @for rung in Rung::ALL { @for (at, (said, text)) in answers(ladder, rung).iter().enumerate() {
                @let (proves, not) = rung.meaning();
                tr data-row {
                    td { @if at == 0 { (rung.number()) } }
                    th scope="row" { (rung.sentence(one)) }
                    td { (answer(said, rung)) }
                    td { (line(text)) @if at == 0 { p.about { "proves " (proves) "; not " (not) } } }
                }
            } } }
        },
    )
}

/// An answer in a word, with its colour.
fn answer(said: &RungAnswer, rung: Rung) -> Markup {
    let class = match said {
        RungAnswer::Holds(_) => "held",
        RungAnswer::Failed(_) | RungAnswer::Differs(_) | RungAnswer::Unreadable(_) => "failed",
        RungAnswer::Open(_) => "unknown",
    };
    html! { span.tag.(class) { (shown(said, rung)) } }
}

fn devices(ladder: &Ladder) -> Markup {
    let of_device = || Rung::ALL.into_iter().filter(|rung| *rung != Rung::Signed);
    wide(
        "Devices",
        &html! {
            thead { tr {
                th scope="col" { "device" } th scope="col" { "revision" } th scope="col" { "image" }
                @for rung in of_device() { th scope="col" { (rung.number()) ". " (rung.sentence(true)) } }
                th scope="col" { "for now" }
            } }
            tbody { @for rungs in &ladder.devices {
                tr data-row data-device=(line(&rungs.device)) {
                    th scope="row" { (line(&rungs.device)) } td { (rungs.revision) } td { (line(&rungs.digest)) }
                    @for rung in of_device() {
                        @let said = ladder.said(rung, rungs);
                        td { (answer(said, rung)) @if !said.text().is_empty() { " " (line(said.text())) } }
                    }
                    td { (for_now(rungs)) }
                }
            } }
        },
    )
}

fn for_now(rungs: &DeviceRungs) -> Markup {
    html! {
        @match (&rungs.stale, &rungs.back) {
            (Some(why), _) => { b { "NO" } ": " (line(why)) }
            (None, Some(why)) => { b { "yes" } ": " (line(why)) }
            (None, None) => { b { "yes" } }
        }
    }
}
