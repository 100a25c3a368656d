//! Sessions with a device to rehearse on that go over no network and take no time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Device, Output, Terminal};
use crate::device::cli::{Wire, WireError};

/// A session in memory: waiting costs nothing, and bytes of `echo` are repeated whatever is asked for.
pub(in crate::device) struct Memory {
    pub(in crate::device) terminal: Terminal,
    pub(in crate::device) out: Vec<Output>,
    over: bool,
    loud: bool,
}

impl Memory {
    pub(in crate::device) fn new(device: &Arc<Mutex<Device>>) -> Memory {
        let mut terminal = Terminal::new(Arc::clone(device), true);
        let out = terminal.begin(Some(true));
        Memory { terminal, out, over: false, loud: false }
    }

    /// One that asks who is there, and repeats even a password.
    pub(in crate::device) fn at_the_door(device: &Arc<Mutex<Device>>) -> Memory {
        let mut terminal = Terminal::new(Arc::clone(device), false);
        let out = terminal.begin(None);
        Memory { terminal, out, over: false, loud: true }
    }
}

impl Wire for Memory {
    fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        if self.over {
            return Err(WireError::Ended);
        }
        self.out.extend(self.loud.then(|| Output::Bytes(bytes.to_vec())));
        self.out.extend(self.terminal.input(bytes, Duration::ZERO));
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, WireError> {
        if self.out.is_empty() {
            return if self.over { Err(WireError::Ended) } else { Ok(None) };
        }
        match self.out.remove(0) {
            Output::Bytes(bytes) => Ok(Some(bytes)),
            Output::Pause(time) => {
                if let Some(left) = time.checked_sub(wait).filter(|left| !left.is_zero()) {
                    self.out.insert(0, Output::Pause(left));
                }
                Ok(None)
            }
            Output::End => {
                self.over = true;
                Err(WireError::Ended)
            }
        }
    }
}
