"""What to offer a segment: what it buys, when and through what, what comes next, which needs are unmet."""

from seglib.offers.channel_shares import answers, channels
from seglib.offers.discount_shares import discounts
from seglib.offers.found import Found
from seglib.offers.lifts import bought_more
from seglib.offers.overview import Measured, measured
from seglib.offers.recommend import NextProducts, next_products
from seglib.offers.seasons import months
from seglib.offers.unmet import unmet_needs

__all__ = [
    "Found", "Measured", "NextProducts", "answers", "bought_more", "channels", "discounts", "measured", "months",
    "next_products", "unmet_needs",
]  # fmt: skip
