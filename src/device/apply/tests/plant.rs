//! The devices of the examples that answer, as they leave the factory, become what is described: every fault at every
//! step.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::device::Speech;
use crate::device::lab::shipped;
use crate::model::facts::{Value, leaves};
use crate::site::files::Root;
use crate::site::{LoadOptions, load};

/// The account that every device comes with.
const SHIPPED: &str = "admin";

/// All devices of an example that have a command line, each with passwords of its own.
fn plant(example: &str) -> Vec<Scene> {
    let root = Root::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(example)).unwrap();
    let site = load(&root, &LoadOptions::default()).site;
    let me = site.typed.station.iter().find_map(|station| station.address).unwrap().0;
    let answering = site.devices.into_iter().filter(|device| Speech::of(device.platform).is_some());
    answering.map(|device| scene(device, me)).collect()
}

fn scene(device: SiteDevice, me: IpAddr) -> Scene {
    let mut known: BTreeMap<SecretRef, SecretValue> = BTreeMap::new();
    let (mut canaries, mut others) = (Vec::new(), Vec::new());
    for leaf in leaves(&device.complete()) {
        let Value::Secret(name) = &leaf.fact.value else { continue };
        let value = format!("Canary-{}-weir-Sluice", canaries.len());
        let account = leaf.path.strip_prefix("accounts.account[").and_then(|rest| rest.strip_suffix("].password"));
        others.extend(account.map(|account| (account.to_owned(), value.clone())));
        known.insert(SecretRef::new(name).unwrap(), SecretValue::copy_of(value.as_bytes()));
        canaries.push(value);
    }
    let word = shipped(Speech::of(device.platform).unwrap(), SHIPPED).unwrap();
    let factory = device.factory.clone().unwrap();
    let at = factory.items("network.interface").and_then(|list| {
        let address = leaves(&factory).find(|leaf| leaf.path.ends_with("].address"))?.fact.value.plain();
        (!list.items.is_empty()).then(|| address.split('/').next()?.parse().ok())?
    });
    let begins = device.clone();
    Scene {
        name: device.name.to_string(),
        start: Box::new(move |faults| Device::of(&begins, None, faults).unwrap()),
        goal: device,
        secrets: Secrets::Loaded(known.into_iter().collect()),
        login: (SHIPPED.to_owned(), word.expose_text().unwrap().to_owned()),
        others,
        me,
        at: at.unwrap_or_else(|| AT.parse().unwrap()),
        canaries,
    }
}

/// Both examples with devices that answer, on both of the platforms. Each step meets a fault, the kinds in turn; with
/// `FIELDLOCK_EVERY_FAULT` set each step meets all of them, and each command one: half an hour in a release build.
#[test]
fn the_plants_of_the_examples_are_rehearsed_with_every_fault_at_every_step() {
    let every = std::env::var_os("FIELDLOCK_EVERY_FAULT").is_some();
    let (mut all, mut done, mut back) = (0, 0, 0);
    let scenes: Vec<Scene> =
        ["examples/01-pump-station", "examples/05-commissioning"].map(plant).into_iter().flatten().collect();
    let platforms: std::collections::BTreeSet<&str> = scenes.iter().map(|scene| scene.goal.platform.word()).collect();
    assert!(scenes.len() > 2 && platforms.len() == 2, "{platforms:?}");
    for scene in &scenes {
        let well = rehearse(scene, Vec::new(), true);
        assert!(well.ending.is_done() && well.ending.saved == Some(true), "{}: {:?}", scene.name, well.ending);
        let device = well.device.lock().unwrap();
        let (commands, applied) = (device.commands(), device.show(false));
        // the line that opens the configuration comes first
        let turn = |at: usize| Kind::ALL[at % Kind::ALL.len()];
        let faults: Vec<Fault> = if every {
            let at_steps = well.steps.iter().flat_map(|sent| Kind::ALL.map(|kind| Fault { kind, at: sent + 2 }));
            at_steps.chain((1..=commands).map(|at| Fault { kind: turn(at), at })).collect()
        } else {
            well.steps.iter().enumerate().map(|(n, sent)| Fault { kind: turn(n), at: sent + 2 }).collect()
        };
        println!("{}: {} steps, {commands} commands, {} faults", scene.name, well.steps.len(), faults.len());
        let ended: Vec<(bool, bool)> =
            faults.into_par_iter().map(|fault| true_to(scene, fault, fault.at % 2 == 0, &applied)).collect();
        all += ended.len();
        done += ended.iter().filter(|(done, _)| *done).count();
        back += ended.iter().filter(|(_, back)| *back).count();
    }
    println!("{all} rehearsals: {done} applied, {back} taken back");
    assert!(all > 40 && done * 2 > all, "{done} of {all} applied, {back} went back");
}
