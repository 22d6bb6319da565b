"""A server on this machine that answers as the Fingertips API does: its paths, parameters, content types, its cut lists, its empty answers and its errors. It notes what it is asked.

Figures, metadata and available types of area are the publisher's own, from stored real files; what no stored file holds (profiles, roots, neighbours, categories) are specimens in
the shapes that the publisher's public code describes. `fail` makes it misbehave, a word for each of the next answers.
"""

from __future__ import annotations

import csv
import functools
import gzip
import io
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

API_HEADER = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,Time period,Value,Lower CI 95.0 limit,"
    "Upper CI 95.0 limit,Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,Compared to England value or percentiles,"
    "{},Time period Sortable,New data,Compared to goal,Time period range"
)
PARENTS = {6: "Compared to Region value or percentiles", 15: "Compared to percentiles"}
FILES = ("api_csv_90280_90638_social_isolation_utla.csv.gz", "api_csv_modelled_prevalence_ltla_2015.csv.gz")
"""Stored answers of `all_data/csv`: authorities with regions as parents."""
WHOLE = {93532: "api_csv_93532_dependent_drinkers.csv", 93517: "api_csv_93517_ocu_not_in_treatment.csv"}
"""Stored answers of `for_one_indicator`."""
UPPER, LOWER = {102, 202, 302, 402, 502}, {101, 201, 301, 401, 501, 901}
MAINTENANCE = b"<!DOCTYPE html><html><head><title>Fingertips</title></head><body><h1>We are carrying out maintenance</h1></body></html>"


@functools.cache
def _text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8-sig")


@functools.cache
def _metadata(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_text(path))
    return found


@functools.cache
def _available(path: Path) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in csv.DictReader(io.StringIO(_text(path))):
        found.setdefault(int(row["IndicatorId"]), []).append(int(row["AreaTypeId"]))
    return found


class FingertipsServer:
    """The API below `base`. `asked` are the paths asked for, in order; `changes` overrides when the data of an indicator changed; `types` the types of area it has."""

    def __init__(self, real: Callable[[str], Path], specimens: Path) -> None:
        self.asked: list[str] = []
        self.fail: list[str] = []
        self.changes: dict[int, str] = {}
        self.types: dict[int, list[int]] = {}
        self.withdrawn: set[int] = set()
        self.edit: Callable[[bytes], bytes] = bytes
        self.limit = 100
        self.specimens = {path.stem: json.loads(path.read_text("utf-8")) for path in specimens.glob("*.json")}
        self._real = real
        self.metadata = dict(_metadata(real("fingertips/api_indicator_metadata_all_20250423.json.gz")))
        self.available = dict(_available(real("fingertips/available_data_indicator_areatype_202006.csv.gz")))
        self.files = {name: _text(real(f"fingertips/{name}")) for name in FILES}
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.address = f"127.0.0.1:{self._http.server_port}"
        self.base = f"http://{self.address}/api"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def paths(self) -> list[str]:
        """What was asked for, without the parameters."""
        return [path.partition("?")[0].removeprefix("/api/") for path in self.asked]

    # -- one answer ------------------------------------------------------------------------------------------------------------------------

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        self.asked.append(to.path)
        parts = urlsplit(to.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        fault = self.fail.pop(0) if self.fail else ""
        if self._misbehave(to, fault):
            return
        try:
            status, kind, body, name = self._found(parts.path.removeprefix("/api/"), asked)
        except (KeyError, ValueError) as error:
            status, kind, name = 400, "json", ""
            body = json.dumps([f"The parameter {error.args[0]} is missing or not valid"]).encode()
        headers = {"Content-Type": "application/octet-stream" if kind == "csv" else "application/json; charset=utf-8"}
        if kind == "csv":
            headers["Content-Disposition"] = f"attachment; filename=indicators-{name}.data.csv"
        if fault == "cut":
            self._send(to, status, headers | {"Content-Length": str(len(body))}, body[: len(body) // 2], close=True)
            return
        if fault == "broken":  # a proxy that states the length of what it cut
            body = body[: len(body) // 2]
        self._send(to, status, headers | {"Content-Length": str(len(body))}, body)

    def _misbehave(self, to: BaseHTTPRequestHandler, fault: str) -> bool:
        texts = {"Content-Type": "text/plain; charset=utf-8"}
        answers: dict[str, tuple[int, dict[str, str], bytes]] = {
            "429": (429, {"Retry-After": "7", **texts}, b"API calls quota exceeded"),
            "500": (500, texts, b"PholioVisualisation.FingertipsException: Group root not found\r\n   at PholioVisualisation.DataConstruction"),
            "html": (200, {"Content-Type": "text/html"}, MAINTENANCE),
            "text": (200, texts, b"Service is restarting\n"),
            "null": (200, {"Content-Type": "application/json"}, b"null"),
            "list": (200, {"Content-Type": "application/json"}, b"[]"),
            "messages": (200, {"Content-Type": "application/json"}, b'["The area type is not valid"]'),
        }
        if fault == "slow":
            time.sleep(3)
        if fault not in answers:
            return False
        status, headers, body = answers[fault]
        self._send(to, status, headers | {"Content-Length": str(len(body))}, body)
        return True

    def _send(self, to: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes, *, close: bool = False) -> None:
        to.send_response(status)
        for key, value in headers.items():
            to.send_header(key, value)
        to.end_headers()
        try:
            to.wfile.write(body)
        except OSError:
            return
        to.close_connection = to.close_connection or close

    # -- what there is ---------------------------------------------------------------------------------------------------------------------

    def _found(self, path: str, asked: dict[str, str]) -> tuple[int, str, bytes, str]:
        if path == "all_data/csv/by_indicator_id":
            child, parent = int(asked["child_area_type_id"]), int(asked["parent_area_type_id"])
            return 200, "csv", self.edit(self._csv(self._ids(asked["indicator_ids"]), child, parent)), "CountyUA"
        if path in ("all_data/csv/by_group_id", "all_data/csv/by_profile_id"):
            child, parent = int(asked["child_area_type_id"]), int(asked["parent_area_type_id"])
            groups = [int(asked["group_id"])] if "group_id" in asked else self._profile(int(asked["profile_id"]))["GroupIds"]
            ids = [row["IndicatorId"] for row in self.specimens["names"] if row["GroupId"] in groups]
            return 200, "csv", self.edit(self._csv(ids, child, parent)), "CountyUA"
        if path == "all_data/csv/for_one_indicator":
            return 200, "csv", self.edit(self._whole(int(asked["indicator_id"]))), "All"
        value = self._json(path, asked)
        if value is None:
            return 404, "json", json.dumps({"Message": f"No HTTP resource was found that matches the request URI '/api/{path}'."}).encode(), ""
        return 200, "json", json.dumps(value).encode(), ""

    def _ids(self, text: str) -> list[int]:
        """A list of ids, cut in silence."""
        return [int(part) for part in text.split(",")][: self.limit]

    def _json(self, path: str, asked: dict[str, str]) -> Any:
        special: dict[str, Callable[[], Any]] = {
            "available_data": lambda: self._pairs(asked),
            "indicator_metadata/by_indicator_id": lambda: self._metadata(self._ids(asked["indicator_ids"])),
            "profile": lambda: self._profile(int(asked["profile_id"])),
            "group_metadata": lambda: [g for g in self.specimens["groups"] if g["Id"] in self._ids(asked["group_ids"])],
            "indicator_names/by_group_id": lambda: [r for r in self.specimens["names"] if r["GroupId"] in self._ids(asked["group_ids"])],
            "profile_group_roots": lambda: self.specimens["roots"].get(f"{int(asked['group_id'])}-{int(asked['area_type_id'])}", []),
            "areas/by_parent_area_code": lambda: self.specimens["neighbours"].get(asked["parent_area_code"], []),
            "areas/by_area_type": lambda: self.specimens["areas"].get(asked["area_type_id"], []),
            "area_categories": lambda: self.specimens["area_categories"],
            "indicator_search": lambda: self._search(asked["search_text"]),
            "parent_to_child_areas": lambda: self.specimens["children"],
        }
        if path in special:
            return special[path]()
        return self.specimens.get(path.replace("/", "-"))

    def _profile(self, profile: int) -> Any:
        found = [p for p in self.specimens["profiles"] if p["Id"] == profile]
        if not found:
            raise ValueError("profile_id")
        return found[0]

    def _pairs(self, asked: dict[str, str]) -> list[dict[str, int]]:
        only = int(asked["indicator_id"]) if "indicator_id" in asked else None
        known = {**self.available, **self.types}
        return [
            {"IndicatorId": i, "AreaTypeId": t} for i, types in known.items() if only in (None, i) and i not in self.withdrawn for t in types
        ]  # fmt: skip

    def _metadata(self, ids: list[int]) -> dict[str, Any]:
        found = {str(i): self.metadata[str(i)] for i in ids if str(i) in self.metadata and i not in self.withdrawn}
        for i, changed in self.changes.items():
            if str(i) in found:
                found[str(i)] = found[str(i)] | {"DataChange": found[str(i)]["DataChange"] | {"LastUploadedAt": changed}}
        return found

    def _search(self, words: str) -> dict[str, list[int]]:
        hits = [int(i) for i, m in self.metadata.items() if all(w in m["Descriptive"]["Name"].casefold() for w in words.casefold().split())]
        found: dict[str, list[int]] = {}
        for i in hits:
            for area_type in self.available.get(i, []):
                found.setdefault(str(area_type), []).append(i)
        return found

    def _csv(self, ids: list[int], child: int, parent: int) -> bytes:
        """The rows of some indicators for a type of area; for one without data, the header alone."""
        text = self.files[FILES[0]] if child in UPPER else self.files[FILES[1]] if child in LOWER else ""
        header = API_HEADER.format(PARENTS[parent])
        lines = [header]
        if text:
            # The stored answers are of 2020, with a column less; none has a line end within a row.
            rows = [r for r in text.splitlines()[1:] if int(r.partition(",")[0]) in ids]
            lines += [f"{r}," for r in rows if parent == 6 or ",Region," not in r]
        return ("\n".join(lines) + "\n").encode()

    def _whole(self, indicator: int) -> bytes:
        if indicator in WHOLE:
            return self._real(f"fingertips/{WHOLE[indicator]}").read_bytes()
        return (API_HEADER.format("Column not used") + "\n").encode()
