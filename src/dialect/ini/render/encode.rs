//! A value as native words, one for each key of its entry.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::{Bits, Entry, Kind, SerialCode};
use crate::dialect::{Codec, Refusal};
use crate::model::facts::{Fact, Value};
use crate::model::value::SerialLine;
use crate::source::Origin;

type Encoded = Result<Vec<String>, (Refusal, Origin)>;

/// The native words, or why there are none and which part of the value is to blame.
pub(super) fn encode(entry: &Entry, fact: &Fact) -> Encoded {
    let natives = spelled(entry, fact)?;
    match natives.first() {
        Some(native) if !matches!(entry.kind, Kind::List(_)) && entry.empty.as_deref() == Some(native) => {
            Err((nothing(native), fact.origin))
        }
        _ => Ok(natives),
    }
}

/// A value that would be read back as none.
fn nothing(native: &str) -> Refusal {
    let message = format!("`{native}` means to the device that nothing is set");
    Refusal::new(message, "write another value, or leave it out")
}

fn spelled(entry: &Entry, fact: &Fact) -> Encoded {
    let cannot = |origin: Origin| {
        let message = format!("this device has no way to say `{}`", fact.value.plain());
        (Refusal::new(message, "choose another value, or leave the setting out"), origin)
    };
    match (&entry.kind, &fact.value) {
        (Kind::Scalar(codec), value) => one(codec, value, fact.origin).map(|n| vec![n]),
        (Kind::Network, Value::Network(net)) => match net.0 {
            IpNet::V4(net) => Ok(vec![net.addr().to_string(), net.netmask().to_string()]),
            IpNet::V6(_) => {
                let help = "write an IPv4 address with its prefix length";
                Err((Refusal::new("the device takes IPv4 here", help), fact.origin))
            }
        },
        (Kind::SerialLine(code), Value::Line(line)) => serial(code, line).map_err(|r| (r, fact.origin)),
        (Kind::List(codec), Value::List(list)) => listed(entry, codec, list),
        (Kind::Members(members), Value::List(list)) => joint(members, list),
        (Kind::Tag(words), value) => match words.iter().find(|(w, _)| w == value) {
            Some((_, natives)) => Ok(natives.iter().map(|n| n.to_string()).collect()),
            None => {
                let known: Vec<String> = words.iter().map(|(w, _)| format!("`{}`", w.plain())).collect();
                let (refusal, origin) = cannot(fact.origin);
                Err((Refusal::new(refusal.message, format!("it knows {}", known.join(", "))), origin))
            }
        },
        _ => Err(cannot(fact.origin)),
    }
}

fn one(codec: &Codec, value: &Value, origin: Origin) -> Result<String, (Refusal, Origin)> {
    if let Value::Address(address) = value
        && let IpAddr::V6(_) = address.0
    {
        return Err((Refusal::new("the device takes IPv4 here", "write an IPv4 address"), origin));
    }
    codec.encode(value).map(Cow::into_owned).map_err(|r| (r, origin))
}

fn listed(entry: &Entry, codec: &Codec, list: &[Fact]) -> Encoded {
    let most = entry.keys.len();
    if let Some(over) = list.get(most) {
        let message = format!("the device takes {most} of these, this is number {}", most + 1);
        return Err((Refusal::new(message, format!("keep the {most} that matter")), over.origin));
    }
    let empty = entry.empty.as_deref().unwrap_or("");
    let mut natives = Vec::with_capacity(most);
    for fact in list {
        let native = one(codec, &fact.value, fact.origin)?;
        if native == empty {
            return Err((nothing(&native), fact.origin));
        }
        natives.push(native);
    }
    natives.resize(most, empty.to_owned());
    Ok(natives)
}

fn joint(members: &[Vec<Value>], list: &[Fact]) -> Encoded {
    let said = |v: &Value| list.iter().find(|f| f.value == *v);
    if let Some(fact) = list.iter().find(|f| !members.iter().flatten().any(|w| *w == f.value)) {
        let known: Vec<String> = members.iter().flatten().map(|w| format!("`\"{}\"`", w.plain())).collect();
        let message = format!("this device can't be asked for `{}`", fact.value.plain());
        return Err((Refusal::new(message, format!("it knows {}", known.join(", "))), fact.origin));
    }
    let mut natives = Vec::new();
    for words in members {
        let asked: Vec<&Fact> = words.iter().filter_map(said).collect();
        if let Some(fact) = asked.first().filter(|_| asked.len() < words.len()) {
            let all: Vec<String> = words.iter().map(|w| format!("`\"{}\"`", w.plain())).collect();
            let message = format!("this device can't be asked for `{}` alone", fact.value.plain());
            return Err((Refusal::new(message, format!("ask for {} together", all.join(" and "))), fact.origin));
        }
        natives.push(if asked.is_empty() { "0" } else { "1" }.to_owned());
    }
    Ok(natives)
}

fn serial(code: &SerialCode, line: &SerialLine) -> Result<Vec<String>, Refusal> {
    let Some(baud) = code.bauds.iter().position(|b| *b == line.baud) else {
        let known: Vec<String> = code.bauds.iter().map(u32::to_string).collect();
        let message = format!("the device has no speed of {} bit/s", line.baud);
        return Err(Refusal::new(message, format!("it has {}", known.join(", "))));
    };
    let bits = |bits: &Bits, mean: u8| {
        let found = bits.means.iter().position(|m| *m == mean);
        found
            .map(|n| (n as u32) << bits.shift)
            .ok_or_else(|| Refusal::new(format!("the device has no way to say `{line}`"), "choose other line settings"))
    };
    let frame = bits(&code.data, b'0' + line.data)?
        | bits(&code.parity, line.parity.letter() as u8)?
        | bits(&code.stop, b'0' + line.stop)?;
    Ok(vec![baud.to_string(), frame.to_string()])
}
