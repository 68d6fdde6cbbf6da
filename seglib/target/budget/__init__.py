"""The budget: its allocation to segments (`allocation`), what that brings (`outcomes`), the targets' plan (`plan`)."""
