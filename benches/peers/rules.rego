package fieldlock
import rego.v1

duration_s(text) := to_number(parts[0]) * unit[parts[1]] if {
	parts := split(text, " ")
	count(parts) == 2
}
unit := {"s": 1, "min": 60, "h": 3600, "d": 86400}

# 1 password length
deny contains msg if {
	input["password-policy"]["min-length"] < 8
	msg := sprintf("%s: password length %d is below 8", [input.name, input["password-policy"]["min-length"]])
}
deny contains msg if {
	not input["password-policy"]["min-length"]
	msg := sprintf("%s: no password length", [input.name])
}
# 2 classes of characters
deny contains msg if {
	some class in ["upper", "lower", "digit", "special"]
	not class in input["password-policy"]["must-contain"]
	msg := sprintf("%s: passwords need no %s", [input.name, class])
}
# 3 services that must be off
deny contains msg if {
	some service in ["telnet", "http", "vendor-service", "rip", "wins", "radius", "dhcp-client"]
	input.services[service].enabled == true
	msg := sprintf("%s: %s is on", [input.name, service])
}
# 4 https on
deny contains msg if {
	not input.services.https.enabled
	msg := sprintf("%s: https is off", [input.name])
}
# 5 tls
deny contains msg if {
	input.services.https.enabled
	version := input.services.https["tls-min"]
	to_number(version) < 1.2
	msg := sprintf("%s: TLS %s", [input.name, version])
}
# 6 auto logout
deny contains msg if {
	input.login["auto-logout"] == "never"
	msg := sprintf("%s: sessions never end", [input.name])
}
deny contains msg if {
	seconds := duration_s(input.login["auto-logout"])
	seconds > 600
	msg := sprintf("%s: sessions end after %d s", [input.name, seconds])
}
# 7 lockout
deny contains msg if {
	not input.login.lockout.enabled
	msg := sprintf("%s: no lockout", [input.name])
}
deny contains msg if {
	input.login.lockout.after > 5
	msg := sprintf("%s: lockout after %d", [input.name, input.login.lockout.after])
}
deny contains msg if {
	seconds := duration_s(input.login.lockout["for"])
	seconds < 300
	msg := sprintf("%s: locked for %d s only", [input.name, seconds])
}
# 8 banner
deny contains msg if {
	some element in ["authori[sz]ed", "prohibited|forbidden", "monitored|recorded|logged"]
	not regex.match(element, lower(input.login.banner))
	msg := sprintf("%s: the banner lacks %s", [input.name, element])
}
# 9 banner gives nothing away
deny contains msg if {
	regex.match(`welcome|moxa|nport|firmware`, lower(input.login.banner))
	msg := sprintf("%s: the banner says what it is", [input.name])
}
# 10 snmp
deny contains msg if {
	input.services.snmp.enabled
	some version in input.services.snmp.versions
	version != "v3"
	msg := sprintf("%s: SNMP %s", [input.name, version])
}
# 11 default accounts
deny contains msg if {
	some name, account in input.accounts.account
	name in {"admin", "user", "root", "guest"}
	account != "removed"
	not account.removed
	msg := sprintf("%s: default account %s", [input.name, name])
}
# 12 accounts have owners
deny contains msg if {
	some name, account in input.accounts.account
	not account.removed
	not account.owner
	msg := sprintf("%s: account %s has no owner", [input.name, name])
}
# 13 administrator left
deny contains msg if {
	administrators := {name |
		some name, account in input.accounts.account
		object.get(account, "group", object.get(account, "role", "")) in {"Administrator", "administrator"}
		object.get(account, "enabled", true)
	}
	count(administrators) == 0
	msg := sprintf("%s: no administrator", [input.name])
}
# 14 allowlist
deny contains msg if {
	not input.allowlist.enabled
	msg := sprintf("%s: no allowlist", [input.name])
}
deny contains msg if {
	some address, _ in input.allowlist.host
	not net.cidr_contains("10.20.0.0/16", address)
	msg := sprintf("%s: %s is no station", [input.name, address])
}
# 15 log servers
deny contains msg if {
	count(object.get(input, ["log", "server"], {})) == 0
	msg := sprintf("%s: no log server", [input.name])
}
deny contains msg if {
	some address, server in input.log.server
	not address in {"10.20.0.9"}
	msg := sprintf("%s: %s is no log server of the site", [input.name, address])
}
# 16 what is logged
deny contains msg if {
	some event in ["login", "login-fail", "lockout", "account-change", "config-change"]
	not event in input.log.send
	msg := sprintf("%s: %s is not sent", [input.name, event])
}
# 17 time servers
deny contains msg if {
	count(object.get(input, ["time", "ntp"], [])) == 0
	msg := sprintf("%s: no time server", [input.name])
}
deny contains msg if {
	some server in input.time.ntp
	not net.cidr_contains("10.20.0.0/16", server)
	msg := sprintf("%s: time from %s", [input.name, server])
}
# 18 unused ports are shut
deny contains msg if {
	some number, port in input.ethernet.port
	not port["in-use"]
	port.enabled
	msg := sprintf("%s: port %s is unused and open", [input.name, number])
}
# 19 ports say what they are for
deny contains msg if {
	some kind in ["ethernet", "serial"]
	some number, port in input[kind].port
	object.get(port, "enabled", true)
	object.get(port, "purpose", "") == ""
	msg := sprintf("%s: port %s has no purpose", [input.name, number])
}
# 20 serial data is encrypted
deny contains msg if {
	some number, port in input.serial.port
	port["in-use"]
	not startswith(object.get(port, ["mode", "secure"], "none"), "encrypted")
	msg := sprintf("%s: serial port %s is in clear", [input.name, number])
}
