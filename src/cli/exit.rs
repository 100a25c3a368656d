//! Exit codes. They follow from what was found, never from the format it is shown in.

use std::process::{ExitCode, Termination};

use fieldlock::report::Outcome;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done; nothing fails.
    Done,
    /// 1: findings fail.
    Findings,
    /// 2: usage, input that can't be read or is not valid, or a fault of our own.
    Invalid,
    /// 3: only where asked to compare: there is a difference.
    Differs,
    /// 4: only where asked to compare: nothing was read from a device that is to be compared.
    NotCompared,
    /// 4: the device does not answer; nothing was changed.
    Unreached,
    /// 5: refused before anything was done: not authentic, wrong key, damaged.
    Refused,
    /// 6: begun and not finished; the device is between two states.
    Unfinished,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Invalid => 2,
            Exit::Differs => 3,
            Exit::NotCompared | Exit::Unreached => 4,
            Exit::Refused => 5,
            Exit::Unfinished => 6,
        }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Exit {
        match outcome {
            Outcome::Clean => Exit::Done,
            Outcome::Differs => Exit::Differs,
            Outcome::NotCompared => Exit::NotCompared,
            Outcome::Fails => Exit::Findings,
            Outcome::Refused => Exit::Refused,
            Outcome::Invalid => Exit::Invalid,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}
