//! Devices are read, compared and examined over SSH.

use std::process::Output;

use crate::common::{self, plot::Plot};
use crate::lab::Lab;

fn texts(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Neither password stands in anything that was printed.
fn tells_no_secret(lab: &Lab, text: &str) {
    for device in ["ps7-router", "sw04"] {
        assert!(!text.contains(&lab.password(device)), "{text}");
    }
}

#[test]
fn what_is_read_is_kept_and_compared() {
    let lab = Lab::described(Plot::new(), &[]);
    let output = lab.run(&["capture", "*", "--live", "--by", "ot-lead"]);
    let text = texts(&output);
    // the two serial servers have no command line
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains("ps7-router") && text.contains("sw04") && text.contains("no command line"), "{text}");
    tells_no_secret(&lab, &text);
    for device in ["ps7-router", "sw04"] {
        let kept = std::fs::read_to_string(lab.plot.site().join(format!("captures/{device}.cli"))).unwrap();
        assert!(kept.contains("username ot-admin password <"), "{kept}");
        tells_no_secret(&lab, &kept);
    }

    // what its command line shows is as described; what only its pages show is told as not read
    let same = texts(&lab.run(&["drift", "--live", "--device", "ps7-router"]));
    assert!(!same.contains("hostname") && !same.contains("host[") && !same.contains("lockout"), "{same}");
    lab.plot.edit("devices/ps7-router.kdl", "identity { hostname \"ps7-router\" }", "identity { hostname \"ps8\" }");
    let other = lab.run(&["drift", "--live", "--device", "ps7-router"]);
    assert_eq!(other.status.code(), Some(3), "{}", texts(&other));
    assert!(texts(&other).contains("ps8"), "{}", texts(&other));
    tells_no_secret(&lab, &texts(&other));
}

#[test]
fn a_device_is_known_by_its_key_and_nothing_is_sent_to_another() {
    let lab = Lab::described(Plot::new(), &[]);
    let (port, key) = lab.at("ps7-router");
    // the lab is reached as a device of its own right: by its address, and another key
    let other = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let reach = |keys: &str| format!("reach {{ address \"127.0.0.1\"; port {port}; {keys} }}\n    zone \"control\"");
    lab.plot.edit("devices/ps7-router.kdl", "zone \"control\"", &reach(&format!("host-key \"{other}\"")));
    let secrets = crate::lab::secrets(&lab.plot);
    let doctor = || {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program
            .args(["doctor", "ps7-router", "--format", "json", "--secrets"])
            .arg(&secrets)
            .current_dir(lab.plot.site());
        let output = common::alone(&mut program).output().unwrap();
        (output.status.code(), common::document("examined", &String::from_utf8_lossy(&output.stdout)))
    };
    let (code, told) = doctor();
    let last = told["steps"].as_array().unwrap().last().unwrap().clone();
    let message = last["message"].as_str().unwrap();
    assert_eq!((code, &last["ok"], &last["step"]), (Some(4), &false.into(), &"host key".into()), "{told:#}");
    assert!(message.contains(other) && message.contains(&key), "both are shown: {message}");
    lab.plot.edit("devices/ps7-router.kdl", other, &key);
    let (code, told) = doctor();
    assert_eq!(code, Some(0), "{told:#}");
    lab.plot.edit("devices/ps7-router.kdl", &format!("; host-key \"{key}\""), "");
    let (code, told) = doctor();
    assert!(code == Some(4) && told.to_string().contains(&key), "one that nobody described is shown: {told:#}");
}

/// Each device of a live comparison is as described, weaker, stronger, other or not reached; in every format the same.
#[test]
fn each_device_stands_somewhere_beside_its_description() {
    let plot = Plot::new();
    let file = "profiles/mx-baseline.kdl";
    // what runs is this; what is described is changed behind it
    plot.edit(file, "telnet off", "telnet on purpose=\"a laptop of old\"");
    let lab = Lab::described(plot, &["--fault", "sw04=other@1"]);
    let drift = |format: &str| {
        let output = lab.run(&["drift", "--live", "--format", format]);
        tells_no_secret(&lab, &texts(&output));
        (output.status.code(), texts(&output))
    };
    let told = || {
        let (code, text) = drift("json");
        let document = common::document("report", &text);
        let of = |name: &str| {
            let devices = document["devices"].as_array().unwrap();
            devices.iter().find(|device| device["name"] == name).unwrap()["difference"].clone()
        };
        let compared = document["summary"]["compared"].clone();
        (code, of("ps7-router"), of("sw04"), of("np02"), compared)
    };
    let (code, router, switch, server, compared) = told();
    assert_eq!((code, &router["standing"]), (Some(4), &"as-described".into()), "{router:#}");
    assert_eq!(router["compared_with"]["how"], "read from the device now");
    assert_eq!(switch["standing"], "not-reached", "{switch:#}");
    assert!(switch["not_reached"].as_str().unwrap().contains("another device answers"), "{switch:#}");
    assert!(server["standing"] == "not-reached" && server["help"].as_str().unwrap().contains("capture"), "{server:#}");
    assert!(compared["as-described"] == 1 && compared["not-reached"] == 3, "{compared:#}");

    lab.plot.edit(file, "telnet on purpose=\"a laptop of old\"", "telnet off");
    let (code, router, .., compared) = told();
    assert_eq!((code, &router["standing"]), (Some(3), &"weaker".into()), "{router:#}");
    let rules: Vec<&str> = router["weaker_by"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
    assert!(!rules.is_empty() && compared["weaker"] == 1, "{router:#}");
    for format in ["human", "plain", "markdown", "csv", "sarif", "junit", "gitlab", "github", "html"] {
        let (code, text) = drift(format);
        assert_eq!(code, Some(3), "{format} {text}");
        assert!(text.to_lowercase().contains("weaker") && text.contains(rules[0]), "{format} {text}");
        assert!(!text.contains("handed in"), "{format} {text}");
    }
    lab.plot.edit(file, "telnet off", "telnet on purpose=\"a laptop of old\"");
    lab.plot.edit("devices/ps7-router.kdl", "hostname \"ps7-router\"", "hostname \"ps8\"");
    assert_eq!(told().1["standing"], "other");
    lab.plot.edit("devices/ps7-router.kdl", "hostname \"ps8\"", "hostname \"ps7-router\"");
    lab.plot.edit(file, "min-length 12", "min-length 6");
    let (_, router, ..) = told();
    assert_eq!(router["standing"], "stronger", "{router:#}");
}

/// From the name of a device to its configuration: where it breaks is one page, with what to do.
#[test]
fn a_doctor_says_where_it_breaks_and_what_to_do() {
    let page = |lab: &Lab, device: &str, code: i32| {
        let output = lab.run(&["doctor", device]);
        let text = texts(&output);
        assert_eq!(output.status.code(), Some(code), "{device} {text}");
        tells_no_secret(lab, &text);
        assert!(text.lines().count() < 20 && (code == 0 || text.contains("help: ")), "{text}");
        text
    };
    let lab = Lab::described(
        Plot::new(),
        // without its command against pages they are turned by hand
        &["--fault", "ps7-router=refuse@1", "--fault", "sw04=other@1"],
    );
    let well = page(&lab, "ps7-router", 0);
    assert!(well.contains("ok    prompt") && well.contains("ok    identity       model EDR-G9010"), "{well}");
    let other = page(&lab, "sw04", 4);
    assert!(other.contains("ok    configuration") && other.contains("FAILS identity"), "{other}");
    assert!(page(&lab, "np02", 4).contains("FAILS described      `np02` has no command line"));
    assert!(page(&lab, "ps9-router", 2).contains("ps7-router"), "a name that is mistyped");

    // another password, until the account is locked; then the right one is refused too
    let right = lab.password("ps7-router");
    lab.plot.put("../secrets/ps7-router/ot-admin", b"doctor-Canary-1\n");
    for _ in 0..3 {
        let refused = page(&lab, "ps7-router", 4);
        assert!(refused.contains("ok    host key") || refused.contains("FAILS login"), "{refused}");
        assert!(refused.contains("15 min after 3 tries") && !refused.contains("doctor-Canary-1"), "{refused}");
    }
    lab.plot.put("../secrets/ps7-router/ot-admin", right.as_bytes());
    let locked = page(&lab, "ps7-router", 4);
    assert!(locked.contains("FAILS login") && locked.contains("for a while"), "{locked}");
    drop(lab);

    let lab = Lab::described(Plot::new(), &["--fault", "ps7-router=drop@3", "--fault", "sw04=mute@1"]);
    let dropped = page(&lab, "ps7-router", 4);
    assert!(dropped.contains("ok    prompt") && dropped.contains("FAILS configuration"), "{dropped}");
    assert!(page(&lab, "sw04", 0).contains("ok    configuration"), "a device that repeats nothing");
}

#[test]
fn whoever_is_not_on_the_list_of_hosts_gets_no_answer() {
    let lab = Lab::described(Plot::new(), &["--station", "10.20.99.99"]);
    let output = lab.run(&["doctor", "ps7-router"]);
    assert_eq!(output.status.code(), Some(4), "{}", texts(&output));
    // the switch's table has no list of hosts
    assert_eq!(lab.run(&["doctor", "sw04"]).status.code(), Some(0));
}

#[test]
fn a_device_that_ends_the_session_is_told_and_nothing_is_kept() {
    let lab = Lab::described(Plot::new(), &["--fault", "ps7-router=drop@4", "--fault", "sw04=other@1"]);
    let before = common::files(&lab.plot.site());
    for (device, told) in [("ps7-router", "ended"), ("sw04", "ANOTHER-DEVICE")] {
        let output = lab.run(&["capture", device, "--live", "--by", "ot-lead"]);
        let text = texts(&output);
        assert_eq!(output.status.code(), Some(4), "{text}");
        assert!(text.contains(told), "{device} {text}");
    }
    assert_eq!(before.len(), common::files(&lab.plot.site()).len(), "nothing was kept");
}
