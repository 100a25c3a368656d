//! The programs of others: OpenSSH's client and netmiko's driver against a lab, and our client against OpenSSH's server
//! that has the command line of a lab for a shell.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{self, needs, plot::Plot, project};
use crate::lab::Lab;
use crate::server::{self, Server, free};

/// OpenSSH's client with a password, and what it is told to type.
fn ssh(lab: &Lab, device: &str, password: &str, typed: &str) -> (bool, String) {
    let ask = lab.plot.dir.path().join("ask");
    std::fs::write(&ask, "#!/bin/sh\nprintf '%s\\n' \"$LAB_PASSWORD\"\n").unwrap();
    std::fs::set_permissions(&ask, PermissionsExt::from_mode(0o700)).unwrap();
    let mut program = Command::new("ssh");
    program.args(["-tt", "-p", &lab.at(device).0.to_string(), "-o", "StrictHostKeyChecking=no"]);
    program.args(["-o", "UserKnownHostsFile=/dev/null", "-o", "NumberOfPasswordPrompts=1", "-o", "LogLevel=ERROR"]);
    program.args(["-o", "PubkeyAuthentication=no", "ot-admin@127.0.0.1"]);
    program.env("SSH_ASKPASS", &ask).env("SSH_ASKPASS_REQUIRE", "force").env("LAB_PASSWORD", password);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = common::alone(&mut program).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_client_of_openssh_changes_saves_and_restarts_a_device() {
    if !needs::program("ssh") {
        return;
    }
    let lab = Lab::described(Plot::new(), &[]);
    let password = lab.password("ps7-router");
    let typed = "terminal length 0\rconfigure\rhostname ps9\rip tellnet\rexit\rsave\rshow startup-config\r\
                 reload\rn\rexit\r";
    let (well, shown) = ssh(&lab, "ps7-router", &password, typed);
    assert!(well, "{shown}");
    for told in [
        "MOXA EDR-G9010 Series  V3.24",
        "ps7-router(config)# ",
        "^Parse error",
        "Successful!",
        "hostname ps9",
        "Proceed with reload ? [Y/n]",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(shown.contains("ps7-router# exit"), "the prompt of a session stays: {shown}");
    let (_, shown) = ssh(&lab, "ps7-router", &password, "show version\rexit\r");
    assert!(shown.contains("ps9# "), "the next one has the new name: {shown}");
    assert!(!shown.contains(&password));

    // three wrong passwords lock it, for the right one too
    for _ in 0..3 {
        assert!(!ssh(&lab, "ps7-router", "wrong-one", "").0);
    }
    assert!(!ssh(&lab, "ps7-router", &password, "exit\r").0, "it is locked");
}

#[test]
fn pages_are_turned_by_hand() {
    if !needs::program("ssh") {
        return;
    }
    let lab = Lab::described(Plot::new(), &[]);
    let typed = format!("show running-config\r{}exit\r", " ".repeat(40));
    let (well, shown) = ssh(&lab, "ps7-router", &lab.password("ps7-router"), &typed);
    assert!(well && shown.contains("--More--"), "{shown}");
}

#[test]
fn the_driver_of_netmiko_is_content() {
    if !needs::python("netmiko") {
        return;
    }
    let lab = Lab::described(Plot::new(), &[]);
    let mut program = Command::new("python3");
    program.arg(project("tests/python/netmiko_talks.py")).arg(lab.at("sw04").0.to_string());
    let output = program.env("LAB_PASSWORD", lab.password("sw04")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Our client logs in to a real server: as an account that the machine has, `NAME:PASSWORD` in FIELDLOCK_LAB_ACCOUNT.
#[test]
fn our_client_talks_to_the_server_of_openssh() {
    let Some(examined) = Examined::start("ecdsa", "") else { return };
    let (code, text) = examined.doctor();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("it shows") && !text.contains(&examined.password), "{text}");
}

/// A menu that comes again with every empty line is like a prompt: that there is no configuration behind it is said,
/// with what to do.
#[test]
fn a_menu_is_no_configuration() {
    let Some(examined) = Examined::start("ecdsa", "") else { return };
    let menu =
        "#!/bin/sh\nprintf '1. Basic\\n2. Log out\\nSelection: '\nwhile read -r _; do printf 'Selection: '; done\n";
    std::fs::write(examined.plot.dir.path().join("shell"), menu).unwrap();
    let (code, text) = examined.doctor();
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("ok    login") && text.contains("FAILS configuration"), "{text}");
    assert!(text.contains("Selection:") && text.contains("login mode cli"), "{text}");
}

/// A server with nothing better is spoken to only where its description names what is weak.
#[test]
fn no_weak_algorithm_is_spoken_unless_the_device_names_it() {
    for (algorithms, named) in [
        ("KexAlgorithms diffie-hellman-group14-sha1\n", "diffie-hellman-group14-sha1"),
        ("HostKeyAlgorithms ssh-rsa\n", "ssh-rsa"),
        ("Ciphers aes256-cbc\n", "aes256-cbc"),
        ("MACs hmac-sha1\nCiphers aes256-ctr\n", "hmac-sha1"),
    ] {
        let Some(examined) = Examined::start("rsa", algorithms) else { return };
        let (code, text) = examined.doctor();
        assert_eq!(code, Some(4), "{text}");
        assert!(
            text.contains(&format!("weak \\\"{named}\\\"")) || text.contains(&format!("weak \"{named}\"")),
            "{text}"
        );
        examined.plot.edit("devices/ps7-router.kdl", "reach {", &format!("reach {{ weak \"{named}\";"));
        open(examined.plot.dir.path());
        let (code, text) = examined.doctor();
        assert_eq!(code, Some(0), "{named}: {text}");
    }
}

/// A router that is described as what a real server is.
struct Examined {
    plot: Plot,
    password: String,
    _server: Server,
}

impl Examined {
    fn start(key: &str, algorithms: &str) -> Option<Examined> {
        let account = std::env::var("FIELDLOCK_LAB_ACCOUNT").ok();
        let (Some(server), Some(account)) = (server::program("sshd"), account) else {
            needs::must("sshd and an account for it in FIELDLOCK_LAB_ACCOUNT", false);
            return None;
        };
        let (name, password) = account.split_once(':').unwrap();
        let plot = Plot::new();
        let port = free();
        let file = plot.dir.path().join("host_key");
        let made = Command::new("ssh-keygen").args(["-q", "-t", key, "-N", "", "-f"]).arg(&file).status().unwrap();
        assert!(made.success());
        let (site, secrets) = (plot.site(), crate::lab::secrets(&plot));
        let shown = Command::new("ssh-keygen").arg("-lf").arg(file.with_extension("pub")).output().unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        let fingerprint = shown.split_whitespace().nth(1).unwrap();
        let reach = format!(
            "reach {{ address \"127.0.0.1\"; port {port}; account \"{name}\"; host-key \"{fingerprint}\" }}\n    \
             accounts {{ account \"{name}\" role=\"administrator\" owner=\"ot-lead\" }}\n    zone \"control\""
        );
        plot.edit("devices/ps7-router.kdl", "zone \"control\"", &reach);
        plot.put(&format!("../secrets/ps7-router/{name}"), password.as_bytes());
        // the account may look into no folder of whoever runs the tests
        let (shell, own) = (plot.dir.path().join("shell"), plot.dir.path().join("fieldlock"));
        // by another process: while a test's own thread forks, a file that we write can't be run
        assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_fieldlock")).arg(&own).status().unwrap().success());
        let command = format!(
            "#!/bin/sh\nexec '{}' lab '{}' --described --secrets '{}' --shell ps7-router\n",
            own.display(),
            site.display(),
            secrets.display()
        );
        std::fs::write(&shell, command).unwrap();
        let config = plot.dir.path().join("sshd_config");
        let text = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nUsePAM no\nPasswordAuthentication yes\n\
             KbdInteractiveAuthentication no\nStrictModes no\nForceCommand {}\nPrintMotd no\nUseDNS no\n{algorithms}",
            file.display(),
            shell.display()
        );
        std::fs::write(&config, text).unwrap();
        // the account that is let in reads the site
        open(plot.dir.path());
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let _ = std::fs::create_dir_all("/run/sshd");
        let mut program = Command::new(server);
        program.arg("-D").arg("-f").arg(&config).arg("-E").arg(plot.dir.path().join("sshd.log"));
        let server = Server::start(&program).at(port);
        Some(Examined { password: password.to_owned(), plot, _server: server })
    }

    fn doctor(&self) -> (Option<i32>, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.args(["doctor", "ps7-router", "--secrets"]).arg(crate::lab::secrets(&self.plot));
        let output = common::alone(program.current_dir(self.plot.site())).output().unwrap();
        let log = std::fs::read_to_string(self.plot.dir.path().join("sshd.log")).unwrap_or_default();
        let told = [&output.stdout[..], &output.stderr[..], log.as_bytes()].concat();
        (output.status.code(), String::from_utf8_lossy(&told).into_owned())
    }
}

/// Everybody on this machine may look into a folder.
fn open(folder: &Path) {
    for (name, _) in common::files(folder) {
        let path = folder.join(&name);
        if name.ends_with("host_key") {
            continue;
        }
        let mode = if name == "shell" || name == "fieldlock" { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        for above in path.ancestors().skip(1).take_while(|above| above.starts_with(folder)) {
            std::fs::set_permissions(above, PermissionsExt::from_mode(0o755)).unwrap();
        }
    }
}
