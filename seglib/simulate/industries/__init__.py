"""Industries to generate customers of: one specification each."""

from seglib.simulate.industries.b2b_software import B2B_SOFTWARE
from seglib.simulate.industries.banking import BANKING
from seglib.simulate.industries.healthcare import HEALTHCARE
from seglib.simulate.industries.telecom import TELECOM
from seglib.simulate.industries.travel import TRAVEL
from seglib.simulate.industry import Industry

#: By the name of its params file. E-commerce is the demo shop, `simulate.shop`.
INDUSTRIES: dict[str, Industry] = {
    "b2b_software": B2B_SOFTWARE,
    "banking": BANKING,
    "healthcare": HEALTHCARE,
    "telecom": TELECOM,
    "travel": TRAVEL,
}
__all__ = ["INDUSTRIES"]
