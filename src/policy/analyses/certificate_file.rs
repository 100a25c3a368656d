//! CA certificates that a device is given: there, PEM, valid now.

use x509_parser::pem::Pem;

use super::answer;
use crate::model::facts::{Group, Value};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind, ParamValue};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "certificate-file",
    doc: "Where `secure=\"encrypted-authenticated\"` (of=\"serial\") or `tls=on` (of=\"log\") asks for a CA certificate, \
          one is named, its file is there, holds certificates in PEM, and all of them are valid now.",
    params: &[Param {
        name: "of",
        kind: ParamKind::Text,
        required: true,
        toward: None,
        doc: "whose certificates: `serial` or `log`",
    }],
    reads: &[],
    looks_at: &["serial.port.mode", "log.server", "services.syslog"],
    needs: &[Need::Files, Need::Clock],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let serial = input.params.get("of") == Some(&ParamValue::Text("serial".to_owned()));
    let list = if serial { "serial.port" } else { "log.server" };
    if !serial && input.fact("services.syslog").map(|f| &f.value) == Some(&Value::Switch(false)) {
        return Answer::NotApplicable;
    }
    let Some(items) = input.items(list) else {
        return Answer::Unknown(vec![input.absent(list, "what connects is not known")]);
    };
    let (key, asks, wanted) = match serial {
        true => ("number", "secure", Value::Word("encrypted-authenticated")),
        false => ("address", "tls", Value::Switch(true)),
    };
    let mut failed = Vec::new();
    let mut concerned = false;
    for item in items {
        let group = if serial { input.inside(&item.group, "mode") } else { Some(&item.group) };
        let Some(group) = group.filter(|g| input.field(g, asks).is_some_and(|f| f.value == wanted)) else { continue };
        concerned = true;
        let entry = input.field(&item.group, key).map(|f| f.value.plain()).unwrap_or_default();
        let path = if serial { format!("{list}[{entry}].mode.ca") } else { format!("{list}[{entry}].ca") };
        failed.extend(judge(input, group, path));
    }
    if concerned { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

fn judge(input: &Input<'_>, group: &Group, path: String) -> Option<Cause> {
    let Some(fact) = input.field(group, "ca") else {
        let sentence = "is not set; without it nothing connects: add `ca=\"certs/...\"`";
        return Some(input.cause(path, Some(group.origin), sentence));
    };
    let name = fact.value.text()?;
    let problem = input.seen.problem(name, || file_problem(input, name))?;
    Some(input.cause(path, Some(fact.origin), problem))
}

/// What is wrong with a certificate file.
fn file_problem(input: &Input<'_>, name: &str) -> Option<String> {
    match input.files.read(name) {
        Ok(bytes) => content_problem(name, &bytes, input.now),
        Err(reason) => Some(format!("`{name}` can't be read: {reason}")),
    }
}

/// What is wrong with the bytes of a certificate file called `name`: they are PEM, all of them certificates, all of
/// them valid `now`. `None` where nothing is.
pub fn content_problem(name: &str, bytes: &[u8], now: jiff::Timestamp) -> Option<String> {
    let mut count = 0;
    for pem in Pem::iter_from_buffer(bytes) {
        let Ok(pem) = pem else { return Some(format!("`{name}` is no PEM file")) };
        if pem.label != "CERTIFICATE" {
            // a private key beside it must not go to a device either
            return Some(format!("`{name}` holds something other than certificates"));
        }
        let Ok(certificate) = pem.parse_x509() else {
            return Some(format!("`{name}` holds what is no certificate"));
        };
        count += 1;
        let validity = certificate.validity();
        let now = now.as_second();
        if now > validity.not_after.timestamp() {
            return Some(format!("a certificate of `{name}` ended on {}", day(validity.not_after.timestamp())));
        }
        if now < validity.not_before.timestamp() {
            return Some(format!("a certificate of `{name}` begins on {}", day(validity.not_before.timestamp())));
        }
    }
    (count == 0).then(|| format!("`{name}` holds no certificate in PEM"))
}

fn day(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    jiff::tz::TimeZone::UTC.to_datetime(at).date().to_string()
}
