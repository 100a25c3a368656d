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
    assert!(!same.contains("hostname") && !same.contains("allowlist") && !same.contains("lockout"), "{same}");
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
