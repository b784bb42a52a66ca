/** What a recorded series says, and about whom: the one table between names of metrics and what people look at. */
import { channelOf } from "../runtime/report.js";
import type { Sample } from "../ports/series.js";

export type Dimension = "system" | "modules" | "queues" | "types" | "channels";

/** Where the time of a transaction goes, and that of a request as its merchant sees it. */
export const parts = ["queueWait", "atoms", "commit", "channel", "request"] as const;
export type Part = (typeof parts)[number];

export interface Fact {
  readonly dimension: Dimension;
  /** Empty for the system. */
  readonly name: string;
  /** `outcome`: counts among the outcomes and not in the count. */
  readonly as: Part | "count" | "outcome" | "parked" | "deadLetters" | "depth" | "inFlight";
  readonly outcome?: string;
}

/** What has to be known of the system to read its series. */
export interface SystemShape {
  /** Flows that only follow what others announce: their runs are no business of their own. */
  readonly followers: ReadonlySet<string>;
}

type Labels = Sample["labels"];

/** The module that takes from a queue. */
export function moduleOf(queue: string): string {
  const channel = channelOf(queue);
  if (channel !== "") return `channel:${channel}`;
  return queue.split(".")[0] ?? queue;
}

/** Notifications and feeds come after the order is decided: their time is nobody's waiting. */
export const onTheWay = (queue: string): boolean => queue.startsWith("flow.") || queue.startsWith("channel.");

/** Everybody a transaction of this queue concerns. */
function concerned({ queue = "", type }: Labels, as: Part): readonly Fact[] {
  const channel = channelOf(queue);
  return [
    { dimension: "queues", name: queue, as },
    { dimension: "modules", name: moduleOf(queue), as },
    ...(channel === "" ? [] : [{ dimension: "channels", name: channel, as } as const]),
    ...(onTheWay(queue)
      ? [
          { dimension: "system", name: "", as } as const,
          ...(type === undefined ? [] : [{ dimension: "types", name: type, as } as const]),
        ]
      : []),
  ];
}

/** Orders of integrators: the requests whose latency is the system's. */
const orderRoutes = new Set(["/v1/orders", "/v1/transactions/:type"]);

const facts: Readonly<Record<string, (labels: Labels, shape: SystemShape) => readonly Fact[]>> = {
  valence_runs_ended_total: ({ flow = "", type = "", end: outcome = "" }, { followers }) =>
    followers.has(flow)
      ? []
      : [
          { dimension: "system", name: "", as: "count", outcome },
          { dimension: "types", name: type, as: "count", outcome },
        ],
  valence_transactions_total: ({ queue = "", outcome = "" }) => {
    const channel = channelOf(queue);
    return [
      { dimension: "queues", name: queue, as: "count", outcome },
      { dimension: "modules", name: moduleOf(queue), as: "outcome", outcome },
      ...(channel === "" ? [] : [{ dimension: "channels", name: channel, as: "count", outcome } as const]),
    ];
  },
  valence_module_messages_total: ({ module = "" }) => [{ dimension: "modules", name: module, as: "count" }],
  valence_queue_wait_seconds: (labels) => concerned(labels, "queueWait"),
  valence_atoms_seconds: (labels) => concerned(labels, "atoms"),
  valence_transaction_commit_seconds: (labels) => concerned(labels, "commit"),
  valence_channel_seconds: ({ channel = "" }) =>
    channel === ""
      ? []
      : [
          { dimension: "channels", name: channel, as: "channel" },
          { dimension: "modules", name: `channel:${channel}`, as: "channel" },
          { dimension: "system", name: "", as: "channel" },
        ],
  valence_request_seconds: ({ route = "" }) =>
    orderRoutes.has(route)
      ? [
          { dimension: "system", name: "", as: "request" },
          { dimension: "modules", name: "bridge", as: "request" },
        ]
      : [],
  valence_requests_total: ({ route = "", status: outcome = "" }) =>
    orderRoutes.has(route) ? [{ dimension: "modules", name: "bridge", as: "outcome", outcome }] : [],
  valence_runs_parked_total: () => [{ dimension: "system", name: "", as: "parked" }],
  valence_dead_letters_total: ({ queue = "" }) => [
    { dimension: "queues", name: queue, as: "deadLetters" },
    { dimension: "system", name: "", as: "deadLetters" },
  ],
  valence_queue_messages: ({ queue = "", state }) =>
    // Dead letters are in no queue any more.
    state === "dead"
      ? []
      : [
          { dimension: "queues", name: queue, as: "depth" },
          { dimension: "system", name: "", as: "depth" },
        ],
  valence_module_in_flight: ({ module = "" }) => [
    { dimension: "modules", name: module, as: "inFlight" },
    { dimension: "system", name: "", as: "inFlight" },
  ],
};

/** Nothing for a series that says nothing here. */
export const factsOf = (
  { metric, labels }: Pick<Sample, "metric" | "labels">,
  shape: SystemShape,
): readonly Fact[] => facts[metric]?.(labels, shape) ?? [];
