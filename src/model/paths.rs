//! Paths of settings that code asks for. Rules, tables and descriptions name settings as data, checked when they load;
//! what code names stands here, and a test holds it against the model.

macro_rules! paths {
    ($($name:ident = $path:literal;)+) => {
        $(#[doc = concat!("`", $path, "`")] pub const $name: &str = $path;)+
        #[cfg(test)]
        const ALL: &[&str] = &[$($name),+];
    };
}

paths! {
    ACCOUNTS_ACCOUNT = "accounts.account";
    ACCOUNTS_ACCOUNT_REVIEW_BY = "accounts.account.review-by";
    ACCOUNTS_DIAL_IN = "accounts.dial-in";
    ACCOUNTS_GROUP = "accounts.group";
    ALLOWLIST = "allowlist";
    ALLOWLIST_HOST = "allowlist.host";
    ALLOWLIST_OWN_SERVICES = "allowlist.own-services";
    ASSET = "asset";
    ASSET_ID = "asset.id";
    ASSET_LOCATION = "asset.location";
    ASSET_MAC = "asset.mac";
    ASSET_OWNER = "asset.owner";
    ASSET_SEEN_FIRMWARE = "asset.seen-firmware";
    ASSET_SEEN_MODEL = "asset.seen-model";
    ASSET_SERIAL = "asset.serial";
    AUTHENTICATION_RADIUS = "authentication.radius";
    AUTHENTICATION_TACACS = "authentication.tacacs";
    CERTIFICATE = "certificate";
    CERTIFICATE_FILE = "certificate.file";
    CERTIFICATE_KEY = "certificate.key";
    CERTIFICATE_ROOT = "certificate.root";
    DHCP_HOST = "dhcp.host";
    DHCP_POOL = "dhcp.pool";
    DOT1X = "dot1x";
    DOT1X_METHOD = "dot1x.method";
    DOT1X_SERVER = "dot1x.server";
    DOT1X_USER = "dot1x.user";
    ETHERNET_AGGREGATION = "ethernet.aggregation";
    ETHERNET_CLASS = "ethernet.class";
    ETHERNET_PORT = "ethernet.port";
    EXPORTED_CONFIG_ENCRYPTED = "exported-config.encrypted";
    EXPORTED_CONFIG_PASSWORD = "exported-config.password";
    FIREWALL = "firewall";
    FIREWALL_DEFAULT = "firewall.default";
    FIREWALL_RULE = "firewall.rule";
    HARDWARE_RESET_BUTTON = "hardware.reset-button";
    IDENTITY = "identity";
    IDENTITY_HOSTNAME = "identity.hostname";
    LOGIN_AUTO_LOGOUT = "login.auto-logout";
    LOGIN_BANNER = "login.banner";
    LOGIN_FAILURE_MESSAGE = "login.failure-message";
    LOGIN_LOCKOUT = "login.lockout";
    LOGIN_LOCKOUT_AFTER = "login.lockout.after";
    LOGIN_LOCKOUT_FOR = "login.lockout.for";
    LOGIN_MAX_SESSIONS = "login.max-sessions";
    LOG_LOCAL = "log.local";
    LOG_SEND = "log.send";
    LOG_SEND_CATEGORIES = "log.send-categories";
    LOG_SERVER = "log.server";
    MAIL_SERVER = "mail.server";
    MIRROR_SESSION = "mirror.session";
    NAT_RULE = "nat.rule";
    NETWORK_DNS = "network.dns";
    NETWORK_INTERFACE = "network.interface";
    OBJECTS_ADDRESS = "objects.address";
    OBJECTS_SERVICE = "objects.service";
    PASSWORD_POLICY_MIN_LENGTH = "password-policy.min-length";
    PASSWORD_POLICY_MUST_CONTAIN = "password-policy.must-contain";
    PLATFORM = "platform";
    PLATFORM_ACCEPTS = "platform.accepts";
    PLATFORM_FIRMWARE = "platform.firmware";
    PLATFORM_MODEL = "platform.model";
    REDUNDANCY_COUPLING = "redundancy.coupling";
    REDUNDANCY_DUAL_HOMING = "redundancy.dual-homing";
    REDUNDANCY_MRP = "redundancy.mrp";
    REDUNDANCY_SPANNING_TREE = "redundancy.spanning-tree";
    REDUNDANCY_SPANNING_TREE_PRIORITY = "redundancy.spanning-tree.priority";
    REDUNDANCY_TURBO_CHAIN = "redundancy.turbo-chain";
    REDUNDANCY_TURBO_RING = "redundancy.turbo-ring";
    ROUTING = "routing";
    ROUTING_OSPF = "routing.ospf";
    ROUTING_OSPF_INTERFACE = "routing.ospf.interface";
    ROUTING_OSPF_ROUTER_ID = "routing.ospf.router-id";
    ROUTING_ROUTE = "routing.route";
    ROUTING_VRRP = "routing.vrrp";
    ROUTING_VRRP_GROUP = "routing.vrrp.group";
    ROUTING_VRRP_VERSION = "routing.vrrp.version";
    SERIAL_PORT = "serial.port";
    SERIAL_PORT_ALIAS = "serial.port.alias";
    SERIAL_PORT_MODE = "serial.port.mode";
    SERVICES = "services";
    SERVICES_HTTP = "services.http";
    SERVICES_HTTPS = "services.https";
    SERVICES_HTTPS_TLS_MIN = "services.https.tls-min";
    SERVICES_RADIUS = "services.radius";
    SERVICES_RIP = "services.rip";
    SERVICES_SNMP = "services.snmp";
    SERVICES_SNTP = "services.sntp";
    SERVICES_SSH = "services.ssh";
    SERVICES_SYSLOG = "services.syslog";
    SERVICES_TACACS = "services.tacacs";
    SERVICES_TELNET = "services.telnet";
    SNMP_COMMUNITY = "snmp.community";
    SNMP_TRAP = "snmp.trap";
    SNMP_USER = "snmp.user";
    SNMP_VERSIONS = "snmp.versions";
    SWITCHING_DHCP_SNOOPING = "switching.dhcp-snooping";
    SWITCHING_DHCP_SNOOPING_VLANS = "switching.dhcp-snooping.vlans";
    SWITCHING_IGMP_SNOOPING = "switching.igmp-snooping";
    SWITCHING_IGMP_SNOOPING_VLAN = "switching.igmp-snooping.vlan";
    SWITCHING_VLAN = "switching.vlan";
    TIME_KEY = "time.key";
    TIME_NTP = "time.ntp";
    VENDOR_SETTINGS_KEY = "vendor-settings.key";
    VENDOR_SETTINGS_LINE = "vendor-settings.line";
    VPN = "vpn";
    VPN_IPSEC = "vpn.ipsec";
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::model::shape::Shape;

    #[test]
    fn every_path_is_a_setting_of_the_model() {
        for path in ALL {
            assert!(Shape::device().fields(path).is_some(), "`{path}` is no setting");
        }
    }
}
