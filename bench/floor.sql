-- One payment as PostgreSQL alone would take it, for pgbench: two statements, each a commit of its own, before and after
-- the channel would be called. No HTTP, no signature, no channel, no message.
\set id random(1, 9000000000000000000)
with o as (
  insert into floor_orders (id, merchant_id, merchant_order_id, amount, currency, subject, notify_url, status)
  values (:id, 'shop', :id, 100, 'CNY', 'benchmark', 'https://shop.example/notify', 'processing')),
p as (insert into floor_payments (id, order_id, channel, amount) values (:id, :id, 'simulator', 100))
insert into floor_intents (payment_id) values (:id);
with r as (insert into floor_results (payment_id, outcome, channel_order_id) values (:id, 'approved', 'SIM0000000001')),
o as (update floor_orders set status = 'paid', updated_at = now() where id = :id and status = 'processing')
insert into floor_notifications (id, order_id, kind) values (:id, :id, 'order.paid');
