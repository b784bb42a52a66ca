/**
 * The registry learns how far modules get (engine/ports/modules.ts says what the columns mean). A bridge that stops
 * in order takes its own rows out, which its role could not.
 */
export const name = "004-modules";

export const sql = `
alter table core.modules
  add column consumed bigint not null default 0,
  add column consumed_per_s float8 not null default 0,
  add column in_flight int not null default 0,
  add column oldest_in_flight_ms float8 not null default 0,
  add column moved_ago_ms float8 not null default 0,
  add column loop_turn_ago_ms float8 not null default 0,
  add column loop_delay_ms float8 not null default 0,
  add column paused jsonb not null default '[]';
-- Every row is updated every second and no index knows these columns: new versions fit beside the old ones.
alter table core.modules set (fillfactor = 25);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    grant delete on core.modules to valence_bridge;
  end if;
end $$;
`;
