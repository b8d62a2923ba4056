"""The review console: where analysts spend their morning."""
