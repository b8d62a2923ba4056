"""The same stages on several machines: RabbitMQ carries hints, the tables hold the truth."""
