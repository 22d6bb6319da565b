"""Build the catalogue of jsnakit-fingertips from stored files of the publisher. For maintainers.

    python tools/make_fingertips_catalogue.py --data FOLDER [--out FILE]

FOLDER holds the stored files. Everything but the metadata is read by the plugin itself, twice: the second time with the catalogue that the first made. The same files give the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import html
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from jsnakit.files import SourceFile
from jsnakit_fingertips import areas, catalogue
from jsnakit_fingertips.parse import account_of, parse_file

PACKAGED = Path(__file__).resolve().parents[1] / "plugins" / "jsnakit-fingertips" / "src" / "jsnakit_fingertips" / "catalogue.json.gz"
METADATA = "api_indicator_metadata_all_20250423.json.gz"
AVAILABLE = "available_data_indicator_areatype_202006.csv.gz"
SUCCESSOR = "next_indicator_metadata_20250320.json.gz"
SUCCESSOR_LIST = "next_indicators.csv"
FIELDS = (
    "id", "name", "unit", "definition", "value_type", "ci_method", "year_type", "frequency", "years", "theme", "keywords", "polarity", "polarity_source",
    "sex", "age", "area_types", "types_known", "retired", "caveats",
)  # fmt: skip
FREQUENCIES = {"annually": "yearly", "quarterly": "quarterly", "monthly": "monthly"}
NUMBER_WORDS = {"two": 2, "three": 3, "five": 5}
BLANK_UNITS = {"Score": "score", "Ratio": "ratio", "Count": "count", "Mean": "mean", "Median": "median", "Gap": "gap", "Proportion": "proportion"}

# A theme is that of the first words which fit the name: what a chapter of an assessment would list it under.
THEMES = (
    ("voice", r"satisf|patient experience|friends and family|healthwatch"),
    ("services", r"immunis|vaccin|screening"),
    ("housing", r"homeless|housing|household overcrowd|overcrowd|fuel poverty|temporary accommodation|central heating|rough sleep"),
    ("caring", r"\bcarers?\b|caring responsib|provide.*unpaid care|unpaid care"),
    (
        "social_care",
        r"social care|care home|nursing home|residential care|reablement|looked after|children in care|child protection|children in need|safeguarding|adult safeguard",
    ),
    (
        "education",
        r"school|pupil|attainment|attainment 8|gcse|key stage|\bneet\b|education|phonics|qualification|early years foundation|readiness|foundation stage",
    ),
    ("wealth", r"income|poverty|deprivation|imd|unemploy|employment|benefit claim|claimant|out of work|low pay|earnings|debt|job density|economic"),
    (
        "environment",
        r"air pollution|particulate|about noise|green space|outdoor space|noise|fast food|food outlet|road traffic|killed and seriously|killed or seriously|density|active travel|walking for travel|cycling for travel|crime|violen|offend|climate",
    ),
    (
        "age",
        r"dement|older people|aged 65|65\+|65 and over|aged 75|frail|falls|hip fracture|winter death|winter mortality|end of life|place of death|deaths? (that occur )?in hospital",
    ),
    (
        "services",
        r"waiting|admission|attendance|\bgp\b|prescri|immunis|vaccin|screening|nhs health check|treatment|appointments|referral|spend|services|discharge|readmission|coverage",
    ),
)

# When the exports without a date in their names were made.
EDITIONS = {
    "api_csv_90280_90638_social_isolation_utla.csv.gz": "2020-10",
    "api_csv_modelled_prevalence_ltla_2015.csv.gz": "2020-03",
    "api_json_92477_emergency_admissions_icb.json.gz": "2025-07",
    "r_bolton_msoa_local_health.csv.gz": "2021-11",
}

# What a reader would look for, and what the publisher writes instead.
SYNONYMS = (
    (r"smok|tobacco|cigar", ("smoking", "tobacco", "cigarettes", "smokers")),
    (r"vap(e|ing)|e-cig", ("vaping", "e-cigarettes", "smoking")),
    (r"obes|overweight|excess weight|\bbmi\b", ("obesity", "overweight", "weight", "bmi")),
    (r"physical(ly)? (in)?active|physical (in)?activity|walking|cycling", ("exercise", "physical activity", "inactivity")),
    (r"5.a.day|fruit|vegetable|\bdiet", ("diet", "food", "nutrition")),
    (r"alcohol|drink", ("alcohol", "drinking")),
    (r"opiate|\bdrug|cannabis|substance|\bocu\b", ("drugs", "substance misuse")),
    (r"self.harm", ("self-harm", "mental health")),
    (r"suicid", ("suicide", "mental health")),
    (r"depress|anxiety|mental|psychos|schizophren|wellbeing|well-being|iapt|lonel|loneliness|social isolation", ("mental health", "wellbeing")),
    (r"lonel|social isolation|social contact", ("loneliness", "isolation")),
    (r"dement|alzheimer", ("dementia", "memory", "older people")),
    (r"cancer|tumour|neoplasm|malignan", ("cancer",)),
    (
        r"cardiovascular|heart|\bchd\b|coronary|stroke|\bcvd\b|atrial|hypertens|blood pressure|cholesterol",
        ("heart disease", "cardiovascular", "cvd", "circulatory"),
    ),
    (r"hypertens|blood pressure", ("high blood pressure", "hypertension")),
    (r"stroke", ("stroke",)),
    (r"diabet", ("diabetes",)),
    (r"copd|respirat|asthma|pneumon|bronch", ("respiratory", "lungs", "breathing")),
    (r"liver|hepat|cirrhosis", ("liver",)),
    (r"kidney|\bckd\b|renal", ("kidney",)),
    (r"musculoskeletal|\bmsk\b|osteo|arthritis|back pain|hip|knee", ("musculoskeletal", "bones", "joints")),
    (r"life expectancy", ("life expectancy", "longevity", "mortality")),
    (r"mortality|death|died", ("mortality", "deaths")),
    (r"infant mort|stillb|neonatal", ("infant mortality", "babies")),
    (r"premature|under 75|preventable|avoidable", ("premature mortality", "early death")),
    (r"breast.?feed", ("breastfeeding", "babies", "infant feeding")),
    (r"birth|pregnan|matern|deliver|antenatal|conception", ("pregnancy", "maternity", "birth")),
    (r"conception|teenage", ("teenage pregnancy",)),
    (r"low birth ?weight", ("birthweight", "babies")),
    (r"\bsti\b|chlamydia|gonorrh|syphilis|\bhiv\b|sexual|contracep|larc|\bprep\b", ("sexual health", "sti", "contraception")),
    (r"tuberculos|\btb\b", ("tuberculosis", "tb", "infection")),
    (r"vaccin|immunis|\bmmr\b|\bhpv\b|\bflu\b|dtap|\bppv\b", ("vaccination", "immunisation", "jabs")),
    (r"screening", ("screening",)),
    (r"health check", ("nhs health check", "prevention")),
    (r"tooth|dental|dent|caries|dmft", ("dental", "teeth", "oral health")),
    (r"sight|eye|vision|glaucoma|macular|cataract", ("eyes", "sight loss")),
    (r"fall", ("falls", "older people")),
    (r"fracture", ("fractures", "bones", "osteoporosis")),
    (r"winter", ("winter deaths", "cold")),
    (r"fuel poverty", ("fuel poverty", "cold homes", "heating")),
    (r"homeless|temporary accommodation", ("homelessness", "housing")),
    (r"poverty|low income|deprivation|\bimd\b", ("poverty", "deprivation", "low income", "inequality")),
    (r"unemploy|employment|claimant|out of work", ("employment", "unemployment", "jobs", "work")),
    (r"child|reception|year 6|infant|young people|under 18|under 5|under 16|\b0-4\b", ("children", "young people")),
    (r"learning disab|autis", ("learning disability", "autism", "disability")),
    (r"disab", ("disability",)),
    (r"carer|caring", ("carers", "caring")),
    (r"road|traffic|killed and seriously", ("road safety", "accidents")),
    (r"injur|accident", ("injuries", "accidents")),
    (r"violen|domestic abuse|assault|sexual offence", ("violence", "crime", "abuse")),
    (r"offend|crime|justice|custody|prison", ("crime", "offending")),
    (r"pollut|particulate", ("air quality", "pollution")),
    (r"emergency (hospital )?admission|admission", ("hospital admissions",)),
    (r"antibiotic|antimicrobial|resistan|e\. ?coli|mrsa|difficile|bacteraem", ("antibiotics", "antimicrobial resistance", "infection")),
    (r"end of life|palliative|place of death|deaths? (that occur )?in hospital", ("end of life", "palliative care")),
    (r"population", ("population", "demography")),
    (r"ethnic", ("ethnicity",)),
    (r"\bqof\b", ("general practice", "qof", "prevalence")),
    (r"covid|coronavirus", ("covid-19", "coronavirus")),
    (r"gambl", ("gambling",)),
    (r"epilep|parkinson|neurolog|migraine|multiple sclerosis", ("neurology", "brain")),
)


def text_of(value: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", value)).split())


def packed_json(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads((gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig"))


def years_of(name: str) -> int:
    match = re.search(r"\b(\d|two|three|five)[ -]years? (?:data |pooled)?\s*(?:combined|pooled)?", name, re.IGNORECASE)
    if match is None or not re.search(r"combined|pooled", name[match.start() :], re.IGNORECASE):
        return 1
    return NUMBER_WORDS.get(match[1].lower()) or int(match[1])


def widest(ages: set[str]) -> str:
    """The age that holds all the others; blank where none does."""

    def span(age: str) -> tuple[float, float]:
        if match := re.match(r"(\d+)\+", age):
            return float(match[1]), 200.0
        if match := re.match(r"<(\d+)", age):
            return 0.0, float(match[1]) - 1
        if match := re.match(r"(\d+)-(\d+)", age):
            return float(match[1]), float(match[2])
        if match := re.match(r"(\d+)\b", age):
            return float(match[1]), float(match[1])
        return 1.0, 0.0

    spans = {age: span(age) for age in ages}
    found = [a for a in sorted(ages) if all(spans[a][0] <= lo <= hi <= spans[a][1] for lo, hi in spans.values())]
    return found[0] if found else ""


def total_of(values: set[str]) -> str:
    """The total of a breakdown, the only one, or blank: what is seen does not say."""
    return "_T" if "_T" in values else next(iter(values)) if len(values) == 1 else ""


class Catalogue:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.metadata: dict[str, Any] = packed_json(folder / METADATA)
        self.names: dict[str, str] = {}
        self.types: dict[str, set[str]] = collections.defaultdict(set)
        self.sexes: dict[str, set[str]] = collections.defaultdict(set)
        self.ages: dict[str, set[str]] = collections.defaultdict(set)
        self.said: dict[str, dict[str, str]] = collections.defaultdict(dict)
        self.frequencies: dict[str, str] = {}

    def read_lists(self) -> None:
        for row in packed_json(self.folder / SUCCESSOR):
            word = {"Low is good": "lower_is_better", "High is good": "higher_is_better", "No judgement": "none"}.get(row.get("polarity") or "")
            if word:
                self.said[str(row["indicatorID"])]["FingertipsNext's indicator metadata, March 2025"] = word
        table = parse_file(SourceFile.from_path(self.folder / SUCCESSOR_LIST))
        for row in table.to_pylist():
            self.frequencies[row["IndicatorID"]] = FREQUENCIES[row["Frequency"]]
        available = parse_file(SourceFile.from_path(self.folder / AVAILABLE))
        for row in available.to_pylist():
            kind = areas.kind_named(row["GeographicalArea"])
            if kind is None:
                raise SystemExit(f"unknown area type {row['GeographicalArea']!r}")
            self.types[row["IndicatorId"]].add(kind.type)
            self.names.setdefault(row["IndicatorId"], text_of(row["IndicatorName"]))

    def read_exports(self, paths: list[Path]) -> None:
        for path in paths:
            table = parse_file(SourceFile.from_path(path))
            if account_of(table).catalogue:
                continue
            self._polarities(path, table)
            names = ["indicator", "sex", "age", "area_type", "category_type"]
            for row in _distinct(table, names):
                number = row["indicator"].partition(".")[2]
                self.types[number].add(row["area_type"])
                if row["category_type"] == "_T":
                    self.sexes[number].add(row["sex"])
                    self.ages[number].add(row["age"])
            if "published_indicator_name" in table.column_names:
                for row in _distinct(table, ["indicator", "published_indicator_name"]):
                    name = re.sub(r"^[A-Z]\d+[a-z]? - ", "", text_of(row["published_indicator_name"] or ""))
                    self.names.setdefault(row["indicator"].partition(".")[2], name)

    def _polarities(self, path: Path, table: pa.Table) -> None:
        edition = _edition(path.name)
        if "published_polarity" in table.column_names:
            words = {
                "RAG - Low is good": "lower_is_better",
                "RAG - High is good": "higher_is_better",
                "BOB - Blue orange blue": "none",
                "Not applicable": "none",
            }
            for row in _distinct(table, ["indicator", "published_polarity"]):
                self.said[row["indicator"].partition(".")[2]][f"the column Polarity of an export of {edition}"] = words[row["published_polarity"]]
        if "published_trend" in table.column_names:
            for row in _distinct(table, ["indicator", "published_trend"]):
                match = re.fullmatch(r"(Increasing|Decreasing) and getting (better|worse)", row["published_trend"] or "")
                if match:
                    better_up = (match[1] == "Increasing") == (match[2] == "better")
                    word = "higher_is_better" if better_up else "lower_is_better"
                    self.said[row["indicator"].partition(".")[2]][f"the words of the published trends, export of {edition}"] = word
        # The website's words are not taken: they can be another indicator's.
        if "published_compared_england" in table.column_names and account_of(table).dialect != "website":
            self._compared(table, edition)

    def _compared(self, table: pa.Table, edition: str) -> None:
        names = ["indicator", "sex", "age", "category_type", "period_start", "value", "area_type", "published_compared_england"]
        rows = table.select([*names, *(["published_england_value"] if "published_england_value" in table.column_names else [])]).to_pylist()
        england = {
            (r["indicator"], r["sex"], r["age"], r["period_start"]): r["value"]
            for r in rows
            if r["area_type"] == "country" and r["category_type"] == "_T"
        }
        signs: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for row in rows:
            word = row["published_compared_england"]
            base = row.get("published_england_value") or england.get((row["indicator"], row["sex"], row["age"], row["period_start"]))
            if word in ("Better", "Worse") and base is not None and row["value"] is not None and row["value"] != base:
                up = (row["value"] > base) == (word == "Better")
                signs[row["indicator"]]["higher_is_better" if up else "lower_is_better"] += 1
        for indicator, found in signs.items():
            (word, n), *rest = found.most_common()
            if n >= 5 and not rest:
                self.said[indicator.partition(".")[2]].setdefault(f"the words of the published comparisons with England, export of {edition}", word)

    def polarity(self, number: str) -> tuple[str, str]:
        said = self.said.get(number, {})
        words = set(said.values())
        # An export for no profile in particular calls the direction of some indicators not applicable which a profile states.
        judged = words - {"none"}
        if not words or len(judged) > 1:
            if len(judged) > 1:
                print("contradictory polarity:", number, said)
            return "unknown", ""
        word = next(iter(judged or words))
        return word, "; ".join(sorted(who for who, w in said.items() if w == word))

    def rows(self) -> list[dict[str, Any]]:
        numbers = sorted({*self.metadata, *self.names}, key=int)
        return [self._row(number) for number in numbers]

    def _row(self, number: str) -> dict[str, Any]:
        meta = self.metadata.get(number)
        name = text_of(meta["Descriptive"]["Name"]) if meta else self.names[number]
        unit = (
            (meta["Unit"]["Label"].strip() or BLANK_UNITS.get(meta["ValueType"]["Name"], meta["ValueType"]["Name"].lower())) if meta else "not stated"
        )
        value_type = meta["ValueType"]["Name"].lower() if meta else "not stated"
        source = text_of(meta["Descriptive"].get("DataSource") or "") if meta else ""
        polarity, who = self.polarity(number)
        folded = name.casefold()
        types = self.types.get(number, set()) - {areas.UNITARY}
        order = [kind.type for kind in areas.kinds()]
        quality = (meta or {}).get("DataQualityNote") or {}
        caveats = [f"The publisher names a concern about the data: {quality['Text']}."] if quality.get("Text", "None") != "None" else []
        definition = f"{name}: {value_type}{', ' + unit if unit.lower() not in value_type else ''}.{' Data: ' + source + '.' if source else ''}"
        return {
            "id": number, "name": name, "unit": unit, "definition": definition.replace("..", "."), "value_type": value_type,
            "ci_method": meta["ConfidenceIntervalMethod"]["Name"] if meta else "", "year_type": meta["YearType"]["Name"] if meta else "",
            "frequency": self.frequencies.get(number, ""), "years": years_of(name),
            "theme": next((theme for theme, words in THEMES if re.search(words, folded)), "health"),
            "keywords": sorted({word for words, found in SYNONYMS if re.search(words, folded) for word in found if word not in folded}),
            "polarity": polarity, "polarity_source": who,
            "sex": total_of(self.sexes.get(number, set())), "age": total_of(ages) or widest(ages) if (ages := self.ages.get(number, set())) else "",
            "area_types": [t for t in order if t in types] or ["country", "region", "utla", "ltla"], "types_known": bool(types), "retired": meta is None, "caveats": caveats,
        }  # fmt: skip

    def write(self, path: Path) -> None:
        rows = self.rows()
        document = {
            "source": "OHID, public health profiles (fingertips.phe.org.uk), Open Government Licence v3.0; metadata of 23 April 2025, area types of June 2020 and of stored exports",
            "fields": list(FIELDS),
            "rows": [[row[name] for name in FIELDS] for row in rows],
        }
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        path.write_bytes(gzip.compress(text, 9, mtime=0))
        catalogue.document.cache_clear()
        catalogue.entries.cache_clear()
        catalogue.indicators.cache_clear()


def _distinct(table: pa.Table, names: list[str]) -> list[dict[str, Any]]:
    plain = pa.table({n: table[n].cast(table[n].type.value_type) if pa.types.is_dictionary(table[n].type) else table[n] for n in names})
    return plain.group_by(names, use_threads=False).aggregate([]).to_pylist()


def _edition(name: str) -> str:
    if name in EDITIONS:
        return EDITIONS[name]
    match = re.search(r"(20\d{2})(\d{2})?", name)
    return f"{match[1]}-{match[2]}" if match and match[2] else match[1] if match else "an unknown date"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PACKAGED)
    given = parser.parse_args()
    exports = sorted(p for p in given.data.iterdir() if re.search(r"\.(csv|json)(\.gz)?$", p.name) and "next_expected" not in p.name)
    first = Catalogue(given.data)
    first.read_lists()
    first.write(PACKAGED)
    second = Catalogue(given.data)
    second.read_lists()
    second.read_exports(exports)
    second.write(given.out)
    rows = second.rows()
    print(f"{len(rows):,} indicators, {given.out.stat().st_size:,} bytes")
    for name in ("polarity", "theme", "sex", "age"):
        print(name, collections.Counter(row[name] for row in rows).most_common(12))
    print("area types known", sum(row["types_known"] for row in rows), "retired", sum(row["retired"] for row in rows))


if __name__ == "__main__":
    main()
