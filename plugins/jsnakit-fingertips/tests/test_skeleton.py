"""The distribution is a source that core finds."""

from jsnakit import Plugins
from jsnakit_fingertips import Fingertips


def test_the_source_is_found_by_its_name():
    assert Plugins.only(Fingertips()).source("fingertips").id == "fingertips"
