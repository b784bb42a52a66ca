/**
 * Every setting there is: shape, unit, default, meaning. `config/default.json` and `config/README.md` are generated
 * from this table (scripts/docs-settings.ts), and so is the type `Settings`.
 */
import { limits } from "../../engine/limits.js";

interface Common {
  /** What it does, and what happens when it is set too low or too high. */
  readonly description: string;
  /** Unit or form of the value. */
  readonly unit: string;
  /** Never shown whole: in messages it is masked. */
  readonly secret?: boolean;
}

/** One setting: a JSON Schema of one primitive value with its default. */
export type SettingSpec =
  | (Common & {
      readonly type: "integer";
      readonly default: number;
      readonly minimum: number;
      readonly maximum: number;
    })
  | (Common & { readonly type: "boolean"; readonly default: boolean })
  | (Common & { readonly type: "string"; readonly default: string; readonly enum: readonly string[] })
  | (Common & { readonly type: "string"; readonly default: string; readonly pattern: string });

const host = (what: string) =>
  ({
    type: "string",
    default: "127.0.0.1",
    pattern: "^[^\\s/]+$",
    unit: "address",
    description: `Address ${what} listens on. The default serves this machine only; 0.0.0.0 serves the network.`,
  }) as const;

const port = (what: string, preset: number) =>
  ({
    type: "integer",
    default: preset,
    minimum: 0,
    maximum: 65_535,
    unit: "TCP port",
    description: `Port of ${what}. 0 picks a free one; \`demo.json\` tells which.`,
  }) as const;

const count = (preset: number, maximum: number, unit: string, description: string) =>
  ({ type: "integer", default: preset, minimum: 1, maximum, unit, description }) as const;

export const settingSections = {
  data: {
    dir: {
      type: "string",
      default: ".valence",
      pattern: "\\S",
      unit: "path",
      description:
        "Folder of everything that is kept here: the embedded database, the simulator's ledger, `demo.json`.",
    },
  },
  database: {
    url: {
      type: "string",
      default: "",
      pattern: "^($|postgres(ql)?://)",
      unit: "postgres:// URL",
      secret: true,
      description:
        "PostgreSQL to use. Empty: the embedded one in `data.dir`, which serves one process and survives kill -9, but not a power loss.",
    },
    connectionsMax: count(
      10,
      1000,
      "connections",
      "Connections of one process. All processes together must stay below the server's max_connections. The embedded database has one.",
    ),
  },
  bus: {
    url: {
      type: "string",
      default: "postgres",
      pattern: "^(postgres$|amqps?://|nats://|tls://)",
      unit: "`postgres`, amqp:// or nats:// URL",
      secret: true,
      description:
        "Message bus. `postgres` keeps the queues in the same database as the journal: nothing else to run. A broker's URL puts them there (RabbitMQ, NATS JetStream); all processes of a system name the same one.",
    },
    namespace: {
      type: "string",
      default: "valence",
      pattern: "^[a-zA-Z0-9_-]{1,64}$",
      unit: "letters, digits, _ and -",
      description:
        "First part of every queue, exchange, stream and subject at a broker: systems that share one differ in it.",
    },
    replicas: count(
      1,
      5,
      "servers",
      "NATS only: copies of every stream. 3 or more survive the power loss of a server; 1 survives kill -9. RabbitMQ's quorum queues copy themselves to the cluster's nodes.",
    ),
  },
  bridge: {
    host: host("the bridge"),
    port: port("the bridge (HTTP API for integrators)", 8080),
    replyWaitMs: {
      type: "integer",
      default: 3_000,
      minimum: 0,
      maximum: 60_000,
      unit: "ms",
      description:
        "The longest a request waits for its flow's reply; then it is answered 202. 0 answers 202 at once.",
    },
    inFlightMax: count(
      2_000,
      100_000,
      "requests",
      "Orders accepted and not answered yet, per process. More are refused with 503 `overloaded` before they are accepted.",
    ),
    connectionsMax: count(
      4_000,
      1_000_000,
      "connections",
      "Open connections, per process; one more is closed as it comes. Set it above `bridge.inFlightMax`, so that overload is answered 503, and below the process's limit of open files. Each may hold a body of 64 KiB that is still arriving.",
    ),
    arrivalMsMax: {
      type: "integer",
      default: 30_000,
      minimum: 1_000,
      maximum: 600_000,
      unit: "ms",
      description:
        "A request must have arrived whole this long after its first byte, and a new connection must have brought one; otherwise it is answered 408 and closed.",
    },
  },
  admin: {
    host: host("the admin API with the console"),
    port: port("the admin API and console", 8081),
    token: {
      type: "string",
      default: "",
      pattern: "^($|[\\x21-\\x7e]{16,}$)",
      unit: "text, 16 characters or more",
      secret: true,
      description:
        "Bearer token of the admin API. Empty: a new one at every start, written to `demo.json`. Must be set when `admin.host` is not loopback.",
    },
    idleMinutes: count(
      15,
      720,
      "minutes",
      "Whoever does nothing in the console for this long is signed out; what a page asks by itself does not count. After 12 h everybody is.",
    ),
    publicUrl: {
      type: "string",
      default: "",
      pattern: "^($|https?://[^\\s/]+/?$)",
      unit: "URL without a path, or empty",
      description:
        "Where browsers find the console when a proxy stands before it. Links carry it, changes must come from it, and with https:// the session's cookie is only sent encrypted. Empty: what the request says.",
    },
  },
  probes: {
    enabled: {
      type: "boolean",
      default: false,
      unit: "boolean",
      description:
        "Every process answers /healthz, /readyz and /metrics on a port of its own, also one without bridge or admin API.",
    },
    host: host("this process's probes and metrics"),
    port: port("this process's probes and metrics", 0),
  },
  channels: {
    dir: {
      type: "string",
      default: "",
      pattern: "^",
      unit: "path, or empty",
      description:
        "Folder with channels beside those of this build, one folder each; relative to the working directory. A name this build has wins.",
    },
    start: {
      type: "string",
      default: "simulator",
      pattern: "^([a-z][a-z0-9-]*(, ?[a-z][a-z0-9-]*)*)?$",
      unit: "names, separated by commas",
      description:
        "Channels `valence up` runs, each with its own queues. Others run as `valence run channel:<name>`.",
    },
  },
  simulator: {
    enabled: {
      type: "boolean",
      default: true,
      unit: "boolean",
      description: "`valence up` starts the simulated channel.",
    },
    port: port("the simulated channel", 8090),
    url: {
      type: "string",
      default: "",
      pattern: "^($|https?://)",
      unit: "URL",
      description:
        "Where `channel:simulator` finds the simulated institution. Empty: on `simulator.port` of this machine.",
    },
    secret: {
      type: "string",
      default: "",
      pattern: "^($|[\\x21-\\x7e]{16,}$)",
      unit: "text, 16 characters or more",
      secret: true,
      description:
        "Secret shared by the simulated institution and its channel. Empty: one is made and kept in `data.dir`, which processes with another folder cannot read.",
    },
  },
  merchant: {
    enabled: {
      type: "boolean",
      default: true,
      unit: "boolean",
      description: "`valence up` registers a demo merchant and receives its notifications.",
    },
    port: port("the demo merchant, which receives notifications under `valence up`", 8091),
  },
  workers: {
    flowConcurrency: count(
      256,
      10_000,
      "runs",
      "Runs a process works on at a time. More of them share one commit, until the event loop is full.",
    ),
    channelConcurrency: count(
      64,
      10_000,
      "calls",
      "Charges under way per channel and process. A channel's own `concurrencyMax` wins when it is lower.",
    ),
    notifyConcurrency: count(128, 10_000, "calls", "Notifications to merchants under way per process."),
    feedConcurrency: count(
      64,
      10_000,
      "runs",
      "Entries of feed tables under way per process. Lower leaves more of the shared commits to orders, and a feed that was stopped catches up later.",
    ),
    pollIdleMs: count(
      200,
      10_000,
      "ms",
      "How often an idle consumer looks for messages of other processes. Lower costs queries, higher costs latency.",
    ),
  },
  notify: {
    allowLoopback: {
      type: "boolean",
      default: false,
      unit: "boolean",
      description:
        "Lets notifications go to this machine's own addresses. For demos only: it opens services that listen here to merchants. `valence up` sets it.",
    },
  },
  engine: {
    batchUnitsMax: count(
      limits.batchUnitsMax,
      limits.batchUnitsMax,
      "units of work",
      "Units of work in one commit. More gains nothing and makes one failure cost more.",
    ),
  },
  scheduler: {
    tickMs: count(
      250,
      60_000,
      "ms",
      "How often due timers are looked for; a timer fires late by at most this much.",
    ),
    sweepAfterMs: {
      type: "integer",
      default: 60_000,
      minimum: 1_000,
      maximum: 86_400_000,
      unit: "ms",
      description: "A run that has been silent for this long is published again, under the same message id.",
    },
  },
  log: {
    level: {
      type: "string",
      default: "info",
      enum: ["debug", "info", "warn", "error"],
      unit: "level",
      description: "Least severe level that is written. `info` is one event per transaction.",
    },
    format: {
      type: "string",
      default: "json",
      enum: ["json", "text"],
      unit: "form",
      description: "`json`: one object per line, for machines. `text`: one line per event, for people.",
    },
  },
  shutdown: {
    deadlineMs: {
      type: "integer",
      default: 8_000,
      minimum: 0,
      maximum: 600_000,
      unit: "ms",
      description:
        "How long a stopping process waits for its work; what is left then is handed back to the queue.",
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, SettingSpec>>>>;

type Value<Spec> = Spec extends { readonly enum: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { readonly type: "integer" }
    ? number
    : Spec extends { readonly type: "boolean" }
      ? boolean
      : string;

type Sections = typeof settingSections;

/**
 * The section `channel`: values of channels' own settings, by channel and key. Only the channel knows what they should
 * be (`settings` in its `channel.json`), so they are validated when it is loaded.
 */
export type ChannelSection = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

/** Validated settings of a process, complete. Units are in the names. */
export type Settings = {
  readonly [S in keyof Sections]: { readonly [K in keyof Sections[S]]: Value<Sections[S][K]> };
} & { readonly channel: ChannelSection };

/** Some settings: what a file or a command line says. */
export type PartialSettings = { readonly [S in keyof Settings]?: Partial<Settings[S]> };

export interface Setting {
  /** `bridge.replyWaitMs` */
  readonly key: string;
  readonly section: string;
  readonly name: string;
  /** `VALENCE_BRIDGE_REPLY_WAIT_MS` */
  readonly variable: string;
  readonly spec: SettingSpec;
}

/** `bridge.replyWaitMs` -> `VALENCE_BRIDGE_REPLY_WAIT_MS` */
export const variableOf = (key: string): string =>
  `VALENCE_${key
    .replaceAll(".", "_")
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .toUpperCase()}`;

/** All settings in the order of the table. */
export const allSettings: readonly Setting[] = Object.entries(settingSections).flatMap(([section, specs]) =>
  Object.entries<SettingSpec>(specs).map(([name, spec]) => {
    const key = `${section}.${name}`;
    return { key, section, name, variable: variableOf(key), spec };
  }),
);
