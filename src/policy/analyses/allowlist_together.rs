//! What the entries of the allowlist let in together, and how that compares with the zone.

use ipnet::IpNet;

use super::answer;
use crate::finding::Note;
use crate::model::facts::Fact;
use crate::model::paths::ALLOWLIST_HOST;
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::pattern::Toward;
use crate::source::Loc;

pub(super) static TOGETHER: Analysis = Analysis {
    name: "allowlist-together",
    doc: "What the entries of the allowlist let in together is no network wider than this prefix of IPv4 (of IPv6: of no \
          more host bits): halves, and halves of halves, are the whole. An entry that is as wide itself is left to the \
          rule that looks at each.",
    params: &[Param {
        name: "at-least",
        kind: ParamKind::Int,
        required: true,
        toward: Some(Toward::More),
        doc: "the shortest prefix that entries may make up together, adjustable",
    }],
    reads: &[ALLOWLIST_HOST],
    looks_at: &[],
    needs: &[],
    run: together,
};

pub(super) static WITHIN_ZONE: Analysis = Analysis {
    name: "allowlist-no-wider-than-zone",
    doc: "No entry of the allowlist holds a whole network of the device's zone and addresses beside it. Does not concern a \
          device whose zone has no networks.",
    params: &[],
    reads: &[ALLOWLIST_HOST],
    looks_at: &["zone"],
    needs: &[Need::Site],
    run: within_zone,
};

/// The entries that are networks, each with the network that it means.
fn entries<'i>(input: &Input<'i>) -> Vec<(IpNet, &'i Fact)> {
    let items = input.facts.items(ALLOWLIST_HOST).map(|list| &list.items[..]).unwrap_or_default();
    let net = |item: &'i crate::model::Item| {
        let fact = crate::policy::analysis::field(input.facts, &item.group, "net")?;
        Some((fact.value.network()?.trunc(), fact))
    };
    items.iter().filter_map(net).collect()
}

fn together(input: &Input<'_>) -> Answer {
    let least = input.int("at-least").and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
    let crowd = |net: &IpNet| net.max_prefix_len() - net.prefix_len() > 32_u8.saturating_sub(least);
    let entries = entries(input);
    let nets: Vec<IpNet> = entries.iter().map(|(net, _)| *net).filter(|net| !crowd(net)).collect();
    let made = IpNet::aggregate(&nets).into_iter().filter(crowd);
    let failed = made.filter_map(|whole| {
        let mut parts = entries.iter().filter(|(net, _)| !crowd(net) && whole.contains(net));
        let (_, first) = parts.next()?;
        let rest: Vec<_> = parts.collect();
        let path = format!("{ALLOWLIST_HOST}[{}].net", first.value.plain());
        let sentence = format!("lets in `{whole}`, together with {} more", rest.len());
        let mut cause = input.cause(path, Some(first.origin), sentence);
        cause.related =
            rest.iter().take(4).map(|(_, f)| Note { loc: f.origin.loc(), text: "with this one".to_owned() }).collect();
        Some(cause)
    });
    answer(failed.collect(), Vec::new())
}

fn within_zone(input: &Input<'_>) -> Answer {
    let own = input.device.zone.as_deref();
    let zone = input.site.site.zone.iter().find(|zone| own.is_some() && zone.name.as_ref().map(|n| n.as_str()) == own);
    let nets: Vec<IpNet> =
        zone.iter().flat_map(|z| &z.subnet).filter_map(|s| Some(s.net.as_ref()?.0.trunc())).collect();
    let (Some(own), false) = (own, nets.is_empty()) else { return Answer::NotApplicable };
    let failed = entries(input).into_iter().filter_map(|(net, fact)| {
        let inner = nets.iter().find(|of_zone| net != **of_zone && net.contains(*of_zone))?;
        let sentence = format!("is wider than the zone: `{own}` is `{inner}`");
        let mut cause =
            input.cause(format!("{ALLOWLIST_HOST}[{}].net", fact.value.plain()), Some(fact.origin), sentence);
        let place = input.site.facts.group(&format!("zone[{own}]")).map_or(Loc::NONE, |g| g.origin.loc());
        cause.related.push(Note { loc: place, text: format!("zone `{own}`") });
        Some(cause)
    });
    answer(failed.collect(), Vec::new())
}
