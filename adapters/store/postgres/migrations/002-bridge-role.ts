/**
 * The role of a bridge, which may stand in a DMZ: it reads `config`, inserts messages and nonces, reads orders and
 * runs, and says that it lives. Its only way into the engine is a message. Where the migrating user may not make
 * roles there is none, and a bridge logs in like every other module.
 */
export const name = "002-bridge-role";

export const sql = `
do $$
begin
  if not exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    create role valence_bridge nologin;
  end if;
exception
  when insufficient_privilege then raise notice 'role valence_bridge was not made: no right to create roles';
  -- Roles belong to the server: another database of it was first.
  when duplicate_object or unique_violation then null;
end $$;

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    grant usage on schema core, bus, edge, config to valence_bridge;
    grant select on all tables in schema config to valence_bridge;
    grant select on core.orders, core.runs, public.valence_migrations to valence_bridge;
    grant insert on bus.messages to valence_bridge;
    grant select, insert on edge.nonces to valence_bridge;
    grant select, insert, update on core.modules to valence_bridge;
  end if;
end $$;
`;
