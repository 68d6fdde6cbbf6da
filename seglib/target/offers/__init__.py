"""What to offer a segment: what it buys, when and through what, what comes next, which needs are unmet."""
