"""The places of the rooms these walks go through."""

from tests.domains.chiefs.conftest import place  # noqa: F401
from tests.portal.conftest import _fresh_rates, document, public, staff, town  # noqa: F401
