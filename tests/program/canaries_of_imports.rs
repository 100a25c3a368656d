//! A canary in every place of a secret that any table knows, in each form that a device's state comes in, taken in and
//! carried through the verbs: it stands in what was handed in and in nothing that was written or told.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use fieldlock::dialect::ini::container;
use fieldlock::model::device::PlatformKind;
use fieldlock::native::Form;

use super::taking_over::{Plant, waive};
use crate::common;
use crate::common::exports::{CANARY as OF_EXPORTS, export};
use crate::common::places::{CANARY, places};

const SITE: &str = r#"site "plant" {
    packs "nport-6000-g2" "iec-62443-4-2-mx"
    zone "control" sl-t=2 { subnet "10.40.0.0/16" }
    station "eng-01" address="10.40.0.10" zone="control"
    log-server "10.40.0.9"
    person "ot-lead" role="owner of the OT network"
    person "ciso" role="answers for risks"
}
"#;

/// A recorded session, or a sheet, in which each place of a secret of the platform's table holds one.
fn handed_in(kind: PlatformKind, form: Form, places: &[String]) -> Option<(String, String)> {
    let name = format!("{}-{}", kind.word(), form.ending());
    let text = match (form, kind) {
        (Form::Cli, _) => {
            let (series, version) = match kind {
                PlatformKind::MxNos => ("EDS-4008", "V4.1 build 26040210"),
                _ => ("EDR-G9010-VPN-2MGSFP", "V3.24 build 26040210"),
            };
            let told = format!("r# show version\nModel Name : {series}\nFirmware Version : {version}\n");
            let lines: String = places.iter().map(|line| format!("{line}\n")).collect();
            format!("{told}r# show running-config\nhostname {name}\n{lines}r# exit\n")
        }
        (Form::Sheet, _) => {
            let model = match kind {
                PlatformKind::Nport6000G2 => "NPort 6250-G2",
                PlatformKind::Nport6000 => "NPort 6250",
                PlatformKind::MxNos => "EDS-4008",
                PlatformKind::MxRos => "EDR-G9010",
            };
            format!("Label\tModel\t{model}\nLabel\tSerial number\t{name}\n{}", places.concat())
        }
        (Form::Ini, _) => return None,
    };
    Some((name, text))
}

fn is_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for canary in [CANARY, OF_EXPORTS] {
        let at = text.find(&canary.to_lowercase());
        let around =
            at.map(|at| &text[text.floor_char_boundary(at.saturating_sub(80))..text.ceil_char_boundary(at + 40)]);
        assert_eq!(around, None, "{what}");
    }
}

#[test]
fn no_secret_of_any_form_gets_further_than_where_it_was_read() {
    let plant = Plant::new();
    plant.put("site/site.kdl", SITE.as_bytes());
    plant.put("exports/plain.ini", export(1, 2, &[]).as_bytes());
    plant.put("exports/closed.dec", &container::close(export(2, 1, &[]).as_bytes(), b"moxa").unwrap());
    let mut texts = 0;
    for (kind, form, places) in places() {
        if let Some((name, text)) = handed_in(kind, form, &places) {
            texts += places.len();
            plant.put(&format!("exports/{name}.{}", form.ending()), text.as_bytes());
        }
    }
    assert!(texts >= 100, "{texts} places");
    // a list of devices may hold what people wrote into it
    let list =
        format!("Name;Model;Serial;Address;Zone;Password\r\nnp31;NPort 6150-G2;TBAAB1;10.40.9.31;control;{CANARY}\r\n");
    plant.put("exports/plant.csv", list.as_bytes());

    let mut told = Vec::new();
    let mut run = |args: &[&str]| {
        let output = plant.run(args);
        for bytes in [&output.stdout, &output.stderr] {
            is_clean(&format!("{args:?}"), bytes);
        }
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        told.push((args.join(" "), output.status.code(), said.len() + output.stderr.len()));
        (output.status.code(), said)
    };
    let import = ["import", "exports", "--by", "ot-lead", "--site", "site"];
    for format in common::FORMATS_OF_ALL {
        run(&[&import[..], &["--dry-run", "--all", "--format", format]].concat());
    }
    run(&[&import[..], &["--passphrase-file", "passphrase"]].concat());
    let devices: Vec<String> = plant
        .files()
        .into_keys()
        .filter_map(|name| name.strip_prefix("devices/")?.strip_suffix(".kdl").map(str::to_owned))
        .collect();
    assert!(devices.len() >= 8, "{devices:?}: {told:#?}");
    for format in ["human", "json"] {
        run(&["check", "site", "--format", format]);
        run(&["diff", "site", "--format", format]);
        run(&["drift", "site", "--from", "exports", "--format", format, "--passphrase-file", "passphrase"]);
    }
    for file in std::fs::read_dir(plant.site().parent().unwrap().join("exports")).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        let file = format!("exports/{name}");
        // its own text, and one of another device
        let own = name.split('.').next().unwrap_or_default();
        for device in devices.iter().filter(|device| **device == own).chain(devices.first()) {
            run(&["capture", device, "site", "--from", &file, "--by", "ot-lead", "--passphrase-file", "passphrase"]);
        }
        run(&["dialect", "show", &file, "--site", "site"]);
    }
    run(&["build", "site", "--draft", "--out", "draft"]);
    // what is sealed in the end stands on waivers
    let build =
        ["build", "site", "--out", "out", "--passphrase-file", "passphrase", "--device", "np001", "--device", "np002"];
    for _ in 0..2 {
        let (_, report) = run(&[&build[..], &["--format", "json"]].concat());
        waive(&plant, &common::document("report", &report));
    }
    let (code, report) = run(&build);
    assert_eq!(code, Some(0), "{report}");
    let (code, _) = run(&["bundle", "stick", "--from", "out", "--passphrase-file", "passphrase"]);
    assert_eq!(code, Some(0));
    for name in ["site", "draft", "out", "stick"] {
        let folder = plant.site().parent().unwrap().join(name);
        let files = if folder.is_dir() { common::files(&folder) } else { Default::default() };
        files.iter().for_each(|(file, bytes)| is_clean(&Path::new(name).join(file).display().to_string(), bytes));
    }
    let silent: Vec<_> = told.iter().filter(|(_, _, length)| *length == 0).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
