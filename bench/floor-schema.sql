-- The tables of the floor, independent of Valence's own: what any payment system has to remember of a payment.
create table floor_orders (
  id bigint primary key, merchant_id text not null, merchant_order_id bigint not null, amount bigint not null,
  currency text not null, subject text not null, notify_url text not null, status text not null,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table floor_payments (
  id bigint primary key, order_id bigint not null, channel text not null, amount bigint not null,
  created_at timestamptz not null default now());
create table floor_intents (payment_id bigint primary key, created_at timestamptz not null default now());
create table floor_results (
  payment_id bigint primary key, outcome text not null, channel_order_id text not null,
  created_at timestamptz not null default now());
create table floor_notifications (
  id bigint primary key, order_id bigint not null, kind text not null,
  created_at timestamptz not null default now());
