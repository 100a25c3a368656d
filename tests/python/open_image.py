#!/usr/bin/env python3
"""A second reader of sealed images, written from schema/image.md alone.

    open_image.py IMAGE PASSPHRASE-FILE [--now TIME] [--site NAME] [--device NAME] [--digest D] [--kind secret-store]
    open_image.py IMAGE - --code CODE ...
    open_image.py IMAGE PLAINTEXT-OF-AGE-FILE --age-file FILE --digest D ...
    open_image.py --vectors DIR

The first form prints core and parts as JSON, or `refused: CLASS` with exit status 5. The second opens every
`*.flkv` of a folder and prints `NAME CLASS` for each, CLASS being `success` where it opens.

Needs `cryptography` and `argon2-cffi`.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import struct
import sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MAGIC = bytes.fromhex("8b464c4b0d0a1a0a")
MAX_FILE = 16_908_461
MAX_INTEGER = 2**53 - 1
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")
PART_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)")
HEX = re.compile(r"[0-9a-f]{64}\Z")
UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
TOKEN = re.compile(r"<[ -;=?-~]*>\Z")
NATIVE = ("native.cli", "native.ini", "native.sheet")
DEMO = b"fieldlock demo passphrase, protects nothing"
CEILING_KIB = 1_048_576
CORE = {
    "demo": bool, "device": "name", "firmware": dict, "group": "name", "kind": str, "mac": str, "model": str,
    "not_after": str, "platform": "name", "review": "hex", "revision": int, "serial": str, "site": "name",
}


STORE_CORE = {"device": "name", "group": "name", "kind": str, "revision": int, "site": "name"}
CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AGE_LABEL = b"fieldlock/v1/age-key\0"
DEVICE, STORE = 1, 2


class Refused(Exception):
    """The class of the first step that failed."""


def need(holds, step):
    if not holds:
        raise Refused(step)


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def expand(key, label, context):
    info = b"fieldlock/v1/" + label.encode() + b"\0" + context
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(key)


def gcm_open(key, sealed, step):
    try:
        return AESGCM(key).decrypt(bytes(12), sealed, None)
    except InvalidTag:
        raise Refused(step) from None


def canonical(data, step):
    def only_values(value):
        if isinstance(value, dict):
            return all(only_values(v) for v in value.values())
        if isinstance(value, list):
            return all(only_values(v) for v in value)
        if isinstance(value, str):
            value.encode()  # half a surrogate pair can't be
            return True
        if isinstance(value, bool):
            return True
        return isinstance(value, int) and 0 <= value <= MAX_INTEGER

    try:
        value = json.loads(data)
        again = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
        holds = again == data and only_values(value)
    except (ValueError, RecursionError):
        raise Refused(step) from None
    need(holds, step)
    return value


def utc(text):
    if not UTC.match(text):
        return None
    try:
        time = datetime.datetime.fromisoformat(text[:-1] + "+00:00")
    except ValueError:
        return None
    return time if time.isoformat() == text[:-1] + "+00:00" else None


def is_name(text, spelling):
    return spelling.match(text) and not text.endswith(".") and not WINDOWS.match(text)


def check_core(core, keys):
    need(isinstance(core, dict) and core.keys() == keys.keys(), "core")
    for key, kind in keys.items():
        value = core[key]
        if kind == "name":
            need(isinstance(value, str) and is_name(value, NAME), "core")
        elif kind == "hex":
            need(isinstance(value, str) and HEX.match(value), "core")
        elif kind is int:
            need(type(value) is int and 1 <= value <= 0xFFFFFFFF, "core")
        else:
            need(type(value) is kind, "core")
    if keys is STORE_CORE:
        need(core["kind"] == "secret-store", "core")
        return
    firmware = core["firmware"]
    need(firmware.keys() == {"max", "min"}, "core")
    for text in (firmware["max"], firmware["min"], core["mac"], core["model"], core["serial"]):
        need(isinstance(text, str) and len(text.encode()) <= 200, "core")
    need(core["kind"] == "device", "core")
    need(core["not_after"] == "" or utc(core["not_after"]), "core")


def read_table(table):
    need(len(table) >= 1 and 1 <= table[0] <= 8, "slots")
    slots, at = [], 1
    for _ in range(table[0]):
        need(at + 3 <= len(table), "slots")
        kind, length = struct.unpack_from(">BH", table, at)
        need(kind >= 1 and 80 <= length <= 8192 and at + 3 + length <= len(table), "slots")
        pre = table[at : at + 3 + length - 80]
        commit, wrapped = table[at + 3 + length - 80 : at + 3 + length - 48], table[at + 3 + length - 48 : at + 3 + length]
        slot = {"kind": kind, "pre": pre, "commit": commit, "wrapped": wrapped}
        if kind == 1:
            need(len(pre) == 3 + 26, "slots")
            version, slot["t"], slot["m"], slot["p"], slot["salt"] = struct.unpack(">BIIB16s", pre[3:])
            need(version == 0x13, "slots")
        elif kind == 2:
            need(len(pre) > 3, "slots")
        elif kind == 3:
            need(len(pre) == 3 + 16, "slots")
        slots.append(slot)
        at += 3 + length
    need(at == len(table), "slots")
    need(sum(slot["kind"] == 1 for slot in slots) <= 2, "slots")
    need(len({(s["pre"], s["commit"], s["wrapped"]) for s in slots}) == len(slots), "slots")
    return slots


def check_cost(slot):
    t, m, p = slot["t"], slot["m"], slot["p"]
    need(3 <= t <= 16 and 65_536 <= m <= 1_048_576 and 1 <= p <= 16, "kdf-limit")
    need(m >= 8 * p and t * m <= 8_388_608 and m <= CEILING_KIB, "kdf-limit")


DERIVED = {}


def derive(passphrase, slot):
    asked = (passphrase, slot["t"], slot["m"], slot["p"], slot["salt"])
    if asked not in DERIVED:
        DERIVED[asked] = hash_secret_raw(
            passphrase, slot["salt"], time_cost=slot["t"], memory_cost=slot["m"], parallelism=slot["p"],
            hash_len=32, type=Type.ID, version=0x13,
        )
    return DERIVED[asked]


def unlock_key(typed, salt):
    """The key of an unlock-code slot: HKDF-Extract, which is one HMAC."""
    code = re.sub(r"[- \t\r\n]", "", typed).upper().replace("I", "1").replace("L", "1").replace("O", "0")
    if len(code) != 25 or not set(code) <= set(CODE):
        sys.exit("not an unlock code")
    return hmac.new(salt, b"fieldlock/v1/unlock\0" + code.encode(), "sha256").digest()


def slot_key(slot, unlock):
    """The key that would open a slot; None where it is not of the type that we have a key for."""
    if slot["kind"] == 1 and "passphrase" in unlock:
        return derive(unlock["passphrase"], slot)
    if slot["kind"] == 3 and "code" in unlock:
        return unlock_key(unlock["code"], slot["pre"][3:])
    if slot["kind"] == 2 and "recipient" in unlock and slot["pre"][3:] == unlock["age-file"]:
        return unlock["recipient"]
    return None


def read_parts(body, wanted):
    def take(count):
        nonlocal at
        need(at + count <= len(body), "parts")
        at += count
        return body[at - count : at]

    at = 0
    (count,) = struct.unpack(">I", take(4))
    need(1 <= count <= 64, "parts")
    parts = []
    for _ in range(count):
        kind, name_len = take(2)
        name = take(name_len).decode("latin-1")
        need(is_name(name, PART_NAME), "parts")
        (length,) = struct.unpack(">I", take(4))
        parts.append((kind, name, take(length)))
    need(at == len(body), "parts")
    places = [(kind, name) for kind, name, _ in parts]
    need(all(a < b for a, b in zip(places, places[1:])), "parts")
    need(len({name for _, name in places}) == len(places), "parts")
    need(places[0] == (0, "manifest.json") and all(kind in (1, 2) for kind, _ in places[1:]), "parts")
    native = [name for kind, name in places if kind == 1]
    if wanted == STORE:
        need(not native and not any(name in NATIVE for _, name in places), "parts")
        return parts
    need(native and all(name in NATIVE for name in native) and not {"native.cli", "native.ini"} <= set(native), "parts")
    need(not any(kind == 2 and name in NATIVE for kind, name in places), "parts")
    return parts


def read_spans(manifest, parts):
    need(isinstance(manifest, dict) and manifest.keys() == {"parts"}, "parts")
    entries = manifest["parts"]
    need(isinstance(entries, list) and len(entries) == len(parts), "parts")
    for entry, (_, name, data) in zip(entries, parts):
        need(isinstance(entry, dict) and entry.keys() == {"name", "secrets", "sha256"}, "parts")
        need(entry["name"] == name and entry["sha256"] == sha256(data).hex(), "parts")
        need(isinstance(entry["secrets"], list), "parts")
        free, last = 0, -1
        for span in entry["secrets"]:
            need(isinstance(span, dict) and span.keys() == {"length", "offset", "token"}, "parts")
            length, offset, token = span["length"], span["offset"], span["token"]
            need(type(length) is int and type(offset) is int and isinstance(token, str), "parts")
            need(offset >= free and offset > last and offset + length <= len(data), "parts")
            need(len(token) <= 300 and TOKEN.match(token), "parts")
            free, last = offset + length, offset
    return [entry["secrets"] for entry in entries]


def redact(data, spans):
    out, done = b"", 0
    for span in spans:
        out += data[done : span["offset"]] + span["token"].encode()
        done = span["offset"] + span["length"]
    return out + data[done:]


def open_image(file, unlock, now, wanted=DEVICE, site=None, device=None, digest=None, seen=None, index_site=None):
    """`unlock` has a passphrase, a code, or a recipient's key with its age file. `digest` is what a verified index
    names: `unlisted` where it does not list the device, `missing` where signers are trusted and there is none;
    `index_site` is that index's site."""
    need(file[:8] == MAGIC, "magic")
    need(len(file) >= 10, "length")
    need(file[8:10] == b"\0\1", "version")
    need(len(file) >= 12, "length")
    need(file[10:12] == struct.pack(">H", wanted), "kind")
    need(36 <= len(file) <= MAX_FILE, "length")
    core_len, payload_len = struct.unpack_from(">II", file, 12)
    padded_len = payload_len - 16
    need(1 <= core_len <= 65_536, "length")
    need(4_096 <= padded_len <= 16_777_216 and padded_len % 4_096 == 0, "length")
    head_end = 36 + core_len
    body_end = head_end + 32 + payload_len
    need(len(file) >= body_end + 1 + 64, "length")
    need(sha256(file[:-32]) == file[-32:], "damaged")

    core = canonical(file[36:head_end], "core")
    check_core(core, CORE if wanted == DEVICE else STORE_CORE)
    table, mac = file[body_end:-64], file[-64:-32]
    slots = read_table(table)
    for slot in slots:
        if slot["kind"] == 1:
            check_cost(slot)

    d = sha256(file[:body_end])
    if wanted == DEVICE:
        need("recipient" not in unlock or digest is not None, "signature")
        need(digest is None or d.hex() == digest, "signature")
        need(index_site in (None, core["site"]), "signature")
    need(wanted == DEVICE or "passphrase" in unlock, "passphrase")
    need(core.get("demo", False) or unlock.get("passphrase") != DEMO, "passphrase")
    data_key = None
    for slot in slots:
        pk, context = slot_key(slot, unlock), d + slot["pre"]
        if pk is not None and data_key is None:
            if hmac.compare_digest(expand(pk, "slot-commit", context), slot["commit"]):
                data_key = gcm_open(expand(pk, "slot-key", context), slot["wrapped"], "slot")
    need(data_key is not None, "passphrase")

    right_mac = hmac.new(expand(data_key, "mac", b""), d + table, "sha256").digest()
    need(hmac.compare_digest(right_mac, mac), "mac")
    hh = sha256(file[:head_end])
    need(hmac.compare_digest(expand(data_key, "payload-commit", hh), file[head_end : head_end + 32]), "commit")
    padded = gcm_open(expand(data_key, "payload-key", hh), file[head_end + 32 : body_end], "payload")

    (body_len,) = struct.unpack_from(">I", padded)
    need(4 + body_len <= len(padded) and not any(padded[4 + body_len :]), "padding")
    need(len(padded) - (4 + body_len) < 4_096, "padding")
    parts = read_parts(padded[4 : 4 + body_len], wanted)
    spans = read_spans(canonical(parts[0][2], "parts"), parts[1:])
    listed = [(kind, name, data, s) for (kind, name, data), s in zip(parts[1:], spans)]
    if wanted == STORE:
        need(site == core["site"] and device == core["device"], "stale")
        return core, d, listed
    redacted = [redact(data, s) for (kind, _, data), s in zip(parts[1:], spans) if kind == 1]
    need(sha256(*redacted).hex() == core["review"], "review")

    need(site in (None, core["site"]) and device in (None, core["device"]), "stale")
    need(core["not_after"] == "" or now <= utc(core["not_after"]), "stale")
    if seen is not None:
        revision, digest = seen
        need(core["revision"] >= revision, "stale")
        need(core["revision"] > revision or d.hex() == digest, "stale")
    return core, d, listed


def read_passphrase(data):
    line = data[:-2] if data.endswith(b"\r\n") else data[:-1] if data.endswith(b"\n") else data
    if not 1 <= len(line) <= 1024 or not all(0x20 <= b <= 0x7E for b in line):
        sys.exit("not a passphrase")
    return line


def run_vectors(folder):
    for path in sorted(pathlib.Path(folder).glob("*.flkv")):
        header, data = path.read_text().split("\n\n", 1)
        fields = dict(line.split(": ", 1) for line in header.splitlines())
        expected = {key: fields[key] for key in ("site", "device", "digest") if key in fields}
        if "index-site" in fields:
            expected["index_site"] = fields["index-site"]
        if "seen-revision" in fields:
            expected["seen"] = (int(fields["seen-revision"]), fields["seen-digest"])
        if "code" in fields:
            unlock = {"code": fields["code"]}
        elif "recipient" in fields:
            unlock = {"recipient": bytes.fromhex(fields["recipient"]), "age-file": bytes.fromhex(fields["age-file"])}
        else:
            unlock = {"passphrase": fields["passphrase"].encode()}
        wanted = STORE if fields.get("kind") == "secret-store" else DEVICE
        try:
            open_image(base64.b64decode(data), unlock, utc(fields["now"]), wanted=wanted, **expected)
            print(path.stem, "success")
        except Refused as refused:
            print(path.stem, refused)


def main(arguments):
    if arguments[:1] == ["--vectors"]:
        return run_vectors(arguments[1])
    image, passphrase_file, *rest = arguments
    options = {key.removeprefix("--"): value for key, value in zip(rest[::2], rest[1::2])}
    now = utc(options.pop("now")) if "now" in options else datetime.datetime.now(datetime.timezone.utc)
    wanted = STORE if options.pop("kind", "") == "secret-store" else DEVICE
    if "code" in options:
        unlock = {"code": options.pop("code")}
    elif "age-file" in options:
        plaintext = pathlib.Path(passphrase_file).read_bytes()
        if not plaintext.startswith(AGE_LABEL) or len(plaintext) != len(AGE_LABEL) + 32:
            sys.exit("not the key of a group")
        age_file = pathlib.Path(options.pop("age-file")).read_bytes()
        unlock = {"recipient": plaintext[len(AGE_LABEL) :], "age-file": age_file}
    else:
        unlock = {"passphrase": read_passphrase(pathlib.Path(passphrase_file).read_bytes())}
    try:
        file = open(image, "rb").read(MAX_FILE + 1)
        core, d, parts = open_image(file, unlock, now, wanted=wanted, **options)
    except Refused as refused:
        print("refused:", refused)
        sys.exit(5)
    listed = [
        {"kind": kind, "name": name, "base64": base64.b64encode(data).decode(), "secrets": spans}
        for kind, name, data, spans in parts
    ]
    print(json.dumps({"core": core, "digest": d.hex(), "parts": listed}))


if __name__ == "__main__":
    main(sys.argv[1:])
