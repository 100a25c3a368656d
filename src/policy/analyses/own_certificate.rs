//! The device's own certificate, where one is imported: who issued it, for what and how long, over which key.

use std::net::IpAddr;

use super::answer;
use crate::model::facts::{Fact, Value};
use crate::model::paths::{
    CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_KEY, CERTIFICATE_ROOT, IDENTITY_HOSTNAME, NETWORK_INTERFACE,
};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::certificate::own::{self, Chain};
use crate::policy::certificate::private_key::{Pairing, pairing};
use crate::policy::certificate::problem;
use crate::policy::pattern::{Cause, Toward};

/// An analysis of the file alone, which does not concern a device whose certificate is its own making or can't be read.
const OF_THE_FILE: Analysis = Analysis {
    name: "",
    doc: "",
    params: &[],
    reads: &[],
    looks_at: &[CERTIFICATE, CERTIFICATE_FILE],
    needs: &[Need::Files, Need::Clock],
    run: |_| Answer::NotApplicable,
};

pub(super) static CHAIN: Analysis = Analysis {
    name: "certificate-chain",
    doc: "The file of an imported certificate is there and holds certificates in PEM: first the device's own, which is no \
          CA's and for servers, then each that signed the one before, and the last is signed by one of `root`. Those of \
          `root` are what `certificate-file` asks. Signatures are verified, but for those by curves of 521 bits.",
    looks_at: &[CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_ROOT],
    run: |input| {
        if input.tag(&input.facts.root, CERTIFICATE).map(|f| &f.value) != Some(&Value::Word("imported")) {
            return Answer::NotApplicable;
        }
        let at = input.facts.group(CERTIFICATE).map(|group| group.origin);
        let missing = |path: &str, sentence: &str| input.cause(path, at, sentence);
        let mut failed = Vec::new();
        let Some((fact, file)) = text(input, CERTIFICATE_FILE) else {
            failed.push(missing(CERTIFICATE_FILE, "is not set: which certificate is imported is not known"));
            return answer(failed, Vec::new());
        };
        let Some((root_fact, root)) = text(input, CERTIFICATE_ROOT) else {
            failed.push(missing(
                CERTIFICATE_ROOT,
                "is not set: nothing says which authority the certificate goes back to",
            ));
            return answer(failed, Vec::new());
        };
        let read = |name: &str| input.files.read(name).map_err(|reason| format!("`{name}` can't be read: {reason}"));
        let of_root = || read(root).map_or_else(Some, |bytes| problem(root, &bytes, input.now));
        if let Some(wrong) = input.seen.problem(root, of_root) {
            failed.push(input.cause(CERTIFICATE_ROOT, Some(root_fact.origin), wrong));
        }
        let chain = match (read(file), read(root)) {
            (Err(reason), _) => Chain::Broken(reason),
            (Ok(bytes), Ok(roots)) if failed.is_empty() => own::chain((file, &bytes), (root, &roots), input.now),
            _ => Chain::Whole,
        };
        let at_file = |sentence| input.cause(CERTIFICATE_FILE, Some(fact.origin), sentence);
        let mut unknown = Vec::new();
        match chain {
            Chain::Whole => {}
            Chain::Broken(why) => failed.push(at_file(why)),
            Chain::Unverified(why) => unknown.push(at_file(why)),
        }
        answer(failed, unknown)
    },
    ..OF_THE_FILE
};

pub(super) static ISSUED: Analysis = Analysis {
    name: "certificate-issued",
    doc: "An imported certificate did not sign itself.",
    run: |input| of_file(input, own::self_signed),
    ..OF_THE_FILE
};

/// A parameter that says the least or most of something.
const fn limit(name: &'static str, toward: Toward, doc: &'static str) -> Param {
    Param { name, kind: ParamKind::Int, required: true, toward: Some(toward), doc }
}

pub(super) static KEY: Analysis = Analysis {
    name: "certificate-key",
    doc: "An imported certificate's key is of RSA with so many bits, or on a curve with so many.",
    params: &[
        limit("rsa", Toward::More, "fewest bits of a key of RSA"),
        limit("curve", Toward::More, "fewest bits of a curve"),
    ],
    run: |input| {
        let least = |name: &str| input.int(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        of_file(input, |name, bytes| own::weak(name, bytes, least("rsa"), least("curve")))
    },
    ..OF_THE_FILE
};

pub(super) static VALID: Analysis = Analysis {
    name: "certificate-valid",
    doc: "The certificates of an imported file are valid now, and none ends within so many `days`.",
    params: &[limit("days", Toward::More, "how many days are to be left")],
    run: |input| of_file(input, |name, bytes| own::ends(name, bytes, input.now, input.int("days").unwrap_or(0))),
    ..OF_THE_FILE
};

pub(super) static LIFE: Analysis = Analysis {
    name: "certificate-life",
    doc: "An imported certificate is valid for so many `days` at most, from its first to its last.",
    params: &[limit("days", Toward::Less, "how many days there may be")],
    run: |input| of_file(input, |name, bytes| own::lives_longer(name, bytes, input.int("days").unwrap_or(i64::MAX))),
    ..OF_THE_FILE
};

pub(super) static SIGNATURE: Analysis = Analysis {
    name: "certificate-signature",
    doc: "The certificates of an imported file are signed over a hash of the SHA-2 family.",
    run: |input| of_file(input, own::forgeable),
    ..OF_THE_FILE
};

pub(super) static NAMES: Analysis = Analysis {
    name: "certificate-names",
    doc: "An imported certificate's subject alternative name holds one of the addresses of the device's interfaces, or its \
          host name, alone or with a domain behind it. Does not concern a device of which neither is known.",
    looks_at: &[CERTIFICATE, CERTIFICATE_FILE, NETWORK_INTERFACE, IDENTITY_HOSTNAME],
    run: |input| {
        let interfaces = input.items(NETWORK_INTERFACE).unwrap_or_default().iter();
        let known = interfaces.filter_map(|item| input.field(&item.group, "address")?.value.network());
        let addresses: Vec<IpAddr> = known.map(|net| net.addr().to_canonical()).collect();
        let host = text(input, IDENTITY_HOSTNAME).map(|(_, host)| host).filter(|host| !host.is_empty());
        if addresses.is_empty() && host.is_none() {
            return Answer::NotApplicable;
        }
        of_file(input, |name, bytes| own::for_another(name, bytes, &addresses, host.as_slice()))
    },
    ..OF_THE_FILE
};

pub(super) static PRIVATE_KEY: Analysis = Analysis {
    name: "certificate-private-key",
    doc: "The secret that is named as the private key of an imported certificate is its own. Does not concern a device \
          that names none: whoever issued the certificate may keep it.",
    looks_at: &[CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_KEY],
    needs: &[Need::Files, Need::Secrets],
    run: |input| {
        let Some(fact) = input.fact(CERTIFICATE_KEY) else { return Answer::NotApplicable };
        let Value::Secret(name) = &fact.value else { return Answer::NotApplicable };
        let Some(key) = input.secrets.get(name) else {
            return Answer::Unknown(vec![super::secrets::missing(
                input,
                CERTIFICATE_KEY.to_owned(),
                name,
                fact.origin,
            )]);
        };
        let paired = file(input).and_then(|(_, file, bytes)| pairing(file, &bytes, key));
        let say = |sentence: &str| vec![input.cause(CERTIFICATE_KEY, Some(fact.origin), sentence)];
        match paired {
            None => Answer::NotApplicable,
            Some(Pairing::Own) => Answer::Pass,
            Some(Pairing::Anothers) => Answer::Fail(say("is the private key of another certificate")),
            Some(Pairing::Unknown(why)) => Answer::Unknown(say(why)),
        }
    },
    ..OF_THE_FILE
};

fn text<'i>(input: &'i Input<'_>, path: &str) -> Option<(&'i Fact, &'i str)> {
    input.fact(path).and_then(|fact| Some((fact, fact.value.text()?)))
}

/// The file of an imported certificate, where it can be read.
fn file<'i>(input: &'i Input<'_>) -> Option<(&'i Fact, &'i str, Vec<u8>)> {
    let (fact, name) = text(input, CERTIFICATE_FILE)?;
    Some((fact, name, input.files.read(name).ok()?))
}

fn of_file(input: &Input<'_>, wrong: impl FnOnce(&str, &[u8]) -> Option<String>) -> Answer {
    let Some((fact, name, bytes)) = file(input) else { return Answer::NotApplicable };
    let cause = |sentence: String| -> Cause { input.cause(CERTIFICATE_FILE, Some(fact.origin), sentence) };
    answer(wrong(name, &bytes).map(cause).into_iter().collect(), Vec::new())
}
