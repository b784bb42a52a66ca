/**
 * Durable points are numbered within their hop, whatever step they stand before. And what a broker beside the database
 * needs: the outbox, a count of deliveries that ended with a dead process, and the names of the queues.
 */
export const name = "003-points-and-outbox";

export const sql = `
alter table core.journal add column point int;
update core.journal j set point = n.point from (
  select run_day, run_id, hop, step, row_number() over (partition by run_day, run_id, hop order by step) - 1 as point
  from core.journal) n
where j.run_day = n.run_day and j.run_id = n.run_id and j.hop = n.hop and j.step = n.step;
alter table core.journal alter column point set not null;
alter table core.journal drop constraint journal_pkey;
alter table core.journal add primary key (run_day, run_id, hop, point);
alter table core.journal drop constraint journal_kind_check;
alter table core.journal add check (kind in ('intent', 'barrier', 'end', 'mark'));

-- Committed and not yet confirmed by the broker, or waiting for its time.
create table bus.outbox (
  publication_id uuid primary key,
  message_id uuid not null,
  queue text not null,
  priority smallint not null check (priority in (0, 1)),
  type text not null,
  body jsonb not null,
  correlation_id text,
  reply_to text,
  delivery_count int not null,
  -- The process that sends it; null: whoever finds it due.
  owner uuid,
  due_at timestamptz not null,
  expires_at timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
  autovacuum_vacuum_cost_delay = 0);
create index outbox_due on bus.outbox (due_at);

create table bus.suspects (
  message_id uuid primary key,
  beginnings int not null,
  at timestamptz not null default now()
);

create table bus.queues (
  queue text primary key,
  since timestamptz not null default now()
);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    grant select, insert, delete on bus.outbox to valence_bridge;
    grant select, insert on bus.queues to valence_bridge;
  end if;
end $$;
`;
