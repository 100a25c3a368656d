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
    for (setting, file) in [("min-length 4", "captures/ro1.cli"), ("tls-min \"1.2\"", "captures/ro1.sheet")] {
        let line = shown.lines().find(|line| line.contains(setting)).unwrap_or_else(|| panic!("{setting}: {shown}"));
        assert!(line.contains(file), "{line}");
    }
    // the sheet is newer: Telnet is off, and that the commands say otherwise is told
    let report = json(&plant, &["check", "site", "--all"]);
    let told: Vec<&Value> = report["findings"].as_array().unwrap().iter().collect();
    let differ: Vec<&&Value> = told.iter().filter(|f| f["rule"] == "site.captures-differ").collect();
    assert_eq!(differ.len(), 1, "{report:#}");
    assert_eq!(differ[0]["path"], "services.telnet");
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
    assert!(told.contains("services.telnet: on -> off"), "{told}");
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
    assert!(differ.contains("`captures/ro1.sheet` of 2026-11-01 08:00 UTC tells `services.telnet`"), "{differ}");
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
    assert!(text.contains("tls-min") && text.contains("// sheet "), "{text}");
    assert!(text.contains("`sheet 7` is line 7 of `captures/ro1.sheet`"), "{text}");
    for file in ["captures/ro1.cli", "captures/ro1.sheet", "captures/ro1.kdl", "captures/ro1.sheet.kdl"] {
        assert!(plant.site().join(file).is_file(), "{file}");
    }
    let (code, report) = plant.drift(&[]);
    assert_eq!(code, Some(0), "{report:#}");
}
