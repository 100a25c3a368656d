#!/usr/bin/env python3
"""A second writer of sealed files, made from schema/image.md alone.

    seal_image.py OUT < DESCRIPTION

The description is JSON: `kind` (1 or 2), `core`, `parts` (kind, name, base64, secrets) and `slots`, each of type 1
(passphrase, t, m, p, salt), 2 (age-file, key) or 3 (code, salt); bytes as hexadecimal digits. Prints D.

Needs `cryptography` and `argon2-cffi`.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import struct
import sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MAGIC = bytes.fromhex("8b464c4b0d0a1a0a")


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def expand(key, label, context):
    info = b"fieldlock/v1/" + label.encode() + b"\0" + context
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(key)


def gcm(key, message):
    return AESGCM(key).encrypt(bytes(12), message, None)


def content(parts):
    """The padded plaintext, its manifest made here."""
    parts = [(part["kind"], part["name"].encode(), base64.b64decode(part["base64"]), part["secrets"]) for part in parts]
    parts.sort(key=lambda part: part[:2])
    entries = [
        {"name": name.decode(), "secrets": secrets, "sha256": sha256(data).hex()} for _, name, data, secrets in parts
    ]
    everything = [(0, b"manifest.json", canonical({"parts": entries}), [])] + parts
    body = struct.pack(">I", len(everything))
    for kind, name, data, _ in everything:
        body += struct.pack(">BB", kind, len(name)) + name + struct.pack(">I", len(data)) + data
    padded = struct.pack(">I", len(body)) + body
    return padded + bytes(-len(padded) % 4096)


def parameters(slot):
    """Type and length, parameters, and the key of a slot."""
    if slot["type"] == 1:
        salt = bytes.fromhex(slot["salt"])
        params = struct.pack(">BIIB", 0x13, slot["t"], slot["m"], slot["p"]) + salt
        key = hash_secret_raw(
            slot["passphrase"].encode(), salt, time_cost=slot["t"], memory_cost=slot["m"], parallelism=slot["p"],
            hash_len=32, type=Type.ID, version=0x13,
        )
    elif slot["type"] == 2:
        params, key = bytes.fromhex(slot["age-file"]), bytes.fromhex(slot["key"])
    else:
        params = bytes.fromhex(slot["salt"])
        key = hmac.new(params, b"fieldlock/v1/unlock\0" + slot["code"].encode(), "sha256").digest()
    return struct.pack(">BH", slot["type"], len(params) + 80) + params, key


def seal(description):
    data_key = os.urandom(32)
    core, padded = canonical(description["core"]), content(description["parts"])
    head = MAGIC + struct.pack(">HHII", 1, description["kind"], len(core), len(padded) + 16) + os.urandom(16) + core
    hh = sha256(head)
    body = head + expand(data_key, "payload-commit", hh) + gcm(expand(data_key, "payload-key", hh), padded)
    d = sha256(body)
    table = bytes([len(description["slots"])])
    for slot in description["slots"]:
        pre, key = parameters(slot)
        table += pre + expand(key, "slot-commit", d + pre) + gcm(expand(key, "slot-key", d + pre), data_key)
    mac = hmac.new(expand(data_key, "mac", b""), d + table, "sha256").digest()
    return body + table + mac + sha256(body, table, mac), d


if __name__ == "__main__":
    sealed, digest = seal(json.load(sys.stdin))
    pathlib.Path(sys.argv[1]).write_bytes(sealed)
    print(digest.hex())
