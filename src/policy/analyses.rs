//! The named analyses, in order of their names; one file each.

mod accounts;
mod addresses;
mod agreeing;
mod allowlist_apart;
mod allowlist_together;
mod approved_log_server;
mod backup_password;
mod banner_elements;
mod capture_age;
mod capture_firmware;
mod capture_identity;
mod certificate_file;
mod certificate_lasts;
mod certificate_unique;
mod changes;
mod community_not_default;
mod conduits;
mod entries;
mod every_port_has_a_mode;
mod every_port_is_described;
mod factory_accounts;
mod failure_message;
mod filter_ends;
mod filter_rules;
mod firmware;
mod firmware_listed;
mod hardening_pack;
mod known_holes;
mod legs;
mod link_ends;
mod management_host_allowed;
mod management_path_left;
mod names_are_used;
mod nat_rule;
mod nat_targets;
mod neighbours;
mod next_hops;
mod one_of_a_kind;
mod own_certificate;
mod pair_addresses;
mod pair_encryption;
mod pair_peers_match;
mod port_parts;
mod reviews_not_overdue;
mod ring_masters;
mod rule_conduits;
mod rule_is_reached;
mod secret_reuse;
mod secrets;
mod serial_clients;
mod serial_port_numbers;
mod servers;
mod services_have_purpose;
mod shared_secret;
mod snmp_keys;
mod spoken;
mod subnets_apart;
mod tunnel_end;
mod tunnel_ends;
mod twins;
mod vlan_ways;
mod zone_level;

use super::analysis::{Analysis, Answer};
use super::pattern::Cause;

/// All of them.
pub(super) const ALL: &[&Analysis] = &[
    &addresses::ANALYSIS,
    &accounts::ADMINISTRATORS,
    &allowlist_apart::ANALYSIS,
    &allowlist_together::WITHIN_ZONE,
    &allowlist_together::TOGETHER,
    &approved_log_server::ANALYSIS,
    &backup_password::ANALYSIS,
    &banner_elements::ANALYSIS,
    &capture_age::ANALYSIS,
    &capture_identity::ANALYSIS,
    &own_certificate::CHAIN,
    &certificate_file::ANALYSIS,
    &own_certificate::ISSUED,
    &own_certificate::KEY,
    &certificate_lasts::ANALYSIS,
    &own_certificate::LIFE,
    &own_certificate::NAMES,
    &own_certificate::PRIVATE_KEY,
    &own_certificate::SIGNATURE,
    &certificate_unique::ANALYSIS,
    &own_certificate::VALID,
    &changes::KEEP,
    &changes::LEAVE,
    &community_not_default::ANALYSIS,
    &conduits::ANALYSIS,
    &every_port_has_a_mode::ANALYSIS,
    &every_port_is_described::ANALYSIS,
    &factory_accounts::ANALYSIS,
    &failure_message::ANALYSIS,
    &filter_ends::ANALYSIS,
    &firmware_listed::APPROVED,
    &firmware_listed::EVIDENCE,
    &firmware_listed::ONE,
    &known_holes::ANALYSIS,
    &accounts::GROUPS,
    &hardening_pack::ANALYSIS,
    &changes::KNOWN,
    &link_ends::ANALYSIS,
    &management_host_allowed::ANALYSIS,
    &vlan_ways::REACHABLE,
    &management_path_left::ANALYSIS,
    &names_are_used::ANALYSIS,
    &nat_targets::ANALYSIS,
    &vlan_ways::NATIVE,
    &neighbours::ANALYSIS,
    &next_hops::ANALYSIS,
    &twins::ANALYSIS,
    &twins::SETTING,
    &agreeing::NAMES,
    &one_of_a_kind::ANALYSIS,
    &port_parts::PARTS,
    &port_parts::PROTOCOLS,
    &pair_peers_match::ANALYSIS,
    &reviews_not_overdue::ANALYSIS,
    &ring_masters::ANALYSIS,
    &rule_is_reached::ANALYSIS,
    &rule_conduits::ANALYSIS,
    &agreeing::SETTING,
    &secrets::CLASSES,
    &secrets::LENGTH,
    &secrets::NOT_DEFAULT,
    &secrets::NOT_GUESSED,
    &secret_reuse::WITHIN,
    &secret_reuse::ACROSS,
    &serial_clients::ANALYSIS,
    &serial_port_numbers::ANALYSIS,
    &servers::ANALYSIS,
    &servers::REACHED,
    &services_have_purpose::ANALYSIS,
    &shared_secret::ANALYSIS,
    &snmp_keys::ANALYSIS,
    &vlan_ways::SNOOPING,
    &subnets_apart::ANALYSIS,
    &tunnel_ends::ANALYSIS,
    &shared_secret::TUNNELS,
    &accounts::WATCHERS,
    &zone_level::ANALYSIS,
];

/// What fails goes before what is not known; with neither it holds.
fn answer(failed: Vec<Cause>, unknown: Vec<Cause>) -> Answer {
    match (failed.is_empty(), unknown.is_empty()) {
        (false, _) => Answer::Fail(failed),
        (true, false) => Answer::Unknown(unknown),
        (true, true) => Answer::Pass,
    }
}
