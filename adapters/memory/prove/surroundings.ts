/** Everything outside the system that answers questions: two institutions, a merchant, and the switches of channels. */
import { ValenceError } from "../../../engine/errors.js";
import type { Clock } from "../../../engine/ports/clock.js";
import type { ChannelDriver } from "../../../engine/ports/channel.js";
import type { WebhookAnswer, WebhookRequest } from "../../../engine/ports/delivery.js";
import type { ChannelFacts, Reference } from "../../../engine/ports/reference.js";
import type { RowReader } from "../../../engine/ports/store.js";
import { channelNames } from "../queues.js";
import { factsOf } from "../facts.js";
import type { MemoryPorts } from "../host.js";
import { MemoryReference } from "../reference.js";
import { Institution } from "./institution.js";
import { placeNow } from "./production.js";
import type { Questions } from "./questions.js";

/** HTTP status of the merchant; 0: it could not be reached. */
const merchantAnswers = ["200", "500", "0"];
const switches = ["all open", "first closed", "first redirected", "all closed"] as const;

export class Surroundings {
  readonly institutions: readonly Institution[];
  readonly sent: WebhookRequest[] = [];
  readonly #reference = new MemoryReference();

  constructor(
    clock: Clock,
    private readonly questions: Questions,
  ) {
    const decide = (what: string, options: readonly string[]): string => this.#ask(what, options);
    this.institutions = channelNames.map((channel) => new Institution(channel, clock, decide));
    // The first one carries everything it can; the others are fallbacks.
    this.#reference.rules = channelNames.map((channel) => ({
      name: channel,
      channels: [{ channel, weight: 1 }],
    }));
    this.#reference.facts = channelNames.map((channel) => factsOf(channel));
  }

  ports(rows: RowReader): MemoryPorts {
    return {
      rows,
      reference: this.#live(),
      webhooks: { send: (request) => this.#deliver(request) },
      fronts: (name) => this.institutions.some(({ manifest }) => manifest.channel === name),
      channel: (name) => this.#driver(name),
    };
  }

  /** What institutions have executed. */
  ledger(): readonly string[] {
    return this.institutions.flatMap((institution) => institution.ledger());
  }

  #ask(what: string, options: readonly string[]): string {
    const place = placeNow();
    return place ? this.questions.ask(place, what, options) : (options[0] ?? "");
  }

  #driver(name: string): ChannelDriver {
    const found = this.institutions.find(({ manifest }) => manifest.channel === name);
    if (!found) throw new ValenceError("plan_unknown", `no channel ${name}`);
    return found;
  }

  async #deliver(request: WebhookRequest): Promise<WebhookAnswer> {
    const status = Number(this.#ask("merchant", merchantAnswers));
    this.sent.push(request);
    return { status, detail: `answer ${status}` };
  }

  /** Reference data; which switch a channel has is asked whenever somebody looks. */
  #live(): Reference {
    const reference = this.#reference;
    const facts = async (): Promise<readonly ChannelFacts[]> => {
      const says = this.#ask("switches", switches);
      const all = await reference.channels();
      return all.map((each, index) => {
        if (says === "all closed" || (says === "first closed" && index === 0))
          return { ...each, switch: "closed" };
        if (says === "first redirected" && index === 0)
          return { ...each, switch: "redirect", redirectTo: channelNames[1] };
        return each;
      });
    };
    return {
      merchant: (merchantId) => reference.merchant(merchantId),
      key: () => reference.key(),
      webhookSecret: (merchantId) => reference.webhookSecret(merchantId),
      routes: () => reference.routes(),
      channels: facts,
    };
  }
}
