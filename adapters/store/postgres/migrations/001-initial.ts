/** Schemas `core`, `bus`, `edge` and `config` as the first release knows them. Forward only. */

/** Messages are inserted and deleted at the rate of the traffic: vacuum must not wait for a share of the table. */
const busyTable =
  "fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, " +
  "autovacuum_vacuum_cost_delay = 0";

export const name = "001-initial";

export const sql = `
create schema core;
create schema bus;
create schema edge;
create schema config;

-- Ends a commit statement whose gates refused a unit; the detail names the units.
create function core.refuse(detail text) returns void language plpgsql as $$
begin
  raise exception using errcode = 'VL001', message = 'gates refused units', detail = detail;
end $$;

create table core.runs (
  run_id uuid primary key,
  flow text not null,
  type text not null,
  plan_hash text not null,
  order_id uuid,
  merchant_id text,
  state text not null check (state in ('open', 'waiting', 'parked', 'ended')),
  stage text not null,
  hop int not null,
  reason text not null,
  problem jsonb,
  body jsonb,
  signals_given int not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
create index runs_unfinished on core.runs (state, updated_at) where state <> 'ended';
create index runs_by_order on core.runs (order_id);

create table core.journal (
  run_day date not null,
  run_id uuid not null,
  hop int not null,
  step int not null,
  kind text not null check (kind in ('intent', 'barrier', 'end')),
  stage text not null,
  outcome text not null,
  data jsonb not null,
  owner uuid not null,
  send_deadline timestamptz,
  at timestamptz not null default now(),
  primary key (run_day, run_id, hop, step)
) partition by range (run_day);

create table core.timers (
  run_id uuid not null,
  hop int not null,
  signal text not null,
  due_at timestamptz not null,
  primary key (run_id, hop)
);
create index timers_due on core.timers (due_at);

create table core.signals (
  signal_id uuid primary key,
  run_id uuid not null,
  signal text not null,
  state text not null check (state in ('pending', 'taken', 'late')),
  fields jsonb not null,
  given_at timestamptz not null
);
create index signals_by_run on core.signals (run_id, given_at);

create table core.orders (
  order_id uuid primary key,
  merchant_id text not null,
  merchant_order_id text not null,
  type text not null,
  business text,
  status text not null check (status in
    ('processing', 'requires_action', 'paid', 'failed', 'closed', 'refunded', 'partially_refunded')),
  amount bigint not null check (amount > 0),
  currency text not null,
  subject text,
  method text,
  notify_url text,
  return_url text,
  metadata jsonb,
  run_id uuid not null,
  channel text,
  channel_order_id text,
  action jsonb,
  error jsonb,
  paid_by uuid,
  expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);

create table core.payments (
  payment_id uuid primary key,
  order_id uuid not null,
  run_id uuid not null,
  attempt int not null,
  channel text not null,
  channel_order_id text,
  route_rule text,
  status text not null check (status in ('sending', 'pending', 'approved', 'declined', 'notSent', 'unknown')),
  amount bigint not null check (amount > 0),
  currency text not null,
  evidence jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
create index payments_by_order on core.payments (order_id);

create table core.notifications (
  notification_id uuid primary key,
  order_id uuid not null,
  merchant_id text not null,
  run_id uuid not null,
  event text not null,
  url text not null,
  status text not null check (status in ('sending', 'delivered', 'failed')),
  attempts int not null,
  answer_status int,
  answer_detail text,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
create index notifications_by_order on core.notifications (order_id);

create table core.modules (
  instance uuid not null,
  module text not null,
  host text not null,
  pid int not null,
  -- Where and since when the pid means this process: see adapters/data/process-identity.ts.
  pid_space text not null,
  started_ticks text not null,
  version text not null,
  queues jsonb not null,
  atoms jsonb not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now(),
  primary key (instance, module)
);

create table bus.messages (
  message_id uuid primary key,
  queue text not null,
  priority smallint not null default 0 check (priority in (0, 1)),
  type text not null,
  body jsonb not null,
  correlation_id text,
  reply_to text,
  delivery_count int not null default 0,
  lease_token uuid,
  lease_owner uuid,
  -- When it may be delivered next: enqueue time plus delay, or the end of the lease that holds it.
  visible_at timestamptz not null,
  enqueued_at timestamptz not null default now(),
  expires_at timestamptz
) with (${busyTable});
create index messages_ready on bus.messages (queue, priority, visible_at);

create table bus.dead_letters (
  message_id uuid primary key,
  queue text not null,
  type text not null,
  body jsonb not null,
  reason text not null,
  deliveries int not null,
  died_at timestamptz not null
);
create index dead_letters_by_queue on bus.dead_letters (queue, died_at);

create table edge.nonces (
  merchant_id text not null,
  nonce text not null,
  expires_at timestamptz not null,
  primary key (merchant_id, nonce)
);
create index nonces_expired on edge.nonces (expires_at);

-- One row per kind of reference data; a process compares, twice a second, whether its cache still holds.
create table config.versions (
  kind text primary key,
  version bigint not null default 1
);
insert into config.versions (kind) values ('merchants'), ('channels'), ('routes'), ('definitions');

create function config.bump() returns trigger language plpgsql as $$
begin
  update config.versions set version = version + 1 where kind = tg_argv[0];
  return null;
end $$;

create table config.merchants (
  merchant_id text primary key,
  name text not null,
  status text not null check (status in ('active', 'frozen')),
  businesses jsonb not null,
  webhook_secret text not null,
  created_at timestamptz not null default now()
);
create table config.merchant_keys (
  merchant_id text not null references config.merchants,
  key_id text not null,
  algorithm text not null check (algorithm in ('hmac-sha256', 'rsa-sha256')),
  material text not null,
  status text not null check (status in ('active', 'revoked')),
  created_at timestamptz not null default now(),
  primary key (merchant_id, key_id)
);
create table config.channels (
  channel text primary key,
  switch text not null default 'open' check (switch in ('open', 'draining', 'closed')),
  facts jsonb not null
);
create table config.routes (
  position int primary key,
  name text not null unique,
  rule jsonb not null
);
create trigger bump after insert or update or delete on config.merchants
  for each statement execute function config.bump('merchants');
create trigger bump after insert or update or delete on config.merchant_keys
  for each statement execute function config.bump('merchants');
create trigger bump after insert or update or delete on config.channels
  for each statement execute function config.bump('channels');
create trigger bump after insert or update or delete on config.routes
  for each statement execute function config.bump('routes');

-- A definition set is all files together; the one with the highest version is in force.
create table config.definition_sets (
  version bigint primary key,
  files jsonb not null,
  types jsonb not null,
  -- flow name -> plan hash
  flows jsonb not null,
  author text not null,
  reason text not null,
  activated_at timestamptz not null default now()
);
create table config.plans (
  hash text primary key,
  plan jsonb not null,
  created_at timestamptz not null default now()
);
create trigger bump after insert on config.definition_sets
  for each statement execute function config.bump('definitions');

create table config.audit (
  audit_id uuid primary key,
  at timestamptz not null default now(),
  who text not null,
  action text not null,
  subject text not null,
  before jsonb,
  after jsonb,
  reason text not null
);
`;
