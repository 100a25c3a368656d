//! Recorded sessions: what of them is the configuration, and what may have changed it.

use super::*;

/// A session is kept as one that is read alike: what the device told of itself, and that nothing is missing.
#[test]
fn a_session_that_is_kept_says_what_was_recorded() {
    let told = "Model Name : EDR-G9010\nFirmware Version : V3.24 build 26040210\n";
    for (before, after, is_whole) in [
        (format!("MOXA EDR-G9010 Series V3.24 build 26040210\nr1# show version\n{told}r1# sh run\n"), "r1#\n", false),
        (format!("r1# show version\n{told}\nr1# show running-config\n"), "r1# exit\n", true),
        ("r1# show running-config\n".to_owned(), "r1#\n", true),
        ("r1# show running-config\n".to_owned(), "", false),
        (String::new(), "", false),
    ] {
        let recorded = format!("{before}{LINES}{after}");
        let (kept, numbers) = kept(table("mx-ros"), &recorded);
        let (one, other) = (whole(&recorded), whole(&kept));
        assert_eq!(settings(&other.facts), settings(&one.facts), "{kept}");
        let firmware = |reading: &Reading| reading.facts.value("asset.seen-firmware").map(|f| f.value.plain());
        assert_eq!(firmware(&other), firmware(&one), "{kept}");
        assert_eq!((one.whole, other.whole), (is_whole, is_whole), "{before}{after}");
        let was: Vec<&str> = recorded.lines().collect();
        let own = |line: &str, number: usize| number > 0 && line != crate::native::HIDDEN;
        for (line, number) in kept.lines().zip(numbers).filter(|(line, number)| own(line, *number)) {
            assert_eq!(line.split_whitespace().next(), was[number - 1].split_whitespace().next());
        }
    }
}

/// Settings that lines may have changed which nobody reads.
fn touched(text: &str) -> Vec<String> {
    let told = |touching: crate::dialect::exposure::Touching| match touching.touches {
        crate::native::Touches::Anything => "anything".to_owned(),
        crate::native::Touches::These(paths) => paths.join(" "),
    };
    survey(table("mx-ros"), FileId(0), text).touching.into_iter().map(told).collect()
}

#[test]
fn what_somebody_typed_and_no_table_reads_may_have_changed_anything() {
    let session = |typed: &str| format!("r# show running-config\nno ip telnet\nr{typed}\nr# exit\n");
    for typed in [
        "(config)# ip tel",
        "(config)# IP TELNET",
        "(config)# made up",
        "(config-if)# sh",
        "(config-policy)# enable",
        "# reload",
        "# reload factory-default",
        "# copy tftp 10.0.0.1 config-file x",
        "# copy startup-config running-config",
        "# configure replace x",
        "# clear config",
    ] {
        let recorded = session(typed);
        let (kept, _) = kept(table("mx-ros"), &recorded);
        for text in [&recorded, &kept] {
            assert!(!whole(text).whole, "{text}");
            assert_eq!(touched(text), ["anything"], "{text}");
        }
    }
    for typed in [
        "# exit",
        "# sh ver",
        "# show running-config | include ip",
        "# terminal length 0",
        "# write memory",
        "# save",
        "# copy running-config startup-config",
        "# copy running startup",
        "# copy running-config tftp 10.0.0.1 x",
        "# clear logging event-log",
        "# configure terminal",
        "# login mode cli",
        "(config)# end",
        "(config)# ip ssh",
        "(config)# ip tel\n^Parse error",
    ] {
        let recorded = session(typed);
        let (kept, _) = kept(table("mx-ros"), &recorded);
        for text in [&recorded, &kept] {
            assert!(whole(text).whole, "{text}");
            assert_eq!(touched(text), [""; 0], "{text}");
        }
    }
}

/// Whether a device takes short forms and capital letters no source says: the line may say what it looks like.
#[test]
fn a_line_in_other_letters_may_set_what_it_looks_like() {
    for (line, path) in [
        ("Interface trusted-access 0.0.0.0 0.0.0.0 enable", "allowlist.host"),
        ("IP TELNET", "services.telnet"),
        ("no ip tel", "services.telnet"),
        ("ip telnet enable", "services.telnet"),
        ("no logging 10.20.0.9", "log.server"),
    ] {
        let touched = touched(&format!("hostname r\n{line}\n"));
        assert!(matches!(&touched[..], [one] if one.split(' ').any(|p| p == path)), "{line}: {touched:?}");
    }
}

/// What no fact says of a static route it does not change.
#[test]
fn a_static_route_changes_routes_and_gateways() {
    assert_eq!(touched("ip route 0.0.0.0 0.0.0.0 10.20.1.254\n"), ["network.interface.gateway routing"]);
}

#[test]
fn lines_that_were_picked_out_are_of_no_block() {
    let recorded = "r# show running-config | include net\ninterface ethernet 1/1\n shutdown\nhostname r\nr#\n";
    let (kept, _) = kept(table("mx-ros"), recorded);
    for text in [recorded, &kept] {
        let reading = whole(text);
        assert_eq!((said(&reading, "identity.hostname").as_str(), reading.whole), ("r", false), "{text}");
        assert_eq!(said(&reading, "ethernet.port[1/1].enabled"), "-", "{text}");
    }
}

/// The prompt is not read for the block: what leaves one is.
#[test]
fn what_is_typed_after_a_block_was_left_is_not_of_it() {
    let shown = "r# show running-config\ninterface ethernet 1/1\n no shutdown\n";
    for (typed, left) in [
        ("r# configure\nr(config)# interface ethernet 1/2\nr(config-if)# no shutdown\nr(config-if)# exit\n", "1/2"),
        ("r# configure\nr(config)# interface ethernet 1/2\nr(config-if)# no shutdown\nr(config-if)# end\n", "1/2"),
        ("r# configure terminal\n", "1/1"),
    ] {
        let recorded = format!("{shown}{typed}r(config)# shutdown\nr(config)# exit\nr# exit\n");
        let (kept, _) = kept(table("mx-ros"), &recorded);
        for text in [&recorded, &kept] {
            assert_eq!(said(&whole(text), &format!("ethernet.port[{left}].enabled")), "on", "{text}");
            assert_eq!(touched(text), ["anything"], "{text}");
        }
    }
}
