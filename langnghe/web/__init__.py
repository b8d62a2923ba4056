"""The web pages: the unit's answer page, and what the review console grows from."""
