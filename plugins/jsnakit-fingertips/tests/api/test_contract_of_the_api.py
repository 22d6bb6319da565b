"""What core expects of a source that finds by indicator."""

from __future__ import annotations

import json
from typing import ClassVar

from jsnakit.testing import SourceTests
from jsnakit_fingertips import Fingertips
from jsnakit_fingertips.api import Addresses

API = Addresses()
_METADATA = {
    "40501": {
        "IID": 40501,
        "Descriptive": {"Name": "Under 75 mortality rate from cancer"},
        "DataChange": {"LastUploadedAt": "2024-10-07T17:11:02", "LastDeletedAt": "2024-01-16T16:31:18"},
    }
}


class TestDiscovery:
    """The one of the contract's tests that needs pages; the others run on the specimens of the reader."""

    source = Fingertips()
    asks = ("fingertips.40501",)
    pages: ClassVar = {
        API.metadata((40501,)): json.dumps(_METADATA).encode(),
        API.available(40501): b'[{"IndicatorId": 40501, "AreaTypeId": 402}, {"IndicatorId": 40501, "AreaTypeId": 15}]',
    }
    _everything = SourceTests._everything
    test_discover = SourceTests.test_discover_reads_through_fetch_alone
