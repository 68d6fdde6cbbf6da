"""What a session has computed already, by the content of what it was computed from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import joblib

#: Results kept; the oldest go first.
_MOST = 12
_results: OrderedDict[str, Any] = OrderedDict()


def remembered(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function, or return what it gave for equal arguments before.

    The results are kept in memory alone, so that nothing is unpickled from a disk; they must not
    be changed by who gets them. Run All in a notebook repeats no resampling whose inputs are the same.
    """
    key = joblib.hash((function.__module__, function.__qualname__, args, sorted(kwargs.items())))
    if key not in _results:
        _results[key] = function(*args, **kwargs)
        if len(_results) > _MOST:
            _results.popitem(last=False)
    _results.move_to_end(key)
    return _results[key]
