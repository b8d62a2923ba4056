# Sets LANGNGHE_TEST_POSTGRES to a database this run may fill and drop. Installs and
# starts PostgreSQL where none answers on loopback.
if ! command -v psql >/dev/null || ! pg_isready -q -h 127.0.0.1; then
  if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
  fi
  pg_isready -q -h 127.0.0.1 || pg_ctlcluster --skip-systemctl-redirect "$(ls /etc/postgresql | head -n 1)" main start
  for _ in $(seq 60); do pg_isready -q -h 127.0.0.1 && break; sleep 0.5; done
fi
if psql -h 127.0.0.1 -U postgres -Atc 'select 1' >/dev/null 2>&1; then
  export LANGNGHE_TEST_POSTGRES="postgresql+psycopg://postgres@127.0.0.1/postgres"
elif su postgres -c "psql -Atc \"create role langnghe_test login superuser password 'langnghe_test'\"" >/dev/null 2>&1 \
  || PGPASSWORD=langnghe_test psql -h 127.0.0.1 -U langnghe_test -d postgres -Atc 'select 1' >/dev/null 2>&1; then
  export LANGNGHE_TEST_POSTGRES="postgresql+psycopg://langnghe_test:langnghe_test@127.0.0.1/postgres"
fi
