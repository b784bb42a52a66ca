/** What a bus survives. */
import { emulated, type Feature, native, relayed, unsupported } from "./feature.js";

export const featuresOfSurvival: readonly Feature[] = [
  {
    name: "survives: server killed and restarted",
    shown: [],
    on: {
      postgres: native("WAL, synced at every commit", {
        shown: [
          "restarted in order, then stopped dead: each unit is there once, or its error says that it may not be",
        ],
      }),
      amqp: native("quorum queues and confirms; unconfirmed ones are sent again from the outbox", {
        lacks:
          "RabbitMQ 3.10 may lose a queue made less than about half a second before a kill -9, with what is in it",
        shown: [
          "server killed twice in mid-traffic: what was confirmed arrives, what was not is sent again",
          "nothing lost, nothing charged twice, decided again within 10 s of its return",
        ],
      }),
      nats: native("streams on files; unconfirmed ones are sent again from the outbox", {
        lacks: "power loss without `sync_interval: always` or replicas loses the last moments",
        shown: [
          "server killed twice in mid-traffic: what was confirmed arrives, what was not is sent again",
          "nothing lost, nothing charged twice, decided again within 10 s of its return",
        ],
      }),
    },
  },
  {
    name: "survives: connection cut",
    shown: [],
    on: {
      postgres: emulated("the journal is asked what became of the commit, the rest is written again", {
        shown: [
          "connections killed in the middle of traffic: each unit is there once, or its error says that it may not be",
        ],
      }),
      ...relayed("connected again for as long as it takes; answers of before do nothing", {
        shown: [
          "connection cut with sendings under way: each one ends, at once, and can be sent again",
          "what is held when the connection is cut comes again, marked; answers of before do nothing",
          "a redelivery of what is at work is the same work, and the answer goes to the newer handing-out",
        ],
      }),
    },
  },
  {
    name: "survives: channel closed by the server",
    shown: [],
    on: {
      postgres: emulated("a connection that broke is replaced", {
        shown: ["a connection that broke is replaced by one, however often it broke"],
      }),
      amqp: emulated("a channel per consumer; it is made again", {
        shown: ["a channel that the server closes: only its consumer notices, is made again and goes on"],
      }),
      nats: unsupported("NATS has no channels", "nothing can be closed below the connection"),
    },
  },
  {
    name: "survives: consumer cancelled by the server",
    shown: [],
    on: {
      postgres: unsupported("nothing is kept at the server", "nothing can be cancelled"),
      ...relayed("made again", {
        shown: ["a consumer that the server takes away is there again, also for what is sent afterwards"],
      }),
    },
  },
  {
    name: "survives: queue deleted under a consumer",
    shown: [],
    on: {
      postgres: unsupported("a queue is a value of a column", "there is nothing to delete but rows"),
      ...relayed("made again, and so is its consumer", {
        lacks: "what was in it is gone: runs under way are sent again by the sweep, other messages are lost",
        shown: [
          "a queue deleted under its consumer is made again, and its consumer goes on",
          "a queue deleted under its publishers: the sendings under way are confirmed or end with an error",
        ],
      }),
    },
  },
  {
    name: "survives: redelivery storm",
    shown: ["a poisonous message among 200 others ends in the dead letters, and all others are done"],
    on: {
      postgres: native("counted in the row"),
      amqp: native("`x-delivery-limit` as large as it goes: the broker never drops", {
        shown: [
          "redelivery storm: 200 messages given back 25 times each, none is lost or dropped by the broker",
        ],
      }),
      nats: native("`max_deliver: -1`: the server never drops", {
        shown: [
          "redelivery storm: 200 messages given back 25 times each, none is lost or dropped by the broker",
        ],
      }),
    },
  },
  {
    name: "survives: poisonous message",
    shown: ["a poisonous message among 200 others ends in the dead letters, and all others are done"],
    on: {
      postgres: emulated("buried after 8 deliveries", {
        shown: [
          "among 200 others: it alone is buried and its run parked in one commit; a replay opens the run again",
        ],
      }),
      ...relayed(
        "buried after 8 deliveries; one that kills its process is found by letting suspects run alone",
        {
          shown: [
            "the guilty one alone counts up to its dead letter; the innocent are done, and never near to theirs",
            "what nobody can read is set aside, harms nobody, and what follows is handed over",
          ],
        },
      ),
    },
  },
  {
    name: "survives: unroutable publish",
    shown: [],
    on: {
      postgres: unsupported("a queue is a value of a column", "every publish has its place"),
      amqp: emulated("`mandatory`: a returned publication counts as not sent; the queue is declared again", {
        shown: [
          "a queue deleted under its publishers: the sendings under way are confirmed or end with an error",
        ],
      }),
      nats: emulated("no stream, no confirmation: the stream is made again", {
        shown: [
          "a queue deleted under its publishers: the sendings under way are confirmed or end with an error",
        ],
      }),
    },
  },
  {
    name: "survives: backlog of 100,000",
    shown: ["100,000 messages of backlog are there, and are worked off"],
    on: {
      postgres: native("an index of what is ready; deletes in batches"),
      amqp: native("queues on disk"),
      nats: native("streams on disk"),
    },
  },
  {
    name: "survives: slow consumer",
    shown: ["a slow consumer before a large backlog holds no more than its prefetch"],
    on: {
      postgres: native("holds what it works on"),
      amqp: native("holds its prefetch"),
      nats: native("holds what it pulled; it says `+WPI` while it works"),
    },
  },
];
