-- Two roles: langnghe_owner makes and changes the tables, langnghe_service reads and writes rows.
-- The service runs as the second one: whoever takes it over can neither drop nor change a table,
-- nor rewrite the audit or the history of a case.
--
-- Once, as a superuser of the server:    psql -v ON_ERROR_STOP=1 -f roles.sql
-- Then give both roles a way to sign in: \password langnghe_owner, or a certificate in pg_hba.conf.
-- After the first `langnghe migrate`:    psql -v ON_ERROR_STOP=1 -f append_only.sql
CREATE ROLE langnghe_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE langnghe_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE langnghe OWNER langnghe_owner;
REVOKE ALL ON DATABASE langnghe FROM PUBLIC;
GRANT CONNECT ON DATABASE langnghe TO langnghe_service;

\connect langnghe
ALTER SCHEMA public OWNER TO langnghe_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO langnghe_service;
ALTER DEFAULT PRIVILEGES FOR ROLE langnghe_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO langnghe_service;
ALTER DEFAULT PRIVILEGES FOR ROLE langnghe_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO langnghe_service;
