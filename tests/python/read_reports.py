"""Reads reports by the libraries that their consumers read them by, and prints what they found in them.

Usage: read_reports.py FOLDER...
In each folder: report.sarif, junit.xml, gitlab.json, oscal.json, components.json.
Prints a JSON array, an object for each folder: for each report the findings as its reader has them.
"""

import json
import pathlib
import sys
import tempfile

from junitparser import JUnitXml
from sarif.loader import load_sarif_file
from sarif.operations import codeclimate_op
from sarif.sarif_file import SarifFileSet
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.component import ComponentDefinition


def sarif(path):
    records = load_sarif_file(str(path)).get_records()
    return [[r["Severity"], r["Code"], r["Location"], int(r["Line"])] for r in records]


def junit(path):
    found = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0, "cases": 0}
    for suite in JUnitXml.fromfile(str(path)):
        found["tests"] += suite.tests
        found["failures"] += suite.failures
        found["errors"] += suite.errors
        found["skipped"] += suite.skipped
        found["cases"] += sum(1 for _ in suite)
    return found


def quality(path):
    issues = json.loads(path.read_text(encoding="utf-8"))
    return [key(issue) for issue in issues]


def as_quality(path):
    """What others make of our SARIF for the same widget."""
    files = SarifFileSet()
    files.add_file(load_sarif_file(str(path)))
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder, "quality.json")
        codeclimate_op.generate(files, str(made), False)
        return quality(made)


def key(issue):
    return [issue["check_name"], issue["location"]["path"], int(issue["location"]["lines"]["begin"])]


def oscal(path):
    results = AssessmentResults.oscal_read(path).results
    found = results[0].findings or []
    return {finding.target.target_id: finding.target.status.state.value for finding in found}


def components(path):
    found = {}
    for component in ComponentDefinition.oscal_read(path).components or []:
        implemented = [i for c in component.control_implementations or [] for i in c.implemented_requirements]
        found[component.title] = sorted(requirement.control_id for requirement in implemented)
    return found


def read(folder):
    return {
        "sarif": sarif(folder / "report.sarif"),
        "as_quality": as_quality(folder / "report.sarif"),
        "junit": junit(folder / "junit.xml"),
        "gitlab": quality(folder / "gitlab.json"),
        "oscal": oscal(folder / "oscal.json"),
        # what a folder proves has none
        "components": components(folder / "components.json") if (folder / "components.json").is_file() else {},
    }


def main():
    # what libraries print is none of the answer
    sys.stdout, out = sys.stderr, sys.stdout
    json.dump([read(pathlib.Path(folder)) for folder in sys.argv[1:]], out)


main()
