# Sets LANGNGHE_TEST_RABBITMQ to a broker this run may make queues in. Installs and starts
# RabbitMQ where none answers on loopback.
answers() { (exec 3<>/dev/tcp/127.0.0.1/5672) 2>/dev/null; }
if ! answers; then
  if ! command -v rabbitmq-server >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq rabbitmq-server >/dev/null
  fi
  answers || rabbitmq-server -detached >/dev/null 2>&1
  for _ in $(seq 60); do answers && break; sleep 1; done
fi
if answers; then
  export LANGNGHE_TEST_RABBITMQ="amqp://guest:guest@127.0.0.1:5672//"
fi
