import { Backoff } from "./backoff.js";
import { header } from "./codec.js";
import type { Stray } from "./consumer.js";
import type { Surroundings } from "./options.js";
import type { Publisher } from "./publisher.js";

/** The queue for what nobody can read. Nothing of the engine consumes it; it is for a person. */
export const strayQueue = "malformed";

/**
 * Moves it out of the way of the others: given back it would come again at once, forever; acknowledged it would be
 * gone without a trace. It stays with its queue until it is safe, so it may be there twice.
 */
export async function setAside(
  { queue, content, reason }: Stray,
  isHeld: () => boolean,
  { publisher, surroundings }: { readonly publisher: Publisher; readonly surroundings: Surroundings },
): Promise<void> {
  const { clock, random, telemetry } = surroundings;
  telemetry.log("error", { event: "message.malformed", queue, reason, bytes: content.length });
  const backoff = new Backoff(clock, random);
  while (isHeld()) {
    const id = random.id();
    const headers = { [header.publicationId]: id, [header.queue]: queue, [header.reason]: reason };
    try {
      return await publisher.send(strayQueue, id, { content, options: { headers } });
    } catch {
      await backoff.pause();
    }
  }
}
