-- What is only ever added to: the service may not change or remove it. As langnghe_owner, once the
-- tables are there; harmless to repeat.
REVOKE UPDATE, DELETE ON audit, case_entry, deletion FROM langnghe_service;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM langnghe_service;
