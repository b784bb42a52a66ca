/** What the product does with a bus. */
import { emulated, type Feature, native, relayed, unsupported } from "./feature.js";

const asSent = "a message arrives as it was sent";

export const featuresOfUse: readonly Feature[] = [
  {
    name: "queue, each message to one consumer",
    shown: ["no message goes to both", "a batch is handed out in order, too"],
    on: {
      postgres: native("rows claimed with `SKIP LOCKED`"),
      amqp: native("a quorum queue per queue"),
      nats: native("a work-queue stream per queue, one durable pull consumer that all processes share"),
    },
  },
  {
    name: "durable shared topic",
    shown: [
      "an announcement is in every subscription's queue, in the commit that made it",
      "a subscription that stands still, or buries what it gets, keeps nothing from the other one",
    ],
    on: {
      postgres: emulated("one message per subscription, in one commit"),
      ...relayed("one message per subscription, in one commit, sent to a queue each"),
    },
  },
  {
    name: "message id, type",
    shown: [asSent],
    on: {
      postgres: native("columns"),
      amqp: native("properties `message-id`, `type`", {
        shown: ["carry what JMS has a header for in AMQP's own properties, for the broker's own tools"],
      }),
      nats: emulated("fields of the JSON envelope"),
    },
  },
  {
    name: "correlation id, reply-to",
    shown: [asSent],
    on: {
      postgres: native("columns"),
      amqp: native("properties `correlation-id`, `reply-to`", {
        shown: ["carry what JMS has a header for in AMQP's own properties, for the broker's own tools"],
      }),
      nats: emulated("fields of the JSON envelope"),
    },
  },
  {
    name: "timestamp",
    shown: [asSent],
    on: {
      postgres: native("`visible_at`: from when it could be delivered; the queue wait is counted from there"),
      amqp: emulated("header `x-valence-ready-at-ms`; AMQP's own property, also set, counts seconds", {
        shown: ["a message arrives with everything it was sent with"],
      }),
      nats: emulated("field of the JSON envelope", {
        shown: ["a message arrives with everything it was sent with"],
      }),
    },
  },
  {
    name: "properties",
    shown: [asSent],
    on: {
      postgres: emulated("fields of the JSON body"),
      ...relayed("fields of the JSON body", {
        shown: ["a message arrives with everything it was sent with"],
      }),
    },
  },
  {
    name: "priority, two levels",
    shown: ["within a priority first in, first out; high before normal"],
    on: {
      postgres: native("a column of the claiming order"),
      ...relayed("a second queue, `<queue>!high`, whose messages get permits first", {
        lacks: "a high message may be overtaken by those that were begun before it was handed over",
        shown: ["high before normal, also before those that were handed over earlier"],
      }),
    },
  },
  {
    name: "delivery delay",
    shown: ["a delayed message is not there before its time, and is then"],
    on: {
      postgres: native("`visible_at`"),
      ...relayed("the outbox holds it until its time, then any process sends it", {
        lacks: "late by up to 250 ms",
        shown: ["a delayed message is not sent before its time, and is then, by one process"],
      }),
    },
  },
  {
    name: "expiration",
    shown: ["a message that outlived its expiration is marked, others are not"],
    on: {
      postgres: emulated("marked at delivery, and buried with its reason by the worker"),
      ...relayed("its time travels with it; the broker is never told, for it would drop it without a word", {
        shown: ["one that expired is handed over all the same: only the engine buries"],
      }),
    },
  },
  {
    name: "acknowledge",
    shown: [asSent, "depths tell ready, delayed, leased and dead apart"],
    on: {
      postgres: native("the row goes in the commit of the work"),
      amqp: native("`basic.ack` after the commit of the work", {
        lacks: "lost between commit and answer, the message comes again and its work is found done",
        shown: ["a redelivery of what was settled meanwhile is answered at once"],
      }),
      nats: native("explicit ack after the commit of the work", {
        lacks: "lost between commit and answer, the message comes again and its work is found done",
        shown: ["a redelivery of what was settled meanwhile is answered at once"],
      }),
    },
  },
  {
    name: "negative acknowledge with delay",
    shown: [
      "a message given back with a delay comes again after it",
      "a handler that throws, at once or later, leaves its message to the lease and its place to others",
    ],
    on: {
      postgres: native("the lease ends and `visible_at` moves"),
      ...relayed("a new publication in the outbox, then the old one is acknowledged", {
        shown: ["a release that the database does not take leaves the message in hand"],
      }),
    },
  },
  {
    name: "delivery count",
    shown: ["deliveries are counted, unless the message is given back without blame"],
    on: {
      postgres: native("a column, counted with every claim"),
      ...relayed("travels with each publication; deliveries that end unseen are counted in `bus.suspects`", {
        lacks: "a hint: one that was given back unworked may count one too many until it is settled",
        shown: ["the first repetition runs beside others, counted before it begins"],
      }),
    },
  },
  {
    name: "dead letters, replay, discard",
    shown: [
      "dead letters can be read, oldest first, and replayed one by one or all",
      "a replay takes the run out of the park; one that went on meanwhile is left alone",
    ],
    on: {
      postgres: emulated("rows of `bus.dead_letters`, written in the commit that settles the message"),
      ...relayed("rows of `bus.dead_letters`, written before the message is acknowledged"),
    },
  },
  {
    name: "prefetch",
    shown: [
      "never more at work than the concurrency, also when commits hand messages on",
      "queues that share a consumer share its concurrency, and a new one is served at once",
    ],
    on: {
      postgres: native("claims as many as there are permits"),
      amqp: native("`basic.qos` per queue", { shown: ["never more unsettled than the prefetch"] }),
      nats: native("pulls as many as there is room for", {
        shown: ["never more unsettled than the prefetch"],
      }),
    },
  },
  {
    name: "pause and resume a consumer, stop it in order",
    shown: [
      "a paused consumer takes nothing, and goes on when resumed",
      "a stopped consumer waits for what is in flight, and hands back what does not finish",
      "what a stopped consumer hands back is taken by the other one",
    ],
    on: {
      postgres: native("nothing is claimed"),
      amqp: native("`basic.cancel` and `basic.consume`", {
        shown: ["pause and resume in any order end as the last one said"],
      }),
      nats: native("the pulls are drained and begun anew", {
        shown: ["pause and resume in any order end as the last one said"],
      }),
    },
  },
  {
    name: "queue depth",
    shown: ["depths tell ready, delayed, leased and dead apart"],
    on: {
      postgres: native("counted, with the age of the oldest"),
      amqp: native(
        "passive declaration of every queue that was ever used; the rest from outbox and dead letters",
        {
          lacks: "`leased` is what the process that answers holds; the age of the oldest is not known",
        },
      ),
      nats: native("stream and consumer info, exact; the rest from outbox and dead letters", {
        lacks: "the age of the oldest is not known; what was given back counts as leased until it is pulled",
      }),
    },
  },
  {
    name: "browse",
    shown: [
      "what waits can be looked at without being taken; where the broker shows nothing, the journal tells",
    ],
    on: {
      postgres: native("reads the rows"),
      ...relayed("what the outbox holds, and what the journal says was sent there and has not moved since", {
        lacks:
          "a message that belongs to no run (a notification, a signal) is not shown once it is at the broker",
      }),
    },
  },
  {
    name: "list of queues",
    shown: [],
    on: {
      postgres: native("the rows", { shown: ["depths tell ready, delayed, leased and dead apart"] }),
      amqp: emulated("`bus.queues`: AMQP cannot list", {
        shown: ["queues are made known to every process, also when the database was away at first"],
      }),
      nats: native("streams of the namespace", {
        shown: ["a stream says its queue, and only in its own namespace"],
      }),
    },
  },
  {
    name: "request and reply",
    shown: ["a reply goes to the process that waits for it, and to no other one"],
    on: {
      postgres: emulated("a broadcast to the topic of the process that waits", {
        lacks: "not durable: a lost reply is a 202",
      }),
      ...relayed("a broadcast to the topic of the process that waits", {
        lacks: "not durable: a lost reply is a 202",
      }),
    },
  },
  {
    name: "broadcast",
    shown: [
      "broadcasts reach both, in order, however many they are",
      "a broadcast of 200 KiB arrives whole, between smaller ones; one that is too large harms none",
    ],
    on: {
      postgres: native("`NOTIFY`, in chunks of 8 kB", {
        shown: ["broadcasts are heard again after the listening connection was killed"],
      }),
      amqp: native("a direct exchange, an exclusive queue per process", {
        shown: ["broadcasts are heard again after a cut"],
      }),
      nats: native("core NATS subjects", { shown: ["broadcasts are heard again after a cut"] }),
    },
  },
  {
    name: "duplicates removed",
    shown: ["the same message id twice is one message, while one of them is at work"],
    on: {
      postgres: native("the message id is the primary key"),
      amqp: unsupported(
        "RabbitMQ knows no duplicates",
        "a process drops those of what it holds or has settled; any other is worked on and the fence finds its work done",
      ),
      nats: native("`Nats-Msg-Id` is the publication id, remembered for 2 minutes", {
        lacks: "beyond the window as on RabbitMQ: the fence finds the work done",
        shown: [
          "a second publication with the same id within the window is dropped, where the broker does that",
        ],
      }),
    },
  },
  {
    name: "publish in the commit",
    shown: ["an announcement is in every subscription's queue, in the commit that made it"],
    on: {
      postgres: native("rows of the same statement"),
      ...relayed("rows of the outbox in the commit, sent after it; what a dead process left another sends", {
        shown: [
          "what a dead process left in the outbox is sent by another; what a living one has is left to it",
          "a commit whose outcome was lost on the way: its own row is found and sent once",
        ],
      }),
    },
  },
];
