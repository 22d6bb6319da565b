"""Build the stored groups of jsnakit-fingertips (profiles and domains with their members) from stored files of the publisher. For maintainers.

    python tools/make_fingertips_groups.py --data FOLDER [--out FILE]

The files are exports for one profile each, so that they hold what the profile had for their areas and on their day: no more is said. The same files give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
from pathlib import Path

PACKAGED = Path(__file__).resolve().parents[1] / "plugins" / "jsnakit-fingertips" / "src" / "jsnakit_fingertips" / "groups.csv"
FRAMEWORK = ("r_wyre_phof_all_periods_202211.csv.gz", "r_lancashire_phof_worse_better_202212.csv.gz")
LOCAL_HEALTH = "r_bolton_msoa_local_health.csv.gz"
# The letter that begins an indicator's name says its domain; the publisher's numbers of the domains.
DOMAINS = {"A": "group-1000049", "B": "group-1000041", "C": "group-1000042", "D": "group-1000043", "E": "group-1000044"}
POLARITIES = {
    "RAG - Low is good": "lower_is_better",
    "RAG - High is good": "higher_is_better",
    "Not applicable": "none",
    "BOB - Blue orange blue": "none",
}
SEXES = {"Persons": "_T", "Male": "M", "Female": "F", "Not applicable": "_T"}
ORDER = {"_T": 0, "M": 1, "F": 2}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a stored file."""
    return list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8-sig"))))


def member(row: dict[str, str]) -> tuple[str, str, str, str]:
    """Indicator, sex, age and direction of one row."""
    age = "_T" if row["Age"] in ("All ages", "Not applicable") else row["Age"]
    polarity = row.get("Polarity", "")
    return row["IndicatorID"], SEXES[row["Sex"]], age, POLARITIES[polarity] if polarity else ""


def main() -> None:
    """Write the members, a row each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PACKAGED)
    given = parser.parse_args()
    found: dict[tuple[str, str, str, str, str], str] = {}
    for name in FRAMEWORK:
        for row in rows_of(given.data / name):
            letter = re.match(r"([A-E])\d\d[a-z]? - ", row["IndicatorName"])
            for group in ("profile-19", *((DOMAINS[letter[1]],) if letter else ())):
                found[group, *member(row)] = row["IndicatorName"]
    for row in rows_of(given.data / LOCAL_HEALTH):
        for group in ("profile-143", f"group-{row['DomainID']}"):
            found[group, *member(row)] = row["IndicatorName"]
    # In the order of the published names, which is that of the framework; by number where the names have no order.
    ordered = sorted(found, key=lambda k: (k[0], found[k] if k[0] in ("profile-19", *DOMAINS.values()) else "", int(k[1]), ORDER[k[2]], k[3]))
    with given.out.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["group", "indicator", "sex", "age", "polarity"])
        writer.writerows(ordered)
    print(f"{len(found)} members of {len({k[0] for k in found})} groups")


if __name__ == "__main__":
    main()
