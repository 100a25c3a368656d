"""Runs a program of Linux for `linux_program.c`, which is called as a program of Windows: paths that begin with a drive
are those beneath the drives of Wine, everything else is handed on as it is."""

import os
import re
import subprocess
import sys

drives, called = sys.argv[1:]
DRIVE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]:)[\\/]")


def linux(path):
    return os.path.join(drives, path[:2].lower(), path[3:].replace("\\", "/"))


def handed_on(text):
    if DRIVE.match(text):
        return linux(text)
    # compiled in on Linux, and gone on from on Windows
    if text.startswith("/"):
        return text.replace("\\", "/")
    # in a line for a shell, or behind the name of an option
    return re.sub(DRIVE.pattern + r"[^\s\"';|<>]*", lambda found: linux(found[0]), text)


base = linux(called)


def texts(kind):
    with open(f"{base}.{kind}", encoding="utf-8") as file:
        return file.read().split("\0")[:-1]


program, folder, *arguments = texts("call")
name = re.split(r"[\\/]", program)[-1].removesuffix(".exe")
environment = dict(pair.split("=", 1) for pair in texts("environment") if "=" in pair[1:])
environment = {key: handed_on(value) for key, value in environment.items()}
# that of Windows names folders of Wine: Wine has kept the other
environment["PATH"] = os.environ["PATH"]
with open(f"{base}.stdin", "rb") as stdin, open(f"{base}.stdout", "wb") as stdout, open(f"{base}.stderr", "wb") as stderr:
    try:
        command = [name, *map(handed_on, arguments)]
        code = subprocess.run(command, cwd=linux(folder), env=environment, stdin=stdin, stdout=stdout, stderr=stderr)
        code = code.returncode & 0xFF
    except OSError as error:
        stderr.write(f"{error}\n".encode())
        code = 127
with open(f"{base}.ended", "w", encoding="utf-8") as file:
    file.write(str(code))
os.rename(f"{base}.ended", f"{base}.code")
