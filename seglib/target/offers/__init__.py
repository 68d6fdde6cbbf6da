"""What to offer a segment: what it buys, when and through what, what comes next, which needs are unmet."""

from seglib.target.offers.channel_shares import answers, channels
from seglib.target.offers.discount_shares import discounts
from seglib.target.offers.finding import Finding
from seglib.target.offers.lifts import bought_more
from seglib.target.offers.overview import Measured, measured_offers
from seglib.target.offers.recommend import NextProducts, next_products
from seglib.target.offers.seasons import months
from seglib.target.offers.unmet import unmet_needs

__all__ = [
    "Finding",
    "Measured",
    "NextProducts",
    "answers",
    "bought_more",
    "channels",
    "discounts",
    "measured_offers",
    "months",
    "next_products",
    "unmet_needs",
]
