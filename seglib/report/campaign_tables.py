"""Nothing any more: the imports of page 04 still name this module, until they are replaced."""
