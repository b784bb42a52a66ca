/**
 * What the demo merchant was told, one JSON line each, on disk before the notification is answered: after any crash
 * the file holds every delivery that was answered 200.
 */
import { constants } from "node:fs";
import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

export interface MerchantDelivery {
  readonly webhookId: string;
  readonly type: string;
  /** Epoch milliseconds of receipt. */
  readonly at: number;
  /** The `data` of the notification: the order. */
  readonly data: Readonly<Record<string, unknown>>;
}

export class Records {
  private readonly byOrder = new Map<string, MerchantDelivery[]>();
  private readonly deliveries: MerchantDelivery[] = [];
  private queued: string[] = [];
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  private constructor(private readonly file: FileHandle) {}

  /** Reloads the file; a torn last line was never answered and is cut off. */
  static async open(path: string): Promise<Records> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
    const records = new Records(file);
    const bytes = await readFile(path);
    const complete = bytes.lastIndexOf(10) + 1;
    await file.truncate(complete);
    for (const line of bytes.toString("utf8", 0, complete).split("\n").slice(0, -1))
      records.remember(JSON.parse(line) as MerchantDelivery);
    return records;
  }

  list(orderId: string | null): readonly MerchantDelivery[] {
    return orderId === null ? this.deliveries : (this.byOrder.get(orderId) ?? []);
  }

  /** Resolves when the delivery is on disk; deliveries that arrive meanwhile share the next write. */
  add(delivery: MerchantDelivery): Promise<void> {
    this.queued.push(`${JSON.stringify(delivery)}\n`);
    this.next ??= this.running.then(() => this.flush());
    return this.next.then(() => this.remember(delivery));
  }

  async close(): Promise<void> {
    await (this.next ?? this.running).catch(() => undefined);
    await this.file.close();
  }

  private async flush(): Promise<void> {
    const batch = this.queued.join("");
    this.queued = [];
    if (this.next) this.running = this.next;
    this.next = undefined;
    await this.file.appendFile(batch);
    await this.file.datasync();
  }

  private remember(delivery: MerchantDelivery): void {
    this.deliveries.push(delivery);
    const orderId = delivery.data["orderId"];
    if (typeof orderId !== "string") return;
    const siblings = this.byOrder.get(orderId);
    if (siblings) siblings.push(delivery);
    else this.byOrder.set(orderId, [delivery]);
  }
}
