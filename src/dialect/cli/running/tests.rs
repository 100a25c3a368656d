use super::*;
use crate::dialect::Tables;
use crate::model::device::PlatformKind;
use crate::native::Form;

fn table(kind: PlatformKind) -> &'static Table {
    match &Tables::shipped(kind).of(Form::Cli).unwrap().table {
        crate::dialect::Table::Cli(table) => table,
        _ => unreachable!(),
    }
}

/// Carries lines out as a session does, and shows what is in force; refused ones in front.
fn after(kind: PlatformKind, text: &str) -> Vec<String> {
    let mut running = Running::empty(table(kind));
    let (mut block, mut refused) = (None, Vec::new());
    for line in text.lines() {
        match line {
            "exit" => block = block.and_then(Block::left),
            line => match running.take(block.as_ref(), line) {
                Taken::Opened(opened) => block = Some(opened),
                Taken::Done => {}
                other => refused.push(format!("{other:?} {line}")),
            },
        }
    }
    refused.extend(running.show(&|_| "<hidden>".to_owned()));
    refused
}

#[test]
fn a_later_line_takes_the_place_of_the_one_before() {
    let ros = |text: &str| after(PlatformKind::MxRos, text);
    assert_eq!(ros("ip telnet\nhostname a\nno ip telnet\nhostname b"), ["hostname b", "no ip telnet"]);
    assert_eq!(
        ros(
            "username a password p1 privilege 1\nusername a privilege 3\nusername b password q privilege 1\nno username b"
        ),
        ["username a password <hidden> privilege 3"]
    );
    assert_eq!(
        ros("interface trusted-access 10.0.0.1 255.255.255.255 enable\ninterface trusted-access\n\
             no interface trusted-access 10.0.0.1 255.255.255.255"),
        ["interface trusted-access"]
    );
    assert_eq!(ros("ntp remote-server 10.0.0.1\nntp remote-server 10.0.0.2\nno ntp remote-server 10.0.0.1").len(), 1);
    assert_eq!(ros("clock timezone gmt 1\nclock timezone gmt 2"), ["clock timezone gmt 2"]);
    assert_eq!(ros("dos null-scan\nno dos null-scan"), Vec::<String>::new());
}

/// Nothing but the name in it tells one rule from another.
#[test]
fn a_block_that_is_named_by_what_stands_in_it_is_another_one_each_time() {
    let rules = "l3l7-policy\nname historian\nenable\naction allow\nexit\nl3l7-policy\nname rest\naction deny\nexit";
    let shown = after(PlatformKind::MxRos, rules);
    let wanted =
        "l3l7-policy\n name historian\n enable\n action allow\nexit\nl3l7-policy\n name rest\n action deny\nexit";
    assert_eq!(shown.join("\n"), wanted);
}

#[test]
fn blocks_hold_the_lines_of_their_entries() {
    let text =
        "interface ethernet 1/2-3\nshutdown\nswitchport access vlan 5\nexit\ninterface ethernet 1/2\nno shutdown";
    assert_eq!(
        after(PlatformKind::MxNos, text),
        [
            "interface ethernet 1/2",
            " no shutdown",
            " switchport access vlan 5",
            "exit",
            "interface ethernet 1/3",
            " shutdown",
            " switchport access vlan 5",
            "exit"
        ]
    );
}

/// What agrees on keys is of its tunnel, wherever it was typed, and is left before the tunnel is.
#[test]
fn a_mode_within_a_block_holds_its_lines() {
    let tunnels = "ipsec scada\nphase2\nencryption aes256\nexit\nremote-gateway 203.0.113.10\nphase1\nlife-time 60\n\
                   life-time 90\nauth-mode psk word\nstartup-mode wait\nexit\nexit\nipsec plant\nphase1\nike-mode main\n\
                   exit\nremote-gateway 203.0.113.11\nexit\nipsec scada\nphase1\nike-version ikev2";
    let shown = after(PlatformKind::MxRos, tunnels);
    let wanted = "Strange startup-mode wait\nipsec scada\n remote-gateway 203.0.113.10\n phase1\n  auth-mode psk <hidden>\n\
                  \u{20} ike-version ikev2\n  life-time 90\n exit\n phase2\n  encryption aes256\n exit\nexit\nipsec plant\n\
                  \u{20}remote-gateway 203.0.113.11\n phase1\n  ike-mode main\n exit\nexit";
    assert_eq!(shown.join("\n"), wanted);
}

#[test]
fn what_no_table_has_is_strange_and_a_value_that_is_not_taken_is_told() {
    let told = after(PlatformKind::MxRos, "ip tellnet\npassword-policy minimum-length 99\nsave\nhostname r");
    assert_eq!(told, ["Strange ip tellnet", "Value password-policy minimum-length 99", "Exec save", "hostname r"]);
}

proptest::proptest! {
    #[test]
    fn any_words_leave_a_configuration_that_can_be_shown(lines in proptest::collection::vec(
        "(no )?(username|hostname|ip|interface|vlan|l3l7-policy|logging|exit|snmp|\\PC)( [a-z0-9./-]{1,8}| \\PC){0,5}", 0..12)) {
        for kind in [PlatformKind::MxRos, PlatformKind::MxNos] {
            after(kind, &lines.join("\n"));
        }
    }
}
