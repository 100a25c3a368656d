"""netmiko's driver for these switches, against a device to rehearse on: log in, look, change, save."""

import os
import sys

from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoAuthenticationException

port = int(sys.argv[1])
device = {
    "device_type": "moxa_nos",
    "host": "127.0.0.1",
    "port": port,
    "username": "ot-admin",
    "password": os.environ["LAB_PASSWORD"],
}
try:
    ConnectHandler(**{**device, "password": "wrong-one"})
    sys.exit("a wrong password was taken")
except NetmikoAuthenticationException:
    pass
with ConnectHandler(**device) as net:
    before = net.send_command("show running-config")
    assert "username ot-admin" in before, before
    assert device["password"] not in before, "a secret is shown"
    changed = net.send_config_set(["vlan create 77", "vlan create nonsense"])
    assert "% Invalid input" in changed or "^Parse error" in changed, changed
    assert "vlan create 77" in net.send_command("show running-config")
    assert "vlan create 77" not in net.send_command("show startup-config")
    net.save_config()
    assert "vlan create 77" in net.send_command("show startup-config")
print("netmiko is content")
