/** `npm run bench`. First slice. */
import { parseArgs } from "node:util";
import { valence } from "./contestants/valence.js";
import { measure } from "./measurement.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "valence-postgres" },
    seconds: { type: "string", default: "10" },
    "warm-up": { type: "string", default: "5" },
    "in-flight": { type: "string", default: "64" },
    "node-args": { type: "string", default: "" },
  },
});
const result = await measure(
  valence("valence-postgres", () => undefined),
  {
    inFlight: Number(values["in-flight"]),
    seconds: Number(values.seconds),
    warmUpSeconds: Number(values["warm-up"]),
    halfLoadSeconds: 0,
    nodeArgs: values["node-args"].split(" ").filter((arg) => arg !== ""),
  },
);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
