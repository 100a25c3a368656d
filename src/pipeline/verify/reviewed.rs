//! Rung 3: the redacted text beside the image is the one that it was sealed with, each of its files by itself.

use super::files::DeviceFiles;
use super::line_ends;
use crate::image::redact::blank_fingerprints;
use crate::image::{Core, Digest};
use crate::ledger::{Index, IndexImage};
use crate::native::Form;
use crate::pipeline::folder::redacted;
use crate::report::verify::RungAnswer;

/// Compares the files with what the image and the index say of them.
pub(super) fn look(files: &DeviceFiles, core: &Core, entry: &IndexImage, index: &Index) -> RungAnswer {
    let names: Vec<String> = files.redacted.iter().map(|(form, _)| redacted(&entry.device, *form)).collect();
    if names.is_empty() {
        return RungAnswer::Failed(format!("no redacted text of `{}` is here", entry.device));
    }
    if files.text(Form::Ini).is_some() && files.text(Form::Cli).is_some() {
        return RungAnswer::Failed(format!("there are two machine forms: {}", names.join(", ")));
    }
    let texts: Vec<&[u8]> = files.redacted.iter().map(|(_, bytes)| &bytes[..]).collect();
    if Digest::of_pieces(texts.iter().copied()) != core.review {
        if line_ends::are_all(&texts, &core.review) {
            return RungAnswer::Failed(format!("{} {}", names.join(" and "), line_ends::CHANGED));
        }
        return RungAnswer::Failed(format!("{} is not the text that was sealed", names.join(" and ")));
    }
    if let Some(why) = boundary(files) {
        return RungAnswer::Failed(why.to_owned());
    }
    let blanked: Vec<Vec<u8>> = files.redacted.iter().map(|(_, bytes)| blank_fingerprints(bytes)).collect();
    if Digest::of_pieces(blanked.iter().map(Vec::as_slice)) != entry.structure {
        return RungAnswer::Failed(format!("{} has not the structure that the index names", names.join(" and ")));
    }
    let files = names.iter().filter_map(|n| n.rsplit('/').next()).collect::<Vec<_>>().join(" and ");
    let commit = index.commit.get(..7).unwrap_or(&index.commit);
    RungAnswer::Holds(if commit.is_empty() { files } else { format!("{files}, commit {commit}") })
}

/// One digest covers machine form and sheet, and does not say where the first ends. Their lines do: those of a sheet
/// have two tabs, those of a machine form have not. `None` where every line stands in its own file.
fn boundary(files: &DeviceFiles) -> Option<&'static str> {
    let tabs = |line: &[u8]| line.iter().filter(|b| **b == b'\t').count();
    let lines = |text: &[u8]| text.split(|b| *b == b'\n').map(tabs).collect::<Vec<_>>();
    if let Some(machine) = files.text(Form::Ini).or_else(|| files.text(Form::Cli)) {
        let followed = files.text(Form::Sheet).is_some();
        if lines(machine).contains(&2) || (followed && !machine.ends_with(b"\n")) {
            return Some("a line of the sheet stands in the machine form");
        }
    }
    let sheet = files.text(Form::Sheet)?;
    let rows = lines(sheet.strip_suffix(b"\n").unwrap_or(sheet));
    rows.iter().any(|n| *n != 2).then_some("a line of the machine form stands in the sheet")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(machine: &str, sheet: &str) -> DeviceFiles {
        let texts = [(Form::Cli, machine), (Form::Sheet, sheet)];
        DeviceFiles {
            redacted: texts.map(|(form, text)| (form, text.as_bytes().to_vec())).to_vec(),
            ..DeviceFiles::default()
        }
    }

    /// Equal joint digest, another boundary.
    #[test]
    fn a_line_can_not_move_from_one_file_to_the_other() {
        let (machine, sheet) = ("hostname a\nip telnet\n", "Menu\tField\tEnable\nMenu\tOther\t<secret a/b>\n");
        assert_eq!(boundary(&files(machine, sheet)), None);
        let joined = format!("{machine}{sheet}");
        for cut in 0..=joined.len() {
            let (left, right) = joined.split_at(cut);
            assert_eq!(boundary(&files(left, right)).is_none(), left == machine, "{left:?} {right:?}");
        }
        assert_eq!(boundary(&DeviceFiles::default()), None);
    }
}
