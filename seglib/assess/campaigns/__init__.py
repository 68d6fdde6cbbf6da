"""What past campaigns caused."""
