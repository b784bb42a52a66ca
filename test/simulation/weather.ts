/** What happens on the way to and from a broker beside the database. */
import type { Weather } from "../../adapters/memory/broker.js";
import type { Climate } from "./climate.js";
import type { Counts } from "./counts.js";
import { Stream } from "./streams.js";

export function weatherOf(climate: Climate, counts: Counts, troubled: () => boolean): Weather {
  const chance = new Stream(climate.seed, "weather");
  const fates = {
    lost: climate.sendLost,
    unconfirmed: climate.sendUnconfirmed,
    twice: climate.sendTwice,
    stored: 1,
  };
  return {
    send: () => {
      const delayMs = chance.between(0, climate.brokerDelayMsMax);
      const fate = troubled() ? chance.weighted(fates) : "stored";
      if (fate !== "stored") counts.add(`publication ${fate}`);
      return { delayMs, fate };
    },
    handDelayMs: () => chance.between(0, climate.brokerDelayMsMax),
    choose: (count) => (climate.reorder ? chance.below(count) : 0),
  };
}
