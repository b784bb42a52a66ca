/**
 * Live routing: the operator's switch of a channel with who, when and why; what its modules measure, in a table of its
 * own; routing rules as versions instead of rows.
 */
export const name = "005-routes";

export const sql = `
alter table config.channels drop constraint channels_switch_check;
alter table config.channels
  add column redirect_to text references config.channels,
  -- What happens to orders that wait unsent while the channel cannot send them.
  add column waiting text not null default 'reroute' check (waiting in ('stay', 'reroute')),
  add column changed_by text,
  add column changed_at timestamptz,
  add column reason text,
  add constraint channels_switch_check check (switch in ('open', 'draining', 'closed', 'redirect')),
  add constraint channels_redirect_check check ((switch = 'redirect') = (redirect_to is not null)),
  add constraint channels_redirect_other check (redirect_to <> channel);

-- One row per module of a channel; it beats here from the loop that charges. A row that stays behind is a death.
create table core.channel_health (
  channel text not null,
  instance uuid not null,
  breaker text not null check (breaker in ('closed', 'open', 'half-open')),
  calls int not null,
  success_ratio float8 not null,
  p50_ms float8 not null,
  p95_ms float8 not null,
  in_flight int not null,
  beat_at timestamptz not null default now(),
  primary key (channel, instance)
) with (fillfactor = 50);

-- All rules together; the set with the highest version is in force.
create table config.route_sets (
  version bigint primary key,
  rules jsonb not null,
  author text not null,
  reason text not null,
  activated_at timestamptz not null default now()
);
insert into config.route_sets (version, rules, author, reason)
  select 1, jsonb_agg(jsonb_build_object('name', name) || rule order by position), 'valence',
    'the rules in force before rules had versions'
  from config.routes having count(*) > 0;
create trigger bump after insert on config.route_sets
  for each statement execute function config.bump('routes');
drop table config.routes;

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    grant select on config.route_sets, core.channel_health to valence_bridge;
  end if;
end $$;
`;
