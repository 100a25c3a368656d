//! Exports of NPort 6000 of any number of ports, in the layout of the one that an example holds, with secrets in clear.

#![allow(dead_code, reason = "each test file uses its part")]

use super::project;

/// What stands in every place of a secret, before the place's number.
pub(crate) const CANARY: &str = "Canary-9";

/// An export of a device with so many ports: `np001`, `np002` by their numbers. `more` changes lines by their
/// beginning.
pub(crate) fn export(number: usize, ports: usize, more: &[(&str, String)]) -> String {
    let model = match ports {
        1 => "NP6150".to_owned(),
        2 => "NP6250".to_owned(),
        4 => "NP6450".to_owned(),
        ports => format!("NP6610-{ports}"),
    };
    let base = std::fs::read_to_string(project("examples/04-brownfield/captures/old-server.ini")).expect("a capture");
    let mut sections: Vec<String> = Vec::new();
    for part in base.split("\n[") {
        let text = if sections.is_empty() { part.to_owned() } else { format!("[{part}") };
        match text.contains("@Port #1]") {
            _ if text.contains("@Port #2]") => {}
            true => {
                sections.extend((1..=ports).map(|port| text.replacen("@Port #1]", &format!("@Port #{port}]"), 1)));
            }
            false => sections.push(text),
        }
    }
    let own = [
        ("Model Name=", model),
        ("Serial No.=", format!("{}", 5000 + number)),
        ("MAC Address=", format!("00:90:E8:44:{:02X}:{:02X}", number / 256, number % 256)),
        ("Server Name=", format!("np{number:03}")),
        ("IPv4 Address=", format!("10.40.{}.{}", 8 + number / 200, 1 + number % 200)),
        ("IP Address=10.", format!("40.{}.{}", 8 + number / 200, 1 + number % 200)),
    ];
    let (mut secrets, mut port) = (0, 0);
    let line = |line: &str| {
        if let Some(number) = line.split_once("@Port #").and_then(|(_, rest)| rest.strip_suffix(']')) {
            port = number.parse().unwrap_or(0);
        }
        // every other port has something connected to it
        if line.starts_with("Port Alias=") {
            return if port % 2 == 1 { format!("Port Alias=sensor-{number}-{port}") } else { "Port Alias=".to_owned() };
        }
        let found = more.iter().chain(&own).find(|(begins, _)| line.starts_with(begins));
        match (found, line.strip_suffix("<hidden>")) {
            (Some((begins, rest)), _) => format!("{begins}{rest}"),
            (None, Some(head)) => {
                secrets += 1;
                format!("{head}{CANARY}{secrets:03}")
            }
            (None, None) => line.to_owned(),
        }
    };
    let text: Vec<String> = sections.join("\n").lines().map(line).collect();
    text.join("\r\n") + "\r\n"
}
