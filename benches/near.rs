//! Near pairs: a router, and the same with a handful of settings moved.

use fieldlock::model::Facts;
use fieldlock::model::shape::{Shape, check};
use fieldlock::source::SourceMap;
use fieldlock::syntax::parse;

/// Both ends of a pair, other ones for each number.
pub(crate) fn near(number: usize) -> (Facts, Facts) {
    (facts(&text(number, false)), facts(&text(number, true)))
}

fn text(number: usize, moved: bool) -> String {
    let at = |bit: usize| moved && (number * 37 + 11) >> bit & 1 == 1;
    let on = |is: bool| if is { "on" } else { "off" };
    let account = if at(2) { "ot" } else { "ot-admin" };
    let (ssh, telnet, http, lockout) = (on(!at(0)), on(!at(1)), on(at(3)), on(at(4)));
    let (idle, second) = (if at(5) { 5 } else { 10 }, if at(6) { 12 } else { 11 });
    let (third, log) = (if at(0) { 7 } else { 8 }, if at(1) { 9 } else { 8 });
    // every eighth moves its address, which nothing but the step itself proves
    let address = if number.is_multiple_of(8) && moved { 2 } else { 1 };
    format!(
        r#"device "r" {{
            accounts {{
                account "{account}" role="administrator" password=(stored)"r/{account}"
                account "look" role="user"
            }}
            services {{ https on; ssh {ssh}; telnet {telnet}; http {http}; snmp off }}
            login {{ lockout {lockout} after=3 for="5 min"; auto-logout "{idle} min"; max-sessions 5 }}
            allowlist on {{ host "10.20.0.10"; host "10.20.0.{second}"; host "10.20.{third}.0/24" }}
            network {{ interface "lan" {{ address "10.20.0.{address}/16" }} }}
            log {{ server "10.20.0.{log}" }}
        }}"#
    )
}

fn facts(text: &str) -> Facts {
    let file = SourceMap::new().add("r.kdl", text);
    let tree = parse(file, text).tree.expect("KDL");
    let checked = check(Shape::device(), file, &tree.nodes[0]);
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    checked.facts
}
