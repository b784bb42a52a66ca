/**
 * Stands in for store, bus and workers, for the tests of the bridge alone: units are kept in memory, a published run
 * is handed to `flow`, and its result is broadcast as the reply. The real ones are joined end to end elsewhere.
 */
import type { CommitResult, OutgoingMessage, Row, Unit } from "../../../engine/ports/index.js";
import type { BridgeDeps } from "../../../adapters/http/bridge/bridge.js";
import { replyTopic, type ReplyPayload, type RunBody } from "../../../engine/runtime/message.js";

export type FlowResult = Omit<ReplyPayload, "correlationId"> | undefined;

export class MemoryEngine {
  /** Committed units, oldest first. */
  readonly units: Unit[] = [];
  readonly published: OutgoingMessage[] = [];
  readonly orders = new Map<string, Row>();
  readonly refunds = new Map<string, Row>();
  readonly runs = new Map<string, Row>();
  /** What the run answers; undefined: it says nothing. */
  flow: (run: RunBody) => FlowResult = () => undefined;
  /** Called before a unit is committed; what it throws or waits for happens to the commit. */
  beforeCommit: () => Promise<void> = async () => undefined;
  /** The same after it. */
  afterCommit: () => Promise<void> = async () => undefined;

  private readonly nonces = new Set<string>();
  private readonly listeners = new Map<string, Set<(payload: unknown) => void>>();

  readonly store: BridgeDeps["store"] = {
    commit: async (unit): Promise<CommitResult> => {
      await this.beforeCommit();
      for (const write of unit.writes) {
        if (write.kind !== "insert" || write.table !== "nonces")
          throw new Error(`unexpected write to ${write.table}`);
        const key = JSON.stringify([write.row["merchantId"], write.row["nonce"]]);
        if (this.nonces.has(key)) return { result: "conflict", table: write.table };
        this.nonces.add(key);
      }
      this.units.push(unit);
      this.start(unit.publish);
      await this.afterCommit();
      return { result: "committed" };
    },
  };

  /** `unsent`: what the bridge is told waits for the broker. */
  readonly bus: BridgeDeps["bus"] & { unsent: number } = {
    unsent: 0,
    publish: async (messages) => this.start(messages),
    onBroadcast: (topic, listener) => {
      const listeners = this.listeners.get(topic) ?? new Set();
      this.listeners.set(topic, listeners.add(listener));
      return () => void listeners.delete(listener);
    },
  };

  /** A reply of the run that `message` started. */
  reply(message: OutgoingMessage, result: NonNullable<FlowResult>): void {
    this.broadcast(replyTopic(message.replyTo ?? ""), { ...result, correlationId: message.correlationId });
  }

  broadcast(topic: string, payload: unknown): void {
    // Over the wire and back: nothing of the sender's objects survives.
    const copy: unknown = JSON.parse(JSON.stringify(payload));
    for (const listener of this.listeners.get(topic) ?? []) listener(copy);
  }

  listenersOf(topic: string): number {
    return this.listeners.get(topic)?.size ?? 0;
  }

  private start(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) {
      this.published.push(message);
      const result = this.flow(message.body as unknown as RunBody);
      if (result) this.reply(message, result);
    }
  }
}
