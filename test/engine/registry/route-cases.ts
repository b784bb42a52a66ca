/** Routing rules that are refused: one mistake, one line. */

export interface RouteCase {
  readonly mistake: string;
  /** The file's text, or what it holds. */
  readonly rules: unknown;
  /** `file:pointer CODE` */
  readonly says: readonly string[];
  readonly words?: RegExp;
}

const all = { name: "all", channels: [{ channel: "*" }] };
const targets = (...channels: readonly object[]) => [{ name: "all", channels }];

export const routeCases: readonly RouteCase[] = [
  { mistake: "half a file", rules: '[{ "name": ', says: ["routes.json:/0/name PARSE_SYNTAX"] },
  { mistake: "no list", rules: all, says: ["routes.json: SHAPE_TYPE"] },
  { mistake: "no rule at all", rules: [], says: ["routes.json: SHAPE_VALUE"] },
  { mistake: "a rule without channels", rules: [{ name: "all" }], says: ["routes.json:/0 SHAPE_MISSING"] },
  {
    mistake: "a member nobody knows",
    rules: [{ ...all, then: "b" }],
    says: ["routes.json:/0/then SHAPE_EXTRA"],
  },
  {
    mistake: "a negative weight",
    rules: targets({ channel: "alpha", weight: -1 }),
    says: ["routes.json:/0/channels/0/weight SHAPE_VALUE"],
  },
  { mistake: "the same name twice", rules: [all, all], says: ["routes.json:/1/name ROUTE_NAME_TAKEN"] },
  {
    mistake: "a channel nobody has registered",
    rules: targets({ channel: "alpah" }),
    says: ["routes.json:/0/channels/0/channel ROUTE_CHANNEL_UNKNOWN"],
    words: /did you mean "alpha"/,
  },
  {
    mistake: "a channel twice in one rule",
    rules: targets({ channel: "alpha" }, { channel: "alpha", where: "amount > 1.0" }),
    says: ["routes.json:/0/channels/1/channel ROUTE_CHANNEL_REPEATS"],
  },
  {
    mistake: "a condition on a field orders do not have",
    rules: [{ ...all, when: "amout > 1.0" }],
    says: ["routes.json:/0/when ROUTE_CONDITION_INVALID"],
    words: /there is no field "amout"/,
  },
  {
    mistake: "a `when` that asks about a channel",
    rules: [{ ...all, when: "channel.feeBps < 60.0" }],
    says: ["routes.json:/0/when ROUTE_CONDITION_INVALID"],
  },
  {
    mistake: "a fact channels do not have",
    rules: targets({ channel: "*", where: "channel.fee < 60.0" }),
    says: ["routes.json:/0/channels/0/where ROUTE_CONDITION_INVALID"],
    words: /No such key: fee/,
  },
  {
    mistake: "a fact compared with text",
    rules: targets({ channel: "*", where: "channel.feeBps < 'low'" }),
    says: ["routes.json:/0/channels/0/where ROUTE_CONDITION_INVALID"],
  },
  {
    mistake: "two mistakes",
    rules: [{ name: "all", when: "1", channels: [{ channel: "gamma" }] }],
    says: [
      "routes.json:/0/when ROUTE_CONDITION_INVALID",
      "routes.json:/0/channels/0/channel ROUTE_CHANNEL_UNKNOWN",
    ],
  },
];
