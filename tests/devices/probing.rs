//! Real servers are told apart from outside: versions of TLS, weak algorithms of SSH, an agent that answers everybody.

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{self, needs, plot::Plot};
use crate::server::{self, Server, free};

/// The login message that the example describes.
const BANNER: &str =
    "Property of Example Water. Authorised use only. Unauthorised access is prohibited. Use is monitored.";

/// A router that is looked at on these ports of this machine; the others are closed.
struct Looked {
    plot: Plot,
    https: u16,
    ssh: u16,
    snmp: u16,
}

impl Looked {
    fn new() -> Looked {
        let (https, ssh, snmp) = (free(), free(), UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
        let plot = Plot::new();
        let own = format!(
            "reach {{ address \"127.0.0.1\"; port {ssh} }}\n    services {{ https on port={https}; snmp off port={snmp}; \
             telnet off port={}; http off port={};",
            free(),
            free()
        );
        plot.edit("devices/ps7-router.kdl", "services { https { tls-min \"1.2\" };", &own);
        Looked { plot, https, ssh, snmp }
    }

    /// Its description names a host key.
    fn described_key(&self, digits: &str) {
        let named = format!("reach {{ host-key \"SHA256:{digits}\";");
        self.plot.edit("devices/ps7-router.kdl", "reach {", &named);
    }

    fn probe(&self) -> (Option<i32>, Vec<(String, String)>) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.args(["probe", "--device", "ps7-router", "--format", "json"]).current_dir(self.plot.site());
        let output = common::alone(&mut program).output().unwrap();
        let told = common::document("probed", &String::from_utf8_lossy(&output.stdout));
        let sights = told["devices"][0]["sights"].as_array().unwrap().iter();
        let said = |sight: &serde_json::Value, key: &str| sight[key].as_str().unwrap().to_owned();
        (output.status.code(), sights.map(|sight| (said(sight, "verdict"), said(sight, "seen"))).collect())
    }
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=ps7-router", "-keyout"])
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
}

#[test]
fn versions_of_tls_are_told_apart() {
    if !needs::must("`openssl`", Command::new("openssl").arg("version").output().is_ok()) {
        return;
    }
    let looked = Looked::new();
    let folder = looked.plot.dir.path();
    certificate(folder);
    for (flag, version) in [("-tls1", "1.0"), ("-tls1_1", "1.1"), ("-tls1_2", "1.2"), ("-tls1_3", "1.3")] {
        let mut program = Command::new("openssl");
        program.args([
            "s_server",
            "-quiet",
            "-accept",
            &format!("127.0.0.1:{}", looked.https),
            flag,
            "-cipher",
            "ALL:@SECLEVEL=0",
        ]);
        program.arg("-cert").arg(folder.join("cert.pem")).arg("-key").arg(folder.join("key.pem"));
        let _server = Server::start(&program).at(looked.https);
        let (_, sights) = looked.probe();
        for other in ["1.0", "1.1", "1.2", "1.3"] {
            let spoken = sights.iter().any(|(_, seen)| *seen == format!("it speaks TLS {other}"));
            let refused = sights.iter().any(|(_, seen)| *seen == format!("it refuses TLS {other}"));
            assert_eq!((spoken, refused), (other == version, other != version), "{flag} {other}: {sights:#?}");
        }
        let broken = sights.iter().any(|(verdict, seen)| verdict == "broken" && seen.contains("TLS"));
        assert_eq!(broken, version == "1.0" || version == "1.1", "{sights:#?}");
        // in 1.3 it goes over the wire encrypted, and is seen all the same
        let shown =
            sights.iter().filter(|(_, seen)| seen.contains("CN=ps7-router") && seen.contains("signed by itself"));
        assert_eq!(shown.count(), 1, "{flag}: {sights:#?}");
    }
}

#[test]
fn weak_algorithms_of_ssh_are_named_and_sound_ones_are_not() {
    let server = server::program("sshd");
    if !needs::must("`sshd`", server.is_some()) {
        return;
    }
    let looked = Looked::new();
    let key = looked.plot.dir.path().join("host_key");
    assert!(Command::new("ssh-keygen").args(["-q", "-t", "rsa", "-N", "", "-f"]).arg(&key).status().unwrap().success());
    let _ = std::fs::create_dir_all("/run/sshd");
    let shown = Command::new("ssh-keygen").arg("-lf").arg(key.with_extension("pub")).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    looked.described_key(shown.split_whitespace().nth(1).unwrap().trim_start_matches("SHA256:"));
    let weak = "KexAlgorithms +diffie-hellman-group14-sha1\nHostKeyAlgorithms +ssh-rsa\nCiphers +aes128-cbc\nMACs hmac-sha1,hmac-sha2-256\n";
    let sound =
        "KexAlgorithms curve25519-sha256\nHostKeyAlgorithms rsa-sha2-512\nCiphers aes256-ctr\nMACs hmac-sha2-256\n";
    for (algorithms, expected) in
        [(weak, &["diffie-hellman-group14-sha1", "ssh-rsa", "aes128-cbc", "hmac-sha1"][..]), (sound, &[])]
    {
        let config = looked.plot.dir.path().join("sshd_config");
        let banner = looked.plot.dir.path().join("banner");
        std::fs::write(&banner, format!("{BANNER}\n")).unwrap();
        let text = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nStrictModes no\nBanner {}\n{algorithms}",
            looked.ssh,
            key.display(),
            banner.display()
        );
        std::fs::write(&config, text).unwrap();
        let _server =
            Server::start(Command::new(server.as_ref().unwrap()).arg("-D").arg("-f").arg(&config)).at(looked.ssh);
        let (code, sights) = looked.probe();
        let named: Vec<&str> = sights
            .iter()
            .filter_map(|(_, seen)| seen.strip_prefix("it offers the weak `")?.strip_suffix('`'))
            .collect();
        assert_eq!(named, expected, "{sights:#?}");
        assert!(sights.iter().any(|(_, seen)| seen.starts_with("it calls itself `SSH-2.0-OpenSSH")), "{sights:#?}");
        let agrees = |told: &str| sights.iter().any(|(verdict, seen)| verdict == "agrees" && seen.contains(told));
        assert!(agrees("before the login SSH shows `Property of Example Water."), "{sights:#?}");
        assert!(agrees("its host key is SHA256:"), "{sights:#?}");
        // HTTPS is described as on, and nothing answers
        assert_eq!(code, Some(3));
    }
}

/// A server whose text and key are others than those that are described.
#[test]
fn another_text_before_the_login_and_another_key_are_told() {
    let server = server::program("sshd");
    if !needs::must("`sshd`", server.is_some()) {
        return;
    }
    let looked = Looked::new();
    let (key, banner) = (looked.plot.dir.path().join("host_key"), looked.plot.dir.path().join("banner"));
    assert!(
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap().success()
    );
    let _ = std::fs::create_dir_all("/run/sshd");
    looked.described_key(&"A".repeat(43));
    let probed = |line: &str| {
        let config = looked.plot.dir.path().join("sshd_config");
        let text = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nStrictModes no\n{line}\n",
            looked.ssh,
            key.display()
        );
        std::fs::write(&config, text).unwrap();
        let _server =
            Server::start(Command::new(server.as_ref().unwrap()).arg("-D").arg("-f").arg(&config)).at(looked.ssh);
        looked.probe().1
    };
    std::fs::write(&banner, "Welcome to everybody\n").unwrap();
    let sights = probed(&format!("Banner {}", banner.display()));
    let seen = ("differs".to_owned(), "before the login SSH shows `Welcome to everybody`".to_owned());
    assert!(sights.contains(&seen), "{sights:#?}");
    assert!(sights.iter().any(|(verdict, seen)| verdict == "differs" && seen.contains("host key")), "{sights:#?}");
    let sights = probed("");
    assert!(sights.contains(&("told".to_owned(), "before the login SSH shows no text".to_owned())), "{sights:#?}");
}

/// A web server that speaks TLS 1.3 only, whose clock is five minutes slow and whose first page has a text.
const WEB: &str = r#"
import http.server, ssl, sys
class Page(http.server.BaseHTTPRequestHandler):
    def date_time_string(self, timestamp=None):
        import email.utils, time
        return email.utils.formatdate(time.time() - 300, usegmt=True)
    def do_GET(self):
        body = b"<html><head><script>var a = '<p>';</script></head><body><h1>Property of Example\n Water.</h1> " + sys.argv[4].encode() + b"</body></html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(sys.argv[2], sys.argv[3])
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
"#;

#[test]
fn a_clock_and_a_page_are_seen_behind_tls() {
    if !needs::python("ssl") || !needs::must("`openssl`", Command::new("openssl").arg("version").output().is_ok()) {
        return;
    }
    for (text, verdict) in [("Something else", "told"), (BANNER.split_once(' ').unwrap().1, "told"), (BANNER, "agrees")]
    {
        let looked = Looked::new();
        let folder = looked.plot.dir.path();
        certificate(folder);
        let mut program = Command::new("python3");
        program.args(["-c", WEB, &looked.https.to_string()]).arg(folder.join("cert.pem")).arg(folder.join("key.pem"));
        let _server = Server::start(program.arg(text)).at(looked.https);
        let (_, sights) = looked.probe();
        let clock = sights.iter().find(|(_, seen)| seen.starts_with("its clock says ")).map(|(_, seen)| &**seen);
        let behind = ["is 4m 59s behind", "is 5m behind", "is 5m 1s behind", "is 5m 2s behind"];
        assert!(clock.is_some_and(|clock| behind.iter().any(|by| clock.contains(by))), "{sights:#?}");
        let page = sights
            .iter()
            .find(|(_, seen)| seen.starts_with("before the login HTTPS shows `Property of Example Water."));
        assert_eq!(page.map(|(verdict, _)| &**verdict), Some(verdict), "{sights:#?}");
        assert!(sights.iter().any(|(_, seen)| seen.contains("CN=ps7-router")), "{sights:#?}");
    }
}

#[test]
fn an_agent_that_answers_everybody_is_found() {
    let server = server::program("snmpd");
    if !needs::must("`snmpd`", server.is_some()) {
        return;
    }
    let looked = Looked::new();
    let config = looked.plot.dir.path().join("snmpd.conf");
    let answered = |community: &str| {
        std::fs::write(&config, format!("rocommunity {community}\n")).unwrap();
        let mut program = Command::new(server.as_ref().unwrap());
        program.args(["-f", "-Lo", "-C", "-c"]).arg(&config).arg(format!("udp:127.0.0.1:{}", looked.snmp));
        let _server = Server::start(&program);
        // an agent that begins to listen says so nowhere: it is asked again
        let mut sights = Vec::new();
        for _ in 0..5 {
            sights = looked.probe().1;
            if sights.iter().any(|(verdict, seen)| verdict == "broken" && seen.contains("SNMP")) {
                break;
            }
        }
        sights
    };
    let sights = answered("public");
    for version in ["v1", "v2c"] {
        let seen = format!("SNMP {version} answers to the community `public`, which everybody knows");
        assert!(sights.contains(&("broken".to_owned(), seen)), "{sights:#?}");
    }
    let sights = answered("4-long-and-own-one");
    assert!(sights.iter().any(|(_, seen)| seen == "SNMP answers to none of public, private"), "{sights:#?}");
}

#[test]
fn what_answers_nowhere_is_said_and_no_other_address_is_looked_at() {
    let looked = Looked::new();
    let (code, sights) = looked.probe();
    assert_eq!(code, Some(4), "{sights:#?}");
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    program.args(["probe", "--device", "192.0.2.7"]).current_dir(looked.plot.site());
    let output = common::alone(&mut program).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "an address is no device of the site");
}
