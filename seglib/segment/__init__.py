"""03: segments and the verdict on them."""
