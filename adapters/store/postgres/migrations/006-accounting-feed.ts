/** What was paid, for accounting to read on at its own pace. Rows are added and never changed. */
export const name = "006-accounting-feed";

export const sql = `
create table core.accounting_feed (
  -- Follows from event and payment: a repeat names the same row.
  entry_id uuid primary key,
  -- What happened: 'order.paid' so far. Says which way the money went; amounts are positive.
  event text not null,
  order_id uuid not null,
  payment_id uuid not null,
  merchant_id text not null,
  merchant_order_id text not null,
  type text not null,
  business text not null,
  channel text not null,
  -- The channel's number of the payment: what its bill will name it by.
  channel_order_id text,
  -- Minor units of the currency.
  amount bigint not null check (amount > 0),
  currency text not null,
  -- When we knew, by our clock: the time in the merchant's notification. The institution's own day is in its bill.
  paid_at timestamptz not null,
  -- The run that entered it.
  run_id uuid not null,
  entered_at timestamptz not null,
  -- Numbers are given when a row is written. Some are never seen (a repeat or a refused commit used them up), and
  -- those of commits that ran side by side become visible in any order.
  sequence bigint generated always as identity,
  -- The transaction that wrote the row.
  written_by xid8 not null default pg_current_xact_id()
);
create index accounting_feed_read on core.accounting_feed (written_by, sequence);
create index accounting_feed_by_order on core.accounting_feed (order_id);

-- Entries that no later commit can come before: those of transactions older than every one still running. Read on from
-- the last pair you have seen, in this order; a cursor of sequence or entered_at alone skips what was committed late:
--
--   select * from core.accounting_feed_readable
--   where (written_by, sequence) > ($1, $2) order by written_by, sequence limit 1000
--
-- A transaction that stays open after it has written anything, whatever it is about, holds readers back as long; it
-- makes them miss nothing. The numbers of transactions belong to a server: after a dump was restored into another one
-- they begin anew, and a reader begins anew, too (entry_id tells it what it has).
create view core.accounting_feed_readable as
  select * from core.accounting_feed where written_by < pg_snapshot_xmin(pg_current_snapshot());
`;
