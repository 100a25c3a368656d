"""Copies the licence texts of the crates in a program: licences.py FOLDER METADATA...

METADATA is what `cargo metadata --filter-platform TARGET` prints. Build scripts, macros and tests are in no program and
are left out. A crate without a text is listed with its SPDX expression; one without either is an error.
"""

import json
import pathlib
import re
import shutil
import sys

TEXT = re.compile(r"(?i)^(licen[cs]e|copying|copyright|notice|unlicense)")


def inside(metadata):
    """The packages that the program is linked with, each with its metadata."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    macros = {
        id for id, package in packages.items() if any("proc-macro" in target["kind"] for target in package["targets"])
    }
    found, todo = set(), [metadata["resolve"]["root"]]
    while todo:
        id = todo.pop()
        if id in found or id in macros:
            continue
        found.add(id)
        for dependency in nodes[id]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    found.discard(metadata["resolve"]["root"])
    return {id: packages[id] for id in found}


def main(folder, *files):
    crates = {}
    for file in files:
        crates |= inside(json.loads(pathlib.Path(file).read_text()))
    lines = []
    for package in sorted(crates.values(), key=lambda package: (package["name"], package["version"])):
        name = f"{package['name']}-{package['version']}"
        home = pathlib.Path(package["manifest_path"]).parent
        texts = sorted(file for file in home.iterdir() if file.is_file() and TEXT.match(file.name))
        if not texts and not package["license"]:
            sys.exit(f"{name}: no licence text and no SPDX expression")
        for text in texts:
            place = pathlib.Path(folder, name)
            place.mkdir(exist_ok=True)
            shutil.copyfile(text, place / text.name)
        told = "" if texts else "   (its package has no text)"
        lines.append(f"{name}   {package['license'] or 'see its text'}{told}")
    pathlib.Path(folder, "CRATES.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} crates, {sum('no text' in line for line in lines)} without a text of their own")


main(*sys.argv[1:])
