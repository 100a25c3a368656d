//! Every form of a command that the collected grammars of routers show is mapped to a setting, or listed with what it
//! touches: none is a line that nobody knows.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::model::device::PlatformKind;
use fieldlock::native::Form;
use fieldlock::platform;
use fieldlock::source::FileId;

use crate::common::needs;

/// Parts of the grammars by what their heading holds, and the lines that open the modes that they may be of. Those of
/// the exec prompt, of other families and of what devices answer are of no configuration.
const MODES: [(&str, &[&str]); 21] = [
    ("exec mode", &[]),
    ("shape of an exported", &[]),
    ("what the device answers", &[]),
    ("older router family", &[]),
    ("TN-5916", &[]),
    ("classic switch", &[]),
    ("modular switch", &[]),
    ("interface lan", &["interface lan", "interface wan", "interface vlan 12"]),
    ("interface ethernet", &["interface ethernet 1/1"]),
    ("l3l7-policy (sub", &["l3l7-policy\n name xx"]),
    ("ip nat <idx>", &["ip nat 1\n desc xx"]),
    ("ip dhcp pool", &["ip dhcp pool 1", "ip dhcp static pool xx"]),
    ("router ospf", &["router ospf 10.0.0.1"]),
    ("router rip", &["router rip"]),
    ("vrrp <idx>", &["vrrp 1\n interface lan\n vrid 3"]),
    ("10 redundancy", &["redundancy"]),
    ("l2-filter", &["l2-filter 1"]),
    ("session-control", &["session-control\n name xx"]),
    ("object address", &["object address\n name xx", "object service tcp\n name xx", "object service icmp\n name xx"]),
    ("ipsec <name>", &["ipsec t", "ipsec t\n phase1", "ipsec t\n phase2"]),
    ("config mode", &[""]),
];

/// Forms that stay unknown, and why.
const APART: [(&str, &str); 9] = [
    (
        "name xx",
        "what a router calls an interface of its own accord has no setting: `lan`, `wan` and `vlan 12` are its names",
    ),
    ("interface mgmt", "of the older family; these routers have `lan`"),
    ("interface trunk xx", "of the older family; its members go by the sheet"),
    ("ip http-server max-login-users", "says nothing without its number"),
    ("ip telnet max-login-users", "says nothing without its number"),
    ("no preempt delay 3", "`no preempt` says it"),
    ("no ntp remote-server 10.0.0.9 simple", "`no ntp remote-server 10.0.0.9` says it"),
    ("original in-iface xx src-ip xx src-port xx dst-ip xx dst-port xx", "no mode of NAT has all of them at once"),
    ("translated out-iface xx src-ip xx src-port xx dst-ip xx dst-port xx", "no mode of NAT has all of them at once"),
];

/// What stands in a place that is called so.
fn value(place: &str) -> &str {
    match place {
        "ip" | "gw" | "gateway" | "destination" | "dst" | "from" | "to" | "begin" | "end" | "group" | "source" => {
            "10.0.0.9"
        }
        "event" => "cold-start",
        place if place.contains("mask") => "255.255.255.0",
        place if place.contains("mac") => "00:90:e8:00:00:01",
        place if place.starts_with("-12") => "1",
        place if place.starts_with(|c: char| c.is_ascii_digit()) => place.split('-').next().unwrap(),
        "n" | "idx" | "index" | "vid" | "port" | "id" | "metric" | "rate" | "month" | "week" | "day" | "hh" | "mm"
        | "hour" | "min" | "minutes" | "hours" | "retry" | "timeout" | "version" => "3",
        _ => "xx",
    }
}

/// All that a form stands for: with and without what may be left out, each of what may be chosen.
fn forms(form: &str) -> Vec<String> {
    // the innermost pair of brackets is the one whose end comes first
    let ends = form.find([']', '}']).and_then(|end| Some((form[..end].rfind(['[', '{'])?, end)));
    if let Some((start, end)) = ends {
        let (before, within, after) = (&form[..start], &form[start + 1..end], &form[end + 1..]);
        let mut choices: Vec<&str> = within.split('|').collect();
        if form[start..].starts_with('[') {
            choices.insert(0, "");
        }
        return choices.iter().flat_map(|choice| forms(&format!("{before}{choice}{after}"))).collect();
    }
    let mut out = String::new();
    for (at, part) in form.split('<').enumerate() {
        match part.split_once('>') {
            Some((place, rest)) if at > 0 => out.extend([value(place.split(',').next().unwrap()), rest]),
            _ => out.push_str(part),
        }
    }
    vec![out.split_whitespace().collect::<Vec<_>>().join(" ")]
}

/// Whether a line is mapped in a mode, or listed.
fn knows(mode: &str, form: &str) -> bool {
    let opened = if mode.is_empty() { String::new() } else { format!("{mode}\n ") };
    let text = format!("{opened}{form}\nexit\n");
    let at = opened.matches('\n').count() + 1;
    let reading = platform::of(PlatformKind::MxRos).read(Form::Cli, FileId(0), &text).unwrap();
    reading.kept.iter().all(|kept| kept.line != at || kept.listed)
}

#[test]
fn every_form_of_the_grammars_is_mapped_or_listed() {
    let Some(samples) = needs::samples() else { return };
    let (mut unknown, mut tried) = (Vec::new(), 0);
    for name in ["mx-ros-cli-grammar.txt", "mx-cli-grammar-2.txt"] {
        let text = std::fs::read_to_string(samples.join(name)).unwrap();
        for part in text.split("\n## ").skip(1) {
            let (heading, lines) = part.split_once('\n').unwrap();
            let modes = MODES.iter().find(|(holds, _)| heading.contains(holds));
            let (_, modes) = modes.unwrap_or_else(|| panic!("what is `{heading}` of?"));
            for line in lines.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
                let line = line.split("!secret").next().unwrap().replace("<...>", "<x>");
                for form in forms(&line) {
                    tried += 1;
                    let known = |mode: &&str| knows(mode, &form);
                    if APART.iter().any(|(apart, _)| form == *apart) {
                        continue;
                    }
                    if !modes.is_empty() && !modes.iter().any(known) {
                        unknown.push(format!("{heading}: {form}"));
                    }
                }
            }
        }
    }
    unknown.sort();
    unknown.dedup();
    assert!(unknown.is_empty() && tried > 600, "{tried} tried\n{}", unknown.join("\n"));
}
