//! Whether two pages say the same of each device that both builds looked at.

use std::collections::HashSet;

/// Where a block goes on behind what changed since the image before.
pub(super) const SENTENCE: &str = "**In one sentence:** ";
/// Begins the block of a device that changes.
pub(super) const CHANGE: &str = "CHANGE ";
/// Begins the list of the other devices.
pub(super) const SAME: &str = "Nothing changes";
/// The row that counts secrets against the image before.
pub(super) const SECRETS: &str = "Secrets";
/// The row that names the image before.
pub(super) const BACK: &str = "Back again";
/// Lines of a block before what changed since the image before: its head, the device, what it was compared with.
const FIRST: usize = 6;

/// Whether the page of a build before says of each device what this one would. What changed since the image before is
/// not compared: built again, nothing has. Nor are devices that this build was not asked for.
pub fn says_the_same(before: &str, now: &str) -> bool {
    let told: HashSet<String> = blocks(before).map(lasting).collect();
    let heads: HashSet<&str> = blocks(before).filter_map(|block| block.lines().next()).collect();
    let unchanged = sections(now).find_map(|section| section.strip_prefix(SAME)).unwrap_or_default();
    let mut names = unchanged.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty());
    blocks(now).all(|block| told.contains(&lasting(block)))
        && names.all(|name| !heads.contains(&*format!("{CHANGE}{name}")))
}

fn sections(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n## ").skip(1)
}

fn blocks(page: &str) -> impl Iterator<Item = &str> {
    sections(page).filter(|section| section.starts_with(CHANGE))
}

/// A block without what it says of the image before.
fn lasting(block: &str) -> String {
    let rows = [SECRETS, BACK].map(|row| format!("| {row} |"));
    let mut since = false;
    let lines = block.lines().enumerate().filter(|(number, line)| {
        since = *number >= FIRST && (since || *number == FIRST) && !line.starts_with(SENTENCE);
        !since && !rows.iter().any(|row| line.starts_with(row))
    });
    lines.flat_map(|(_, line)| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(blocks: &[&str], same: &str) -> String {
        let blocks: String = blocks.iter().map(|block| format!("\n## {block}")).collect();
        format!("# Review of site `weir`\n\nJudged at noon.\n{blocks}\n## {SAME}\n\n{same}\n\nThis page supports.\n")
    }

    fn block(name: &str, since: &str, told: &str, secrets: &str) -> String {
        format!(
            "{CHANGE}`{name}`\n\nmodel\n\nCompared with nothing.\n\n{since}{SENTENCE}{told}\n\n| 1 | setting |\n\n\
             | | |\n|---|---|\n| {SECRETS} | {secrets} |\n| Posture | all |\n\nDecision: \n"
        )
    }

    #[test]
    fn what_changed_since_the_image_before_is_no_difference() {
        let first =
            block("np07", "Against the image before: 1 line new.\n\n```diff\n+ a\n```\n\n", "3 differ.", "1 new");
        let again = block("np07", "The image of revision 2 stays.\n\n", "3 differ.", "1 unchanged");
        assert!(says_the_same(&page(&[&first], "`sw04`"), &page(&[&again], "`sw04`")));
        let without = block("np07", "", "3 differ.", "1 unchanged");
        assert!(says_the_same(&page(&[&first], "`sw04`"), &page(&[&without], "`sw04`")));
    }

    #[test]
    fn everything_else_is() {
        let one = block("np07", "", "3 differ.", "1 new");
        let before = page(&[&one], "`sw04`, `sw05`");
        let compared = one.replace("with nothing", "with `captures/np07.ini`");
        let settings = one.replace("| 1 | setting |", "| 1 | another |");
        for other in [block("np07", "", "4 differ.", "1 new"), compared, settings, block("np08", "", "3 differ.", "")] {
            assert!(!says_the_same(&before, &page(&[&other], "`sw04`")), "{other}");
        }
        assert!(says_the_same(&before, &page(&[&one], "`sw05`")), "of a build of some devices");
        assert!(says_the_same(&before, &page(&[], "`sw04`")));
        assert!(!says_the_same(&before, &page(&[], "`np07`, `sw04`")), "it changed, and does no longer");
        assert!(!says_the_same(&before, &page(&[], "`sw04`, `np07`")));
    }
}
