/** The part of `docs/buses.md` that people write: operating each bus. Servers and clusters are in docs/deploy.md. */
export const operating = `## What is durable when

| | PostgreSQL | RabbitMQ | NATS JetStream |
| --- | --- | --- | --- |
| a message exists | with the commit that publishes it | with the commit, in \`bus.outbox\`; its row goes when the broker has confirmed | the same |
| the component confirms | after \`fsync\` of the WAL | when a majority of the queue's members has it on disk | when the stream's leader (and with replicas a majority) has written it, *before* \`fsync\` |
| kill -9 of a process of ours | leases end, or its successor on the host frees them | what it held comes again, marked; what it had not sent another process sends within 10 s | the same; what it held comes after 30 s at the latest |
| kill -9 of the server | nothing is lost | nothing confirmed is lost, but 3.10 may lose a *queue* that is younger than about half a second, with what is in it | nothing confirmed is lost; acknowledgements of the last moments may be, and their messages come again |
| power loss | nothing is lost with \`fsync\` | nothing confirmed is lost | without replicas and without \`sync_interval: always\` the last moments are lost (two minutes at worst) |

When a broker loses what it had confirmed:

- **A run under way** is published again by the sweep when nothing was heard of it for \`scheduler.sweepAfterMs\`, under the same
  message id: nothing is lost.
- **An order that was accepted and not begun, a signal, an announcement to merchant or ledger** is nowhere else once the broker
  has confirmed it: it is lost. The integrator who submits the order again, as it must while it has no answer, gets it
  done; a run that waits for a lost signal waits until somebody looks at it.

So a broker has to be as durable as the database: RabbitMQ is by itself; NATS needs replicas on machines that do not lose
power together, or \`sync_interval: always\` (2.10 or later).

## Operating PostgreSQL as the bus

Nothing to do: queues are rows of \`bus.messages\`. Autovacuum is set on the table; long transactions of others (a dump, a
forgotten \`begin\`) keep it from working and make claiming slower.

## Operating RabbitMQ

- **Queues** are named \`<bus.namespace>.<queue>\`, with \`!high\` behind those of high priority, and are quorum queues
  (\`x-queue-type: quorum\`) with \`x-delivery-limit: 2147483647\`: from 4.0 on the default is 20, after which RabbitMQ drops. The
  engine counts and buries, the broker never does. The arguments of a queue cannot be changed later; a policy must not set
  \`message-ttl\`, \`expires\`, \`max-length\` or \`delivery-limit\` for them.
- **Broadcasts** go through the exchange \`<namespace>.broadcast\`.
- **Exact milliseconds, delivery count, expiry and publication id** travel in \`x-valence-*\` headers, everything JMS has a header
  for in AMQP's own properties, so that the broker's tools show it.
- **Publishing** is \`mandatory\` with confirms. A returned publication counts as not sent, the queue is declared again.
- **\`redelivered\`** is also set for what was given back in order (a pause, a stop). Such a message is looked up in
  \`bus.suspects\`; nothing is held against it unless its work has begun again and ended unseen.
- **\`consumer_timeout\`** (30 minutes) closes the channel of a consumer that holds a message for longer. A step takes 12 s at
  most; do not set it below a minute.
- **Two connections** per process, one sends and one receives: a memory or disk alarm stops the first only, so that what waits
  can still be worked off.
- **Depth** is asked by passive declaration; there is no listing: names of queues are in \`bus.queues\`.
- **\`bus.replicas\`** has no effect: a new quorum queue has a member on up to five nodes. After adding nodes:
  \`rabbitmq-queues grow\`.
- 4.x needs nothing else. Classic queues, mirrored or not, are never used.

## Operating NATS JetStream

- **One stream per queue** with work-queue retention on files: \`<namespace>+<queue>\`, subject \`<namespace>.queue.<queue>\`. Characters
  that NATS does not take are written as \`=\` and two hex digits, \`.\` as \`_\`: \`flow.pay!high\` is \`valence+flow_pay=21high\`.
- **One durable pull consumer per stream**, explicit acknowledgement, \`max_deliver: -1\`, ack wait 30 s. Who works longer says so
  (\`+WPI\`) every 8 s. Its name is new each time it is made: never make or edit one by hand, a work queue takes only one.
- **\`Nats-Msg-Id\`** is the publication id, remembered for 2 minutes. The envelope is JSON, readable with \`nats stream view\`.
- **Depth and listing** are exact. A message that was given back counts as unsettled until somebody pulls it.
- **\`bus.replicas\`** (1, 3 or 5) holds for streams that do not exist yet. Existing ones: \`nats stream edit --replicas 3\`.
- What cannot be read is kept in the stream \`<namespace>-malformed\`.
- 2.9.4 or later. 2.10 brings \`sync_interval: always\`; nothing else is asked of newer servers.

## What an operator must not do

| do not | because |
| --- | --- |
| delete or purge a queue or stream that holds messages | they are gone at once. Runs under way come back by the sweep, other messages do not. An empty one may be deleted; it is made again when it is used |
| change \`bus.url\` or \`bus.namespace\` while messages wait | nobody looks at the old place. Close the bridge, wait until \`valence queue list\` is empty but for dead letters, then change it for all processes at once |
| run processes of one system on different buses | each sends where the other does not look |
| give one namespace to two systems | each works off the other's messages |
| publish into our queues, or consume from them | what is none of ours is set aside; what you take is missing |
| delete rows of \`bus.outbox\` | they are messages that exist nowhere else |
`;
