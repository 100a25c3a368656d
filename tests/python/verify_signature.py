#!/usr/bin/env python3
"""A second reader of signatures of an index and of allowed signers, written from schema/image.md, section 11, alone.

    verify_signature.py INDEX SIGNATURE ALLOWED-SIGNERS [--now TIME]
    verify_signature.py --batch

The first form prints `signed by NAME SHA256:...`, or `refused: WORD` with exit status 5. The second reads a JSON list of
`{"index", "signature", "signers": hex, "now": TIME}` on stdin and prints the list of answers, a name or
`refused: WORD` each.

Needs `cryptography`. Whether index.json is one (the last check) is for open_image.py.
"""

import base64
import binascii
import calendar
import datetime
import hashlib
import json
import pathlib
import re
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMESPACE = b"fieldlock-index.v1"
KEY_TYPE = b"ssh-ed25519"
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----\n"
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
SPACE = b" \t\n\v\f\r"
# the y of the eight points of small order
SMALL = {0, 1, PRIME - 1} | {
    int.from_bytes(bytes.fromhex(y), "little")
    for y in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}


class Refused(Exception):
    pass


class Strings:
    """Strings with their lengths in front."""

    def __init__(self, data):
        self.data = data

    def take(self, count):
        if count > len(self.data):
            raise Refused("format")
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def u32(self):
        return int.from_bytes(self.take(4), "big")

    def string(self):
        return self.take(self.u32())


def string(data):
    return len(data).to_bytes(4, "big") + data


def armored(blob):
    text = base64.b64encode(blob)
    lines = [text[at : at + 70] + b"\n" for at in range(0, len(text), 70)]
    return BEGIN + b"".join(lines) + END


def signature_of(file):
    """The fields of a signature file: key, hash, signature."""
    if len(file) > 4096:
        raise Refused("length")
    if not file.startswith(BEGIN) or not file.endswith(END):
        raise Refused("armor")
    try:
        blob = base64.b64decode(file[len(BEGIN) : -len(END)].replace(b"\n", b""), validate=True)
    except binascii.Error:
        raise Refused("armor") from None
    if armored(blob) != file:
        raise Refused("armor")
    fields = Strings(blob)
    if blob[:6] != b"SSHSIG":
        raise Refused("format")
    fields.take(6)
    if fields.u32() != 1:
        raise Refused("version")
    key, namespace, reserved, name, signature = (fields.string() for _ in range(5))
    if fields.data:
        raise Refused("trailing")
    parts = Strings(key)
    if parts.string() != KEY_TYPE:
        raise Refused("key-type")
    public = parts.string()
    if len(public) != 32 or parts.data:
        raise Refused("format")
    if namespace != NAMESPACE:
        raise Refused("namespace")
    if reserved:
        raise Refused("reserved")
    if name not in HASHES:
        raise Refused("hash")
    parts = Strings(signature)
    kind, signature = parts.string(), parts.string()
    if kind != KEY_TYPE or len(signature) != 64 or parts.data:
        raise Refused("format")
    return public, name, signature


def verified_key(index, file):
    public, name, signature = signature_of(file)
    signed = b"SSHSIG" + string(NAMESPACE) + string(b"") + string(name) + string(HASHES[name](index).digest())
    for point in (public, signature[:32]):
        if int.from_bytes(point, "little") % 2**255 % PRIME in SMALL:
            raise Refused("forged")
    if int.from_bytes(signature[32:], "little") >= ORDER:
        raise Refused("forged")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise Refused("forged") from None
    return public


class Unreadable(Exception):
    """A line that allows nobody."""


def fits(text, pattern):
    parts = {0x2A: b".*", 0x3F: b"."}
    translated = b"".join(parts.get(byte) or re.escape(bytes([byte])) for byte in pattern)
    # two stars are one
    return re.fullmatch(re.sub(rb"(\.\*)+", b".*", translated), text, re.DOTALL) is not None


def means(patterns, text):
    patterns = patterns.split(b",")
    if patterns[-1] == b"":
        patterns.pop()
    found = False
    for pattern in patterns:
        negated = pattern.startswith(b"!")
        pattern = pattern[1:] if negated else pattern
        if len(pattern) >= 1023:
            return False
        if fits(text, pattern):
            if negated:
                return False
            found = True
    return found


def names_of(line):
    line = line.split(b"\0")[0].lstrip(b" \t")
    if not line.strip(b" \t\r") or line.startswith(b"#"):
        return None
    match = re.match(rb'([^ \t\r"]*)([ \t\r"])', line)
    if not match:
        raise Unreadable
    names, rest = match[1], line[match.end() :]
    if match[2] == b'"':
        quoted, quote, rest = rest.partition(b'"')
        if not quote:
            raise Unreadable
        names += quoted
    return names, rest.lstrip(b" \t\r")


def key_of(text):
    """The public key that stands here; `None`: something else does."""
    match = re.match(rb"([^ \t]*)[ \t]+([^ \t]*)", text)
    if not match or match[1] != KEY_TYPE:
        return None
    digits = bytes(byte for byte in match[2] if byte not in SPACE)
    try:
        blob = base64.b64decode(digits, validate=True)
        if base64.b64encode(blob) != digits:
            raise Unreadable
        parts = Strings(blob)
        name, public = parts.string(), parts.string()
    except (binascii.Error, Refused):
        raise Unreadable from None
    if name not in (KEY_TYPE, KEY_TYPE + b"\0") or len(public) != 32 or parts.data:
        raise Unreadable
    return public


def time_of(text):
    match = re.fullmatch(rb"([0-9]{8}|[0-9]{12}|[0-9]{14})[zZ]", text)
    if not match:
        raise Unreadable
    digits = match[1].decode().ljust(14, "0")
    try:
        moment = datetime.datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        raise Unreadable from None
    seconds = calendar.timegm(moment.timetuple())
    # the second 60 is read as one of the next minute
    if moment.strftime("%Y%m%d%H%M%S") != digits or seconds <= 0:
        raise Unreadable
    return seconds


def options_of(text):
    options = {}
    while text:
        match = re.match(rb'(namespaces|valid-after|valid-before)="((?:[^"\\]|\\"|\\(?!"))*)"', text, re.IGNORECASE | re.DOTALL)
        if match:
            name, value = match[1].lower(), match[2].replace(b'\\"', b'"')
            if name in options:
                raise Unreadable
            options[name] = value if name == b"namespaces" else time_of(value)
            text = text[match.end() :]
        if not text:
            break
        if not text.startswith(b",") or text == b",":
            raise Unreadable
        text = text[1:]
    after, before = options.get(b"valid-after"), options.get(b"valid-before")
    if after is not None and before is not None and before <= after:
        raise Unreadable
    return options


def line_of(text):
    """Names, key and options of a line; `None` where there is nothing on it."""
    found = names_of(text)
    if found is None:
        return None
    names, rest = found
    key, options = key_of(rest), {}
    if key is None:
        end, quoted = 0, False
        while end < len(rest) and (quoted or rest[end] not in b" \t"):
            if rest[end : end + 2] == b'\\"':
                end += 1
            elif rest[end : end + 1] == b'"':
                quoted = not quoted
            end += 1
        if quoted or end >= len(rest):
            raise Unreadable
        key = key_of(rest[end:].lstrip(b" \t"))
        if key is None:
            raise Unreadable
        options = options_of(rest[:end])
    return names, key, options


def signer_of(text, key, now):
    if len(text) > 1 << 20:
        raise Refused("signer")
    lines = []
    for line in text.split(b"\n"):
        try:
            found = line_of(line) if len(line) <= 16 << 10 else None
        except Unreadable:
            continue
        if found is None or found[1] != key:
            continue
        names, _, options = found
        if b"namespaces" in options and not means(options[b"namespaces"], NAMESPACE):
            continue
        if options.get(b"valid-after", now) <= now <= options.get(b"valid-before", now):
            lines.append(names)
    for names in lines:
        for name in names.split(b","):
            if not name:
                break
            if not name.startswith(b"!") and any(means(other, name) for other in lines):
                return name.decode("utf-8", "replace")
    raise Refused("signer")


def seconds_of(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def fingerprint(key):
    digest = hashlib.sha256(string(KEY_TYPE) + string(key)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def batch():
    answers = []
    for case in json.load(sys.stdin):
        index, file, signers = (bytes.fromhex(case[name]) for name in ("index", "signature", "signers"))
        try:
            answers.append(signer_of(signers, verified_key(index, file), seconds_of(case["now"])))
        except Refused as refused:
            answers.append(f"refused: {refused}")
    print(json.dumps(answers))


def main(arguments):
    if arguments == ["--batch"]:
        return batch()
    if len(arguments) not in (3, 5) or arguments[3:4] not in ([], ["--now"]):
        sys.exit(__doc__)
    index, file, signers = (pathlib.Path(name).read_bytes() for name in arguments[:3])
    try:
        key = verified_key(index, file)
        name = signer_of(signers, key, seconds_of(arguments[4]) if len(arguments) == 5 else int(time.time()))
    except Refused as refused:
        print(f"refused: {refused}")
        sys.exit(5)
    print(f"signed by {name} {fingerprint(key)}")


if __name__ == "__main__":
    main(sys.argv[1:])
