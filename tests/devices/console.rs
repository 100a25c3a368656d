//! The pages of a console of the lab, asked as a browser asks: what is typed is judged, kept, and read back as a sheet.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::common::plot::Plot;
use crate::lab::Lab;

/// What a console answers.
fn asked(lab: &Lab, head: &str, body: &str) -> String {
    let at = lab.console("np07");
    let mut stream = TcpStream::connect(&at).unwrap();
    let text = format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.replace("{at}", &at), body.len());
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(lab: &Lab, path: &str) -> String {
    asked(lab, &format!("GET {path} HTTP/1.1\r\nHost: {{at}}"), "")
}

/// The path of a page, by its menu.
fn page(lab: &Lab, menu: &str) -> String {
    let index = get(lab, "/");
    let before = index.split(&format!(">{}</a>", menu.replace('>', "&gt;"))).next().unwrap();
    assert!(before.len() < index.len(), "{menu}: {index}");
    before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

fn post(lab: &Lab, menu: &str, fields: &[(&str, &str)]) -> String {
    let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", coded(name), coded(value))).collect();
    let path = page(lab, menu);
    asked(lab, &format!("POST {path} HTTP/1.1\r\nHost: {{at}}\r\nOrigin: http://{{at}}"), &body.join("&"))
}

const LOCKOUT: &str = "Security > Login Settings > Login Lockout";

#[test]
fn what_a_table_takes_is_kept_and_nothing_else_of_a_page() {
    let lab = Lab::start(Plot::new(), &[]);
    let begun = get(&lab, "/sheet");
    assert!(
        begun.contains("Label\tModel\tNPort ") && begun.contains("Label\tSerial number\tTBAAB0004417\n"),
        "{begun}"
    );
    let typed = |after: &str| {
        post(
            &lab,
            LOCKOUT,
            &[("Login Lockout", "Enable"), ("Retry failure threshold", after), ("Lockout time (min)", "15")],
        )
    };
    for wrong in ["11", "0", "three", "3\tx"] {
        let answer = typed(wrong);
        assert!(answer.starts_with("HTTP/1.1 422 ") && answer.contains("Retry failure threshold"), "{wrong}: {answer}");
        assert_eq!(begun, get(&lab, "/sheet"), "{wrong}: nothing of the page is kept");
    }
    let answer = typed("3");
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(get(&lab, "/sheet").contains(&format!("{LOCKOUT}\tRetry failure threshold\t3\n")));
    assert!(get(&lab, &page(&lab, LOCKOUT)).contains("value=\"3\""), "the page shows it");
}

#[test]
fn entries_come_have_fields_of_their_own_and_go() {
    let lab = Lab::start(Plot::new(), &[]);
    let (list, accounts) = ("Security > Allowlist", "Account Management > Accounts");
    assert!(post(&lab, list, &[("IP Address", "10.20.0.10"), ("Netmask", "255.255.255.255")]).contains(" 303 "));
    assert!(get(&lab, "/sheet").contains("IP Address and Netmask\t10.20.0.10 255.255.255.255\n"));
    let host = ("IP Address and Netmask", "10.20.0.10 255.255.255.255");
    let again = post(&lab, list, &[host, ("IP Address", "10.20.0.10"), ("Netmask", "255.255.255.255")]);
    assert!(again.contains("it is there already"), "{again}");
    assert!(post(&lab, list, &[host, ("Delete entry", host.1)]).contains(" 303 "));
    assert!(!get(&lab, "/sheet").contains("10.20.0.10"));

    assert!(post(&lab, accounts, &[("Account Name", "ot-lead")]).contains(" 303 "));
    let secret = "Canary-of-a-password-1";
    let more = [("Account Name", "ot-lead"), ("ot-lead: Password", secret), ("ot-lead: Status", "Active")];
    assert!(post(&lab, accounts, &more).contains(" 303 "));
    let (sheet, shown) = (get(&lab, "/sheet"), get(&lab, &page(&lab, accounts)));
    assert!(sheet.contains("ot-lead: Password\t") && shown.contains("one is set"), "{sheet}");
    assert!(!sheet.contains(secret) && !shown.contains(secret), "no secret is kept");
    // saved again without it: it stays
    assert!(post(&lab, accounts, &[more[0], ("ot-lead: Password", ""), more[2]]).contains(" 303 "));
    assert!(get(&lab, "/sheet").contains("ot-lead: Password\t"));
}

#[test]
fn each_page_says_what_it_is_and_nobody_elses_page_is_answered() {
    let lab = Lab::described(Plot::new(), &[]);
    let menus = get(&lab, "/").matches("href=\"/page/").count();
    assert!(menus > 15, "{menus} pages");
    for number in 1..=menus {
        let shown = get(&lab, &format!("/page/{number}"));
        assert!(shown.starts_with("HTTP/1.1 200 ") && shown.contains("the look is not the vendor's"), "{shown}");
    }
    for path in ["/page/0", "/page/99", "/page/x", "/other"] {
        assert!(get(&lab, path).starts_with("HTTP/1.1 404 "), "{path}");
    }
    let foreign = asked(&lab, "GET /sheet HTTP/1.1\r\nHost: attacker.example", "");
    assert!(foreign.starts_with("HTTP/1.1 403 ") && !foreign.contains("np07"), "{foreign}");
    let foreign = asked(&lab, "POST /page/1 HTTP/1.1\r\nHost: {at}\r\nOrigin: http://attacker.example", "a=b");
    assert!(foreign.starts_with("HTTP/1.1 403 "), "{foreign}");
    let hidden = |from: &str| {
        let head = format!("POST /page/1 HTTP/1.1\r\nHost: {{at}}\r\nOrigin: null\r\nSec-Fetch-Site: {from}");
        asked(&lab, &head, "")
    };
    assert!(hidden("cross-site").starts_with("HTTP/1.1 403 "), "a page that hides where it is");
    assert!(hidden("same-origin").starts_with("HTTP/1.1 303 "), "our own does that");
    // as it is described, with its secrets covered
    let sheet = get(&lab, "/sheet");
    assert!(
        sheet.contains("Retry failure threshold\t3\n") && sheet.contains("ot-lead: Password\t<hidden>\n"),
        "{sheet}"
    );
}
