//! Rehearsals: every fault at every command, on devices of the lab, in memory.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rayon::prelude::*;

use super::*;
use crate::device::cli::Patience;
use crate::device::lab::memory::Memory;
use crate::device::lab::{Device, Entry, Fault, Kind};
use crate::device::ssh::SshError;
use crate::dialect::Tables;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::shape::{self, Shape};
use crate::secret::SecretRef;
use crate::source::FileId;
use crate::syntax;

/// The laptop.
const ME: &str = "10.20.0.10";
/// Where the device is before anything is done.
const AT: &str = "10.20.1.1";
/// Passwords, none of which may stand anywhere.
const CANARIES: [&str; 4] = ["moxa-Canary1", "ot-Canary-22", "new-Canary-33", "key-Canary-44"];

fn described(kind: PlatformKind, text: &str) -> SiteDevice {
    let tree = syntax::parse(FileId(0), &format!("device \"d\" {{\nasset serial=\"TBZ1\"\n{text}\n}}")).tree.unwrap();
    let checked = shape::check(Shape::device(), FileId(0), &tree.nodes[0]);
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    let own: Facts = checked.facts;
    SiteDevice::alone("d", Tables::shipped(kind), own)
}

fn secrets() -> Secrets {
    let names = ["d/old", "d/ot", "d/new", "d/key"];
    let known = names
        .iter()
        .zip(CANARIES)
        .map(|(name, value)| (SecretRef::new(name).unwrap(), SecretValue::copy_of(value.as_bytes())));
    Secrets::Loaded(known.collect())
}

/// What is described before and after, and who logs in.
struct Case {
    name: &'static str,
    kind: PlatformKind,
    before: &'static str,
    after: &'static str,
    login: (&'static str, &'static str),
}

const ROS: PlatformKind = PlatformKind::MxRos;
const CASES: [Case; 5] = [
    Case {
        name: "settings of every form",
        kind: ROS,
        before: "identity { hostname \"old\" }\naccounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                 services { telnet on }\nswitching { vlan 10; vlan 20 }\ntime { ntp \"10.0.0.1\" }",
        after: "identity { hostname \"new\" }\naccounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                services { telnet off }\nswitching { vlan 10; vlan 30 }\ntime { ntp \"10.0.0.2\" }\n\
                ethernet { port \"1/2\" enabled=off; }\npassword-policy { min-length 10 }",
        login: ("ot", CANARIES[1]),
    },
    Case {
        name: "an account of its own in place of the one that came with it",
        kind: ROS,
        before: "accounts { account \"admin\" role=\"administrator\" password=(stored)\"d/old\" }\nservices { telnet on }",
        after: "accounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\nservices { telnet off }\n\
                login { lockout on after=3 for=\"15 min\" }",
        login: ("admin", CANARIES[0]),
    },
    Case {
        name: "one's own password",
        kind: ROS,
        before: "accounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\nidentity { hostname \"old\" }",
        after: "accounts { account \"ot\" role=\"administrator\" password=(stored)\"d/new\" }\nidentity { hostname \"new\" }\n\
                login { lockout on after=3 for=\"15 min\" }",
        login: ("ot", CANARIES[1]),
    },
    Case {
        name: "another address, and a list of hosts",
        kind: ROS,
        before: "accounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                 network { interface \"lan\" { address \"10.20.1.1/16\" } }\nservices { telnet on }\nallowlist on",
        after: "accounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                network { interface \"lan\" { address \"10.20.1.9/16\" } }\nservices { telnet off }\n\
                allowlist on { host \"10.20.0.10\" }",
        login: ("ot", CANARIES[1]),
    },
    Case {
        name: "a switch",
        kind: PlatformKind::MxNos,
        before: "identity { hostname \"old\" }\naccounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                 switching { vlan 10 }",
        after: "identity { hostname \"new\" }\naccounts { account \"ot\" role=\"administrator\" password=(stored)\"d/ot\" }\n\
                switching { vlan 10; vlan 20 }",
        login: ("ot", CANARIES[1]),
    },
];

/// Opens sessions in memory, where the laptop is let in.
struct LabDoor(Arc<Mutex<Device>>);

impl Door for LabDoor {
    type Wire = Memory;

    fn open(&mut self, login: &Login<'_>, to: Option<IpAddr>) -> Result<Cli<Memory>, LiveError> {
        let speech = {
            let mut device = self.0.lock().unwrap();
            let to = to.unwrap_or_else(|| AT.parse().unwrap());
            if !device.takes(ME.parse().unwrap()) || !device.answers_at(to) {
                let at = std::net::SocketAddr::new(to, 22);
                return Err(SshError::Unreachable { at, why: "nobody there".to_owned() }.into());
            }
            if device.enter(login.account, login.password.expose(), Duration::ZERO) == Entry::Refused {
                return Err(SshError::Refused(login.account.to_owned()).into());
            }
            device.speech()
        };
        Ok(Cli::start(Memory::new(&self.0), speech, Patience::default(), login)?)
    }

    fn wait(&mut self, tries: u32) -> bool {
        tries < 2
    }
}

/// Hears all of it.
struct Heard {
    back: bool,
    said: Vec<String>,
}

impl Told for Heard {
    fn tell(&mut self, note: Note<'_>) -> Result<(), String> {
        self.said.push(match note {
            Note::First(seen) => format!("first {}", seen.tells.serial.as_deref().unwrap_or_default()),
            Note::Starting(step) => format!("starting {} {}", step.id, step.shown().join("; ")),
            Note::Came(step, came) => format!("came {} {came:?}", step.id),
            Note::Again(why) => format!("again {why}"),
            Note::Undoing(trouble) => format!("undoing {trouble}"),
            Note::Saved => "saved".to_owned(),
        });
        Ok(())
    }

    fn goes_back(&mut self, _: &Trouble) -> bool {
        self.back
    }
}

struct Rehearsed {
    ending: Ending,
    said: Vec<String>,
    device: Arc<Mutex<Device>>,
    before: Vec<String>,
}

fn rehearse(case: &Case, faults: Vec<Fault>, back: bool) -> Rehearsed {
    let known = secrets();
    let device = Device::of(&described(case.kind, case.before), Some(&known), faults).unwrap();
    let before = device.show(false);
    let device = Arc::new(Mutex::new(device));
    let goal = described(case.kind, case.after);
    let task = Task {
        device: &goal,
        secrets: &known,
        engineer: Engineer { addresses: vec![ME.parse().unwrap()], port: None, over_ssh: true },
        approved: None,
        grade: Grade::Likely,
        login: Account { name: case.login.0.to_owned(), password: SecretValue::copy_of(case.login.1.as_bytes()) },
    };
    let mut heard = Heard { back, said: Vec::new() };
    let ending = apply(&task, None, &mut LabDoor(Arc::clone(&device)), &mut heard);
    Rehearsed { ending, said: heard.said, device, before }
}

/// Whether somebody still gets in: whoever did before, or whoever shall.
fn somebody_gets_in(case: &Case, device: &mut Device) -> bool {
    let mut who = vec![case.login];
    who.extend([("ot", CANARIES[1]), ("ot", CANARIES[2])]);
    let reached = device.takes(ME.parse().unwrap());
    reached && who.iter().any(|(name, word)| device.enter(name, word.as_bytes(), Duration::MAX) != Entry::Refused)
}

#[test]
fn without_a_fault_all_of_it_is_there_and_saved() {
    for case in &CASES {
        let Rehearsed { ending, said, device, before } = rehearse(case, Vec::new(), true);
        let told = format!("{}: {ending:?}\n{said:#?}\n{:#?}", case.name, device.lock().unwrap().show(false));
        assert!(ending.is_done() && ending.saved == Some(true) && ending.left.is_empty(), "{told}");
        assert!(ending.steps > 1 && before != device.lock().unwrap().show(false), "{told}");
        let again = device.lock().unwrap().commands();
        // what is there is not done again
        drop(said);
        assert!(again > 0);
    }
}

/// Every fault at every command: applied and verified, taken back and verified, or stopped with a true sentence; never
/// locked out, never half saved, never a secret in anything that is said.
#[test]
fn with_any_fault_at_any_command_the_end_is_true() {
    let (mut all, mut done, mut back) = (0, 0, 0);
    for case in &CASES {
        let well = rehearse(case, Vec::new(), true);
        let well = well.device.lock().unwrap();
        let (commands, applied) = (well.commands(), well.show(false));
        let faults: Vec<Fault> =
            Kind::ALL.into_iter().flat_map(|kind| (1..=commands).map(move |at| Fault { kind, at })).collect();
        let ended: Vec<(bool, bool)> = faults
            .into_par_iter()
            .flat_map_iter(|fault| {
                let (done, back) = true_to(case, fault, true, &applied);
                // where all went well nobody was asked whether it shall go back
                let other = (!done).then(|| true_to(case, fault, false, &applied));
                other.into_iter().chain([(done, back)])
            })
            .collect();
        all += ended.len();
        done += ended.iter().filter(|(done, _)| *done).count();
        back += ended.iter().filter(|(_, back)| *back).count();
    }
    assert!(done * 2 > all && back > 20, "{done} of {all} applied, {back} went back");
}

/// Whether it is done, and whether it went back.
fn true_to(case: &Case, fault: Fault, back: bool, applied: &[String]) -> (bool, bool) {
    let Rehearsed { ending, said, device, before } = rehearse(case, vec![fault], back);
    let mut device = device.lock().unwrap();
    let (running, startup) = (device.show(false), device.show(true));
    let sentence = ending.sentence("d");
    let told = format!("{} {fault:?} back {back}: {sentence}\n{ending:?}\n{said:#?}\n{running:#?}", case.name);
    for canary in CANARIES {
        assert!(!told.contains(canary), "{told}");
    }
    // where nobody knows what a secret was, the lines that hold one are not held against each other
    let bare = |lines: &[String]| -> Vec<String> {
        let kept = lines.iter().filter(|line| ending.secrets.is_empty() || !line.contains("password "));
        kept.cloned().collect()
    };
    match ending.state {
        State::AsDescribed => assert_eq!(running, applied, "{told}"),
        State::AsBefore => assert_eq!(bare(&running), bare(&before), "{told}"),
        State::Between => assert!(running != applied && running != before, "{told}"),
        State::Unknown => assert!(ending.steps > 0 && sentence.contains("not known"), "{told}"),
    }
    if let Some(saved) = ending.saved {
        assert_eq!(saved, startup == running, "{told}");
    }
    let whole = startup == before || startup == applied || bare(&startup) == bare(&before);
    assert!(whole, "half saved: {told}");
    assert!(somebody_gets_in(case, &mut device), "locked out: {told}");
    assert!(ending.trouble.is_some() || ending.is_done() && ending.saved == Some(true), "{told}");
    (ending.is_done(), ending.state == State::AsBefore && ending.steps > 0)
}
