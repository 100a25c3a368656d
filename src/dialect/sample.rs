//! Devices for tests: written out, and generated.

use proptest::prelude::*;

use super::written::Spelling;
use super::{CodecKind, Target};
use crate::model::Facts;
use crate::model::facts::{Fact, Setting, Value, compose, fill_secrets, leaves};
use crate::model::shape::{Shape, check, parse_scalar};
use crate::model::value::Time;
use crate::secret::{SecretRef, SecretValue, Secrets};
use crate::source::{FileId, Origin, SourceMap};
use crate::syntax;

/// A device from what stands in its block.
pub(crate) fn device(text: &str) -> Facts {
    let text = format!("device \"d1\" {{\n{text}\n}}");
    let file = SourceMap::new().add("devices/d1.kdl", text.as_str());
    assert_eq!(file, FileId(0));
    let parsed = syntax::parse(file, &text);
    let checked = check(Shape::device(), file, &parsed.tree.expect("well-formed").nodes[0]);
    assert_eq!(checked.findings, [], "{text}");
    let mut facts = checked.facts;
    assert!(compose(&mut facts).is_empty(), "{text}");
    fill_secrets(&mut facts, "d1");
    facts
}

/// A value for each secret that a device names.
pub(crate) fn secrets(facts: &Facts) -> Secrets {
    let names = leaves(facts).filter_map(|l| match &l.fact.value {
        Value::Secret(name) => SecretRef::new(name).ok(),
        _ => None,
    });
    let value = |n: &SecretRef| SecretValue::new(format!("Kz-{}-9!", n.as_str().replace('/', "_")).into_bytes());
    Secrets::Loaded(names.map(|n| (n.clone(), value(&n))).collect())
}

/// Settings as comparable lines; lists of words in one order, secrets by their presence.
pub(crate) fn settings(facts: &Facts) -> Vec<String> {
    let mut found: Vec<String> = leaves(facts)
        .filter(|l| !l.field.note && !l.field.intent && l.path != "name")
        .map(|l| {
            let text = match &l.fact.value {
                Value::Secret(_) | Value::Held => "<secret>".to_owned(),
                Value::List(list) if !l.field.ordered => {
                    let mut words: Vec<String> = list.iter().map(|f| f.value.to_kdl()).collect();
                    words.sort();
                    words.join(" ")
                }
                value => value.to_kdl(),
            };
            format!("{} {text}", l.path)
        })
        .collect();
    found.sort();
    found
}

fn maybe(text: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    prop_oneof![1 => Just(String::new()), 2 => text].boxed()
}

fn on_off() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("on"), Just("off")]
}

fn some(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::subsequence(words, 0..=words.len()).prop_map(|w| {
        if w.is_empty() {
            "none".to_owned()
        } else {
            w.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(" ")
        }
    })
}

/// What every platform has.
fn common() -> BoxedStrategy<String> {
    let services = ["https", "http", "ssh", "telnet", "serial-console", "snmp", "lldp", "radius", "sntp"];
    let service = |name: &'static str| maybe(on_off().prop_map(move |v| format!("{name} {v}; ")));
    let services = services.map(service).to_vec();
    (
        maybe("[a-z][a-z0-9-]{0,12}".prop_map(|n| format!("identity {{ hostname \"{n}\" }}"))),
        maybe((4..17u32).prop_map(|n| format!("password-policy {{ min-length {n} }}"))),
        maybe((on_off(), 1..11u32, 1..61u32).prop_map(|(v, a, f)| {
            format!("login {{ lockout {v} after={a} for=\"{f} min\"; auto-logout \"{f} min\"; banner \"No | entry: <b>`x`</b>\" }}")
        })),
        services.prop_map(|s| format!("services {{ {} }}", s.concat())),
        maybe(proptest::collection::btree_set(0..200u8, 1..5).prop_map(|hosts| {
            let hosts = hosts.iter().map(|h| format!("host \"10.20.0.{h}\"; ")).collect::<String>();
            format!("allowlist on {{ {hosts} }}")
        })),
        maybe(proptest::collection::btree_set(0..200u8, 1..4).prop_map(|hosts| {
            let hosts = hosts.iter().map(|h| format!("\"10.20.0.{h}\" ")).collect::<String>();
            format!("time {{ ntp {hosts} }}")
        })),
        maybe((some(&["cold-start", "config-change", "login-fail", "lockout", "link"]), 1..9000u16).prop_map(
            |(events, port)| format!("log {{ send {events}; server \"10.20.0.9\" port={port}; server \"10.20.0.8\" }}"),
        )),
        maybe((on_off(), 1..9000u16, some(&["ot@example.org", "nms@example.org"])).prop_map(|(v, port, to)| {
            let server = format!("server \"10.20.0.25\"; port {port}; account \"d1\"; sender \"d1@example.org\"");
            format!("mail {v} {{ {server}; to {to} }}")
        })),
        maybe(proptest::sample::select(vec!["\"v3\"", "\"v1\" \"v2c\"", "\"v1\" \"v2c\" \"v3\""]).prop_map(|v| {
            format!("snmp {{ versions {v}; user \"nms\" auth=\"sha\" privacy=\"aes\"; trap \"10.20.0.7\" version=\"v2c\" }}")
        })),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i)| [a, b, c, d, e, f, g, h, i].join("\n"))
        .boxed()
}

/// A router or switch.
pub(crate) fn mx() -> BoxedStrategy<String> {
    let roles = ["administrator", "configurator", "user", "no-login"];
    let account = ("[a-z][a-z0-9-]{0,9}", proptest::sample::select(roles.to_vec()));
    let accounts = proptest::collection::btree_map(account.0, account.1, 1..4).prop_map(|accounts| {
        let lines = accounts.iter().map(|(n, r)| format!("account \"{n}\" role=\"{r}\"; ")).collect::<String>();
        format!("accounts {{ {lines} }}")
    });
    let vlans = [
        "",
        "access=20",
        "access=\"field\"",
        "trunk=\"20,30-33\"",
        "trunk=\"field\" native=999 frames=\"tagged\"",
        "hybrid=20 native=30",
        "description=\"pump-3\" speed=\"100-full\"",
    ];
    let port = (on_off(), proptest::sample::select(vlans.to_vec()));
    let ports = proptest::collection::btree_map((1..4u8, 1..9u8), port, 1..6).prop_map(|ports| {
        let line = |((m, p), (v, vlans)): (&(u8, u8), &(&str, &str))| format!("port \"{m}/{p}\" enabled={v} {vlans}; ");
        let vlans = "vlan 20 name=\"field\"; vlan 30; vlan 31; vlan 32; vlan 33; vlan 999 role=\"parking\"";
        format!("switching {{ {vlans} }}; ethernet {{ {} }}", ports.iter().map(line).collect::<String>())
    });
    let lans = proptest::collection::btree_set(2..4000u16, 0..3).prop_map(|lans| {
        let lines =
            lans.iter().map(|v| format!("interface \"vlan {v}\" {{ address \"10.9.0.1/24\" }}; ")).collect::<String>();
        let route = "routing { route \"10.60.0.0/16\" \"10.20.1.254\" metric=3; route \"10.61.0.0/16\" \"10.20.1.253\" enabled=off }";
        format!("network {{ interface \"lan\" {{ address \"10.20.1.1/24\" }}; {lines} }}\n{route}")
    });
    let word = || proptest::sample::select(vec!["allow", "deny"]);
    let rules = (proptest::collection::vec((word(), on_off(), on_off(), 0..4usize), 1..4), 1..9000u16).prop_map(|(rules, port)| {
        let fits = ["", "source=\"h\"", "destination=\"h\" service=\"s\"", "source-mac=\"00:90:e8:00:00:07\""];
        let line = |(at, (action, on, log, fit)): (usize, &(&str, &str, &str, usize))| {
            format!("rule \"r{at}\" \"{action}\" {} enabled={on} log={log}; ", fits[*fit])
        };
        let rules: String = rules.iter().enumerate().map(line).collect();
        let nat = format!("rule \"in\" \"pat\" interface=\"lan\" protocol=\"tcp\" outside-port={port} inside=\"10.20.1.9\" inside-port=443 enabled=on loopback=off double=off");
        format!("objects {{ address \"h\" \"10.20.1.9\"; service \"s\" tcp=\"{port}\" }}\nfirewall on {{ default \"deny\"; {rules} }}\nnat {{ {nat} }}")
    });
    let backup = (on_off(), on_off()).prop_map(|(e, s)| {
        format!("exported-config encrypted={e} scope=\"all\" signed={s} password=(stored)\"d1/backup\"")
    });
    (common(), maybe(accounts), maybe(ports), (lans, maybe(rules)), maybe(backup))
        .prop_map(|(a, b, c, (d, f), e)| [a, b, c, d, e, f].join("\n"))
        .boxed()
}

/// A serial device server.
pub(crate) fn nport() -> BoxedStrategy<String> {
    let modes = [
        "mode \"none\"",
        "mode \"tcp-server\" data-port=4001 command-port=966 secure=\"encrypted\"",
        "mode \"real-com\" alive-check=\"7 min\" secure=\"none\"",
        "mode \"udp\" local-port=4002 { range \"10.0.0.1\" to=\"10.0.0.9\" port=4001 }",
        "mode \"tcp-client\" inactivity=never { destination \"10.0.0.1\" port=4001; destination \"10.0.0.2\" port=4001 }",
        "mode \"reverse-ssh\" data-port=4001 login=\"local\"",
        "mode \"modem\"",
    ];
    let ports =
        proptest::collection::btree_map(1..9u8, proptest::sample::select(modes.to_vec()), 1..5).prop_map(|ports| {
            let lines = ports
                .iter()
                .map(|(p, m)| {
                    format!("port {p} {{ {m}\n line \"9600 8N1\" interface=\"rs-485-2w\"; alias \"p {p}\"\n packing bytes=16 process=\"strip\" force=\"10 ms\" delimiter-1=\"0d\"; connection ignore-jammed=on }}\n")
                })
                .collect::<String>();
            format!("serial {{ {lines} }}")
        });
    let accounts = proptest::collection::btree_map("[a-z][a-z0-9-]{0,9}", on_off(), 1..4).prop_map(|accounts| {
        let line = |(n, v): (&String, &&str)| format!("account \"{n}\" group=\"Administrator\" enabled={v}; ");
        format!("accounts {{ {} }}", accounts.iter().map(line).collect::<String>())
    });
    let button = proptest::sample::select(vec!["always", "after-boot"]);
    let method = proptest::sample::select(vec!["ascii", "pap", "chap", "mschap"]);
    let own = (button, method, on_off()).prop_map(|(button, method, v)| {
        format!(
            "hardware {{ reset-button \"{button}\" }}\n\
             authentication {{ tacacs \"10.20.0.7\" method=\"{method}\" accounting={v} }}"
        )
    });
    (common(), maybe(ports), maybe(accounts), maybe(own)).prop_map(|(a, b, c, d)| [a, b, c, d].join("\n")).boxed()
}

/// A value of a setting, and how it is written; `None` where it is a secret, or none of the usual texts is a value.
pub(super) fn specimen(written: &Spelling, target: &Target) -> Option<(Setting, String)> {
    let scalar = target.scalar().filter(|_| !written.is_secret())?;
    let words: Vec<String> = match written {
        Spelling::One(codec) | Spelling::List { codec, .. } => match &codec.kind {
            CodecKind::Words(words) => words.iter().map(|w| w.value.plain()).collect(),
            CodecKind::Int { min, .. } => vec![min.to_string()],
            CodecKind::Time { unit, min, .. } => vec![Time::Millis(unit * min).to_string()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    if let Spelling::Sets(sets) = written {
        let (values, text) = sets.first()?;
        let values = values.iter().map(|value| Fact::new(value.clone(), Origin::NONE)).collect();
        return Some((Setting::Value(Fact::new(Value::List(values), Origin::NONE)), text.to_string()));
    }
    let usual = ["a1", "10.1.2.0/24", "10.1.2.3", "1.2", "4001", "9600 8N1", "Europe/London", "2027-01-01"];
    words.iter().map(String::as_str).chain(usual).find_map(|text| {
        let value = parse_scalar(scalar, None, text)?;
        let one = Fact::new(value, Origin::NONE);
        let value = if target.is_scalars() { Fact::new(Value::List(vec![one]), Origin::NONE) } else { one };
        let setting = Setting::Value(value);
        let text = written.encode(&setting).ok()?.into_owned();
        Some((setting, text))
    })
}

/// A setting's value as a test compares it.
pub(super) fn plain(setting: &Setting) -> String {
    match setting {
        Setting::Value(fact) => fact.value.plain(),
        _ => String::new(),
    }
}
