//! What goes wrong on purpose, and at which command.

use std::str::FromStr;

/// A fault, at a command of the device: the first line that anybody sends it is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: Kind,
    /// When.
    pub at: usize,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command is carried out, and the connection ends before anybody is told.
    Drop,
    /// The answer takes long.
    Slow,
    /// The prompt is another one from then on.
    Prompt,
    /// The command is refused.
    Refuse,
    /// From then on nothing can be saved.
    Full,
    /// The power goes: what was not saved is lost.
    Power,
    /// From then on another device answers.
    Other,
    /// From then on nothing that is typed is repeated.
    Mute,
    /// Nobody new gets in as long as the configuration is neither the one before the command nor the one that the
    /// device is started with.
    Shut,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 9] = [
        Kind::Drop,
        Kind::Slow,
        Kind::Prompt,
        Kind::Refuse,
        Kind::Full,
        Kind::Power,
        Kind::Other,
        Kind::Mute,
        Kind::Shut,
    ];

    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Drop => "drop",
            Kind::Slow => "slow",
            Kind::Prompt => "prompt",
            Kind::Refuse => "refuse",
            Kind::Full => "full",
            Kind::Power => "power",
            Kind::Other => "other",
            Kind::Mute => "mute",
            Kind::Shut => "shut",
        }
    }

    /// Whether it goes on after its command.
    pub(super) fn lasts(self) -> bool {
        matches!(self, Kind::Prompt | Kind::Full | Kind::Other | Kind::Mute)
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Fault, String> {
        let help = || {
            let all = Kind::ALL.map(Kind::word).join(", ");
            format!(
                "write `drop@3`, or `np07=drop@3` for one device: one of {all}, at the command of that number, from 1"
            )
        };
        let (word, number) = text.split_once('@').ok_or_else(help)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(help)?;
        let at = number.parse().ok().filter(|at| *at > 0).ok_or_else(help)?;
        Ok(Fault { kind, at })
    }
}
