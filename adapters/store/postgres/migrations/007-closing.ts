/** Closing an unpaid order, at the channel too, and money that comes for what had been given up. */
export const name = "007-closing";

export const sql = `
alter table core.orders
  -- Payments opened so far: who closes the order has seen them all.
  add column attempts int not null default 1,
  add column close_reason text check (close_reason in ('merchant', 'expired'));
update core.orders o set attempts = a.attempts
  from (select order_id, max(attempt) as attempts from core.payments group by order_id) a
  where a.order_id = o.order_id and a.attempts > 1;
-- Only orders that can still expire are in it: it stays as small as what is under way.
create index orders_expiring on core.orders (expires_at)
  where status in ('processing', 'requires_action') and expires_at is not null;

alter table core.payments
  add column sent_at timestamptz,
  add column surplus boolean not null default false,
  drop constraint payments_status_check,
  add constraint payments_status_check check (status in
    ('created', 'sending', 'pending', 'approved', 'declined', 'notSent', 'unknown', 'closed'));
-- What was under way may have been sent at any time until now.
update core.payments set sent_at = now() where status in ('sending', 'pending', 'unknown');
`;
