//! A device of which two texts are kept: commands and a sheet, or a file and a sheet. Each has its day, and all verbs
//! read both.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::Value;

use crate::common::document;
use crate::common::exports::export;
use crate::taking_over::Plant;

/// A router as it shows itself, and what its pages say beyond that.
const COMMANDS: &str = "Firewall/VPN Router 00000# show version\nModel Name                   : EDR-G9010-VPN-2MGSFP\n\
    Firmware Version             : V3.24 build 26040210\nSerial No.                   : TBZKB1090777\n\
    Firewall/VPN Router 00000# show running-config\nhostname ro1\nip telnet\npassword-policy minimum-length 4\n\
    username admin password Canary-9cli privilege 1\nFirewall/VPN Router 00000#\n";
const PAGES: &str = "System > System Management\tDevice name\tro1\n\
    System > Management Interface > User Interface\tTelnet\tDisable\n\
    System > Management Interface > User Interface\tHTTPS: lowest TLS version\t1.2\n";

/// A row of pages that MX-ROS and MX-NOS call alike goes to the device that it is captured of.
fn router() -> Plant {
    let plant = Plant::new();
    plant.put("exports/router.log", COMMANDS.as_bytes());
    let (code, told) = plant.import(&["--at", "2026-11-20 08:00 UTC"]);
    assert_eq!(code, Some(0), "{told:#}");
    plant.put("pages.sheet", PAGES.as_bytes());
    plant
}

fn capture(plant: &Plant, file: &str, at: &str) -> (Option<i32>, String) {
    let output = plant.run(&["capture", "ro1", "site", "--from", file, "--by", "ot-lead", "--at", at]);
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), out + &err)
}

fn json(plant: &Plant, args: &[&str]) -> Value {
    let output = plant.run(&[args, &["--format", "json"]].concat());
    document("report", &String::from_utf8(output.stdout).unwrap())
}

#[test]
fn commands_and_a_sheet_are_both_kept_and_both_read() {
    let plant = router();
    let (code, told) = capture(&plant, "pages.sheet", "2026-11-25 08:00 UTC");
    assert_eq!(code, Some(0), "{told}");
    assert!(plant.text("captures/ro1.cli").contains("hostname ro1"));
    assert!(plant.text("captures/ro1.kdl").contains("form=\"cli\" taken=\"2026-11-20 08:00 UTC\""));
    assert!(plant.text("captures/ro1.sheet.kdl").contains("form=\"sheet\" taken=\"2026-11-25 08:00 UTC\""));
    let shown = String::from_utf8(plant.run(&["show", "ro1", "site", "--all"]).stdout).unwrap();
    let line = shown.lines().find(|line| line.contains("tls-min \"1.2\"")).unwrap_or_else(|| panic!("{shown}"));
    assert!(line.contains("captures/ro1.sheet"), "{line}");
    // the sheet is newer: Telnet is off, and that the commands say otherwise is told
    let report = json(&plant, &["check", "site", "--all"]);
    let told: Vec<&Value> = report["findings"].as_array().unwrap().iter().collect();
    let differ: Vec<&&Value> = told.iter().filter(|f| f["rule"] == "site.captures-differ").collect();
    assert_eq!(differ.len(), 1, "{report:#}");
    assert_eq!(differ[0]["path"], "services.telnet.enabled");
    assert_eq!(differ[0]["location"]["file"], "captures/ro1.sheet");
    assert_eq!(differ[0]["related"][0]["location"]["file"], "captures/ro1.cli");
    let difference = &json(&plant, &["diff", "site"])["devices"][0]["difference"];
    assert_eq!(difference["compared_with"]["file"], "captures/ro1.sheet");
    assert_eq!(difference["compared_beside"][0]["file"], "captures/ro1.cli");
    let changed: Vec<&str> =
        difference["changes"].as_array().unwrap().iter().map(|c| c["path"].as_str().unwrap()).collect();
    assert!(changed.contains(&"services.telnet"), "the description is of the day before: {changed:?}");
    assert!(!changed.contains(&"password-policy.min-length"), "{changed:?}");
    // read again, each lies where it did
    let before = plant.files().len();
    plant.put("later.log", COMMANDS.replace("ip telnet", "no ip telnet").as_bytes());
    let (code, told) = capture(&plant, "later.log", "2026-11-26 08:00 UTC");
    assert_eq!((code, plant.files().len()), (Some(0), before), "{told}");
    assert!(told.contains("services.telnet.enabled: on -> off"), "{told}");
    assert_eq!(json(&plant, &["check", "site"])["findings"].to_string().matches("captures-differ").count(), 0);
    // taken out, both go along
    let output = plant.run(&["retire", "ro1", "site", "--by", "ot-lead", "--reason", "sold", "--dry-run"]);
    let page = String::from_utf8(output.stdout).unwrap();
    for file in ["captures/ro1.cli", "captures/ro1.sheet", "captures/ro1.sheet.kdl"] {
        assert!(page.contains(&format!("{file} -> retired/{file}")), "{page}");
    }
}

#[test]
fn whichever_was_read_later_counts() {
    let plant = router();
    let (code, told) = capture(&plant, "pages.sheet", "2026-11-01 08:00 UTC");
    assert_eq!(code, Some(0), "{told}");
    let shown = String::from_utf8(plant.run(&["show", "ro1", "site", "--all"]).stdout).unwrap();
    let telnet = shown.lines().find(|line| line.contains("telnet")).unwrap();
    assert!(telnet.contains("on"), "{telnet}");
    let differ = json(&plant, &["check", "site", "--all"])["findings"].to_string();
    assert!(
        differ.contains("`captures/ro1.sheet` of 2026-11-01 08:00 UTC tells `services.telnet.enabled`"),
        "{differ}"
    );
}

#[test]
fn a_second_text_of_another_device_is_refused_in_either_form() {
    let plant = router();
    for text in [
        PAGES.replace("\tro1", "\tro9") + "Label\tSerial number\tTBZKB1090999\n",
        PAGES.to_owned() + "Label\tModel\tEDR-8010\n",
        COMMANDS.replace("TBZKB1090777", "TBZKB1090999"),
        export(7, 2, &[]),
    ] {
        plant.put("other.txt", text.as_bytes());
        let before = plant.files();
        let (code, told) = capture(&plant, "other.txt", "2026-11-25 08:00 UTC");
        assert_eq!(code, Some(5), "{told}");
        assert_eq!(plant.files(), before, "{told}");
    }
}

#[test]
fn two_texts_of_a_device_that_is_new_are_one_device() {
    let plant = Plant::new();
    plant.put("exports/router.log", COMMANDS.as_bytes());
    plant.put("exports/router.sheet", PAGES.as_bytes());
    plant.put("exports/np.ini", export(3, 2, &[]).as_bytes());
    let pages = "Label\tModel\tNPort 6250\nLabel\tSerial number\t5003\nBasic Settings\tContact\tpump 7\n";
    plant.put("exports/np.sheet", pages.as_bytes());
    let (code, told) = plant.import(&["--at", "2026-11-20 08:00 UTC"]);
    assert_eq!(code, Some(0), "{told:#}");
    let text = plant.text("devices/ro1.kdl");
    assert!(plant.text("profiles/edr-g9010-as-read.kdl").contains("tls-min"), "{text}");
    assert!(text.contains("`sheet 7` is line 7 of `captures/ro1.sheet`"), "{text}");
    for file in ["captures/ro1.cli", "captures/ro1.sheet", "captures/ro1.kdl", "captures/ro1.sheet.kdl"] {
        assert!(plant.site().join(file).is_file(), "{file}");
    }
    let (code, report) = plant.drift(&[]);
    assert_eq!(code, Some(0), "{report:#}");
}

/// Whether the device has the secret that is described is told by whoever has the key, and by nobody else.
#[test]
fn a_captured_secret_is_compared_by_its_fingerprint() {
    let plant = Plant::new();
    let sealed = ["--passphrase-file", "passphrase"];
    plant.put("exports/a.ini", export(1, 2, &[]).as_bytes());
    plant.put("exports/b.ini", export(2, 2, &[]).as_bytes());
    let (code, told) = plant.import(&sealed);
    assert_eq!(code, Some(0), "{told:#}");
    let heads = ["np001", "np002"].map(|name| plant.text(&format!("captures/{name}.kdl")));
    let prints = heads.clone().map(|head| -> Vec<String> {
        let prints = head.lines().filter_map(|line| line.split_once("fingerprint=")).map(|(_, print)| print.to_owned());
        prints.collect()
    });
    assert!(!prints[0].is_empty() && prints[0].len() == prints[1].len(), "{heads:?}");
    // both devices have the same secrets: nobody sees that
    let all: std::collections::BTreeSet<&String> = prints.iter().flatten().collect();
    assert_eq!(all.len(), prints[0].len() * 2, "{heads:?}");
    let states = |with: &[&str]| -> (Vec<Value>, Vec<Value>) {
        let report = json(&plant, &[&["diff", "site", "--device", "np001"][..], with].concat());
        let changes = report["devices"][0]["difference"]["changes"].as_array().unwrap().clone();
        let secrets = changes.into_iter().filter(|change| !change["secret"].is_null());
        secrets.partition(|change| change["secret"] == "cannot-compare")
    };
    let (unseen, changed) = states(&[]);
    assert!(!unseen.is_empty() && changed.is_empty(), "{changed:#?}");
    assert_eq!(states(&sealed), (Vec::new(), Vec::new()), "the device has what is described");
    // somebody changes one on the device, and reads it again
    let other = export(1, 2, &[]);
    let line = other.lines().find(|line| line.starts_with("User Pass #1=")).unwrap();
    let other = other.replace(line, "User Pass #1=Canary-9changed");
    plant.put("again.ini", other.as_bytes());
    let args = ["capture", "np001", "site", "--from", "again.ini", "--by", "ot-lead"];
    let output = plant.run(&[&args[..], &sealed].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let (unseen, changed) = states(&sealed);
    assert_eq!((unseen.len(), changed.len()), (0, 1), "{changed:#?}");
    assert!(changed.iter().all(|change| change["secret"] == "changed"), "{changed:#?}");
    // without the key the marks of before are gone, not kept beside another text
    let output = plant.run(&args);
    assert_eq!(output.status.code(), Some(0));
    assert!(!plant.text("captures/np001.kdl").contains("fingerprint"));
    for (name, bytes) in plant.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Canary-9"), "{name}");
    }
}

/// What an NPort 6000-G2 exports is no text: it is kept sealed, and held against the one before.
#[test]
fn an_export_that_nobody_can_read_is_kept_sealed_and_compared() {
    let plant = Plant::new();
    let device = "device \"np2\" {\n    platform \"nport-6000-g2\" model=\"NPort 6150-G2\" firmware=\"1.1\"\n    zone \"control\"\n    \
        asset serial=\"TB1\"\n}\n";
    plant.put("site/devices/np2.kdl", device.as_bytes());
    let export = |clock: &str, password: &str| {
        [&b"\x00\x01\xfeG2CFG"[..], clock.as_bytes(), &[0xff; 64], password.as_bytes()].concat()
    };
    let capture = |bytes: &[u8], more: &[&str]| {
        plant.put("np2.cfg", bytes);
        let args = ["capture", "np2", "site", "--from", "np2.cfg", "--by", "ot-lead", "--at", "2026-11-20 08:00 UTC"];
        let output = plant.run(&[&args[..], more].concat());
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code(), out + &err)
    };
    let sealed = ["--passphrase-file", "passphrase"];
    let (code, told) = capture(&export("0800", "Canary-9g2"), &[]);
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("kept sealed only") && told.contains("--passphrase-file"), "{told}");
    let untouched = ["--passphrase-file", "passphrase", "--untouched"];
    for (bytes, more, words) in [
        (export("0800", "Canary-9g2"), &sealed[..], "the first of its kind"),
        (export("0800", "Canary-9g2"), &sealed, "the same as the one before\n"),
        (export("0915", "Canary-9g2"), &untouched, "3 bytes differ from the one before, 3 of them"),
        (export("0733", "Canary-9g2"), &sealed, "the same as the one before but for 3 bytes"),
        (export("0733", "Canary-9gX"), &sealed, "DIFFERENT from the one before: 1 byte"),
        (export("0733", "Canary-9gX and more"), &sealed, "DIFFERENT from the one before: "),
    ] {
        let (code, told) = capture(&bytes, more);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(words), "{words}: {told}");
    }
    let head = plant.text("captures/np2.flk.kdl");
    assert_eq!(head, "capture \"np2\" form=\"sealed\" taken=\"2026-11-20 08:00 UTC\" by=\"ot-lead\" how=\"export\"\n");
    for (name, bytes) in plant.files() {
        assert!(!String::from_utf8_lossy(&bytes).contains("Canary-9"), "{name}");
    }
    plant.put("other", b"another passphrase that is long 8\n");
    let (code, told) = capture(&export("0733", "Canary-9g2"), &["--passphrase-file", "other"]);
    assert_eq!(code, Some(5), "{told}");
    assert_eq!(plant.run(&["check", "site"]).status.code(), Some(1));
    // the text of another device is no export of this one
    let (code, told) = capture(export_of_another().as_bytes(), &sealed);
    assert_eq!(code, Some(5), "{told}");
    let page = plant.run(&["retire", "np2", "site", "--by", "ot-lead", "--reason", "sold", "--dry-run"]).stdout;
    assert!(String::from_utf8(page).unwrap().contains("captures/np2.flk -> retired/captures/np2.flk"));
}

fn export_of_another() -> String {
    export(7, 2, &[])
}
