/** Refunds: what is taken of a payment before anything is sent, and what became of it. Accounting hears of them. */
export const name = "008-refunds";

export const sql = `
create table core.refunds (
  refund_id uuid primary key,
  order_id uuid not null,
  payment_id uuid not null,
  merchant_id text not null,
  merchant_order_id text not null,
  merchant_refund_id text not null,
  run_id uuid not null,
  channel text not null,
  channel_refund_id text,
  -- Minor units of the currency.
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text,
  status text not null check (status in ('sending', 'pending', 'approved', 'declined', 'notSent', 'unknown')),
  evidence jsonb,
  error jsonb,
  -- Set once, with the sums of payment and order.
  settled_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
create index refunds_by_order on core.refunds (order_id);

-- The checks say once more what the guards see to.
alter table core.payments
  add column refund_reserved bigint not null default 0,
  add column refunded bigint not null default 0,
  add constraint payments_refunds_check check
    (refunded >= 0 and refund_reserved >= refunded and amount >= refund_reserved);
alter table core.orders
  add column refunded bigint not null default 0,
  add constraint orders_refunded_check check (refunded between 0 and amount);

-- 'order.paid' and 'payment.surplus' brought money in, 'refund.refunded' gave some back and has a refund_id.
alter table core.accounting_feed
  add column refund_id uuid,
  add column channel_refund_id text;
create or replace view core.accounting_feed_readable as
  select * from core.accounting_feed where written_by < pg_snapshot_xmin(pg_current_snapshot());

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'valence_bridge') then
    grant select on core.refunds to valence_bridge;
  end if;
end $$;
`;
