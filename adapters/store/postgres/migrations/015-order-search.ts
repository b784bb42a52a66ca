/**
 * Orders are found by the channel's number; what operators did to an order is kept with it, once per action; and a
 * person may give back by hand what a channel would not.
 *
 * Searching by time needs no index of its own: the id of an order's first payment begins with the moment at which the
 * order was accepted, so the primary key of `payments` has them in that order already (`order-search.ts`).
 */
export const name = "015-order-search";

export const sql = `
create index payments_by_channel_order on core.payments (channel_order_id) where channel_order_id is not null;

create table core.operator_actions (
  -- Chosen by the client: a double click names the same one.
  action_id uuid primary key,
  order_id uuid,
  action text not null,
  -- What was asked, to tell a repeat from another action under the same id; and what was answered.
  input jsonb not null,
  answer jsonb not null,
  who text not null,
  reason text not null,
  at timestamptz not null
);
create index operator_actions_by_order on core.operator_actions (order_id);

alter table core.refunds
  drop constraint refunds_status_check,
  add constraint refunds_status_check check (status in
    ('sending', 'pending', 'approved', 'declined', 'notSent', 'unknown', 'byHand'));
`;
