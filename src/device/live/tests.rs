//! Devices to rehearse on are read over a wire of this process, with every fault at every command.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::device::cli::WireError;
use crate::device::lab::memory::Memory;
use crate::device::lab::{Device, Fault, Kind, Output};
use crate::dialect::Tables;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::shape::{self, Shape};
use crate::secret::{SecretRef, Secrets};
use crate::site::SiteDevice;
use crate::source::FileId;
use crate::syntax;

fn device(kind: PlatformKind, faults: Vec<Fault>) -> Arc<Mutex<Device>> {
    let text = "device \"d\" {\nasset serial=\"TBZ1\"\nidentity { hostname \"ps7\" }\n\
                accounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                services { telnet off }\nswitching { vlan 10; vlan 20 }\n}";
    let tree = syntax::parse(FileId(0), text).tree.unwrap();
    let own: Facts = shape::check(Shape::device(), FileId(0), &tree.nodes[0]).facts;
    let known = [(SecretRef::new("d/ot").unwrap(), SecretValue::copy_of(b"hunter22"))];
    let device = SiteDevice::alone("d", Tables::shipped(kind), own);
    Arc::new(Mutex::new(Device::of(&device, Some(&Secrets::Loaded(known.into())), faults).unwrap()))
}

fn recorded(device: &Arc<Mutex<Device>>) -> Result<String, LiveError> {
    let speech = device.lock().unwrap().speech();
    let password = SecretValue::copy_of(b"hunter22");
    let login = Login { account: "ot", password: &password };
    let mut cli = Cli::start(Memory::new(device), speech, Patience::default(), &login)?;
    record(&mut cli)
}

#[test]
fn what_is_read_is_what_runs() {
    for kind in [PlatformKind::MxRos, PlatformKind::MxNos] {
        let device = device(kind, Vec::new());
        let text = recorded(&device).unwrap();
        let shown = device.lock().unwrap().show(false).join("\n");
        assert!(text.contains(&shown) && shown.contains("vlan create 20"), "{text}\n{shown}");
        assert!(!text.contains("hunter22") && text.contains("TBZ1"), "{text}");
        let read = crate::platform::of(kind).read(crate::native::Form::Cli, FileId(0), &text).unwrap();
        let said: crate::model::device::Device = read.facts.decode().unwrap();
        assert!(read.whole, "nothing is missing at its ends");
        assert_eq!(said.accounts.unwrap().account[0].name.as_deref(), Some("ot"));
    }
}

/// Every fault at every command that is sent: what is read is whole, or there is an error; the device is as it was, and
/// no text holds a secret.
#[test]
fn with_any_fault_a_text_is_whole_or_there_is_none() {
    for kind in [PlatformKind::MxRos, PlatformKind::MxNos] {
        let whole = recorded(&device(kind, Vec::new())).unwrap();
        for fault in Kind::ALL {
            for at in 1..=6 {
                let device = device(kind, vec![Fault { kind: fault, at }]);
                let before = device.lock().unwrap().show(false);
                match recorded(&device) {
                    // what tells a device from another, and commands that it may refuse, are no part of what runs
                    Ok(text) => {
                        let config = |text: &str| text.split("show running-config").nth(1).unwrap().lines().count();
                        assert_eq!(config(&text), config(&whole), "{fault:?}@{at}\n{text}");
                    }
                    Err(error) => {
                        let told = format!("{error} {}", error.help());
                        assert!(!told.contains("hunter22") && at <= 4, "{fault:?}@{at} {told}");
                    }
                }
                assert_eq!(device.lock().unwrap().show(false), before, "reading changes nothing");
            }
        }
    }
}

/// A device may ask for the account once more, and repeat what was typed: a password is in no text all the same.
#[test]
fn a_password_that_a_device_repeats_is_shown_to_nobody() {
    for kind in [PlatformKind::MxRos, PlatformKind::MxNos] {
        for (typed, let_in) in [("hunter22", true), ("hunter23", false)] {
            let device = device(kind, Vec::new());
            let speech = device.lock().unwrap().speech();
            let password = SecretValue::copy_of(typed.as_bytes());
            let login = Login { account: "ot", password: &password };
            let cli = Cli::start(Memory::at_the_door(&device), speech, Patience::default(), &login);
            match cli.map_err(LiveError::from).and_then(|mut cli| record(&mut cli)) {
                Ok(text) => assert!(let_in && text.contains("TBZ1") && !text.contains(typed), "{text}"),
                Err(why) => {
                    assert!(!let_in && matches!(why, LiveError::Cli(CliError::Refused(_))), "{why}");
                }
            }
        }
    }
}

/// Lines, one line, or what shows nothing.
#[test]
fn a_device_that_sends_without_end_is_told() {
    struct Flood(&'static str);
    impl Wire for Flood {
        fn send(&mut self, _: &[u8]) -> Result<(), WireError> {
            Ok(())
        }

        fn receive(&mut self, _: Duration) -> Result<Option<Vec<u8>>, WireError> {
            Ok(Some(self.0.repeat(1 << 20).into_bytes()))
        }
    }
    let speech = crate::device::Speech::of(PlatformKind::MxRos).unwrap();
    let password = SecretValue::copy_of(b"hunter22");
    let login = Login { account: "ot", password: &password };
    for flood in ["x\r\n", "x", "\r", "\0"] {
        let began = Cli::start(Flood(flood), speech, Patience::default(), &login);
        assert_eq!(began.err(), Some(CliError::Endless("(login)".to_owned())), "{flood:?}");
    }
}

/// What a slow device says to an earlier empty line comes when the next command was sent.
#[test]
fn a_prompt_that_is_late_is_no_answer() {
    struct Late(Memory, Vec<Output>);
    impl Wire for Late {
        fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
            // one empty line more than anybody typed
            let more = if bytes.starts_with(b"show version") {
                self.0.terminal.input(b"\n", Duration::ZERO)
            } else {
                Vec::new()
            };
            self.0.out.extend(more);
            let at = self.0.out.len();
            self.0.send(bytes)?;
            self.1 = self.0.out.split_off(at);
            Ok(())
        }

        fn receive(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, WireError> {
            let came = self.0.receive(wait)?;
            if self.0.out.is_empty() {
                self.0.out.append(&mut self.1);
            }
            Ok(came)
        }
    }
    let device = device(PlatformKind::MxRos, Vec::new());
    let speech = device.lock().unwrap().speech();
    let password = SecretValue::copy_of(b"hunter22");
    let login = Login { account: "ot", password: &password };
    let mut cli = Cli::start(Late(Memory::new(&device), Vec::new()), speech, Patience::default(), &login).unwrap();
    assert_eq!(record(&mut cli).unwrap(), recorded(&device).unwrap());
}
