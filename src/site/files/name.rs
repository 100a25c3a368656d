//! Names that mean the same on every machine and lead nowhere else.

use super::FileProblem;
use crate::model::value::is_windows_device;

/// Whether a name is relative, with `/`, without `.` and `..`, and can stand on any file system.
pub fn check_name(name: &str) -> Result<(), FileProblem> {
    let given = || name.to_owned();
    if let Some(c) =
        name.chars().find(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    {
        return Err(FileProblem::ControlCharacter { name: name.escape_debug().to_string(), code: u32::from(c) });
    }
    if name.contains('\\') {
        return Err(FileProblem::Backslash { name: given() });
    }
    let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.starts_with('/') || drive {
        return Err(FileProblem::Absolute { name: given() });
    }
    for part in name.split('/') {
        match part {
            "" => return Err(FileProblem::EmptyPart { name: given() }),
            "." | ".." => return Err(FileProblem::Dots { name: given() }),
            _ => {}
        }
        let stem = part.split('.').next().unwrap_or(part).trim_end();
        if is_windows_device(stem)
            || part.ends_with(['.', ' '])
            || part.contains(['<', '>', ':', '"', '|', '?', '*'])
            || part.len() > 255
        {
            return Err(FileProblem::NotPortable { name: given(), part: part.to_owned() });
        }
    }
    Ok(())
}
