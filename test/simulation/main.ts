/** `npm run simulate -- --seed N [--verbose]`: one seed again, exactly as it was. */
import { parseArgs } from "node:util";
import { Simulation } from "./simulation.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});
const first = Number(values.seed ?? 1);
const cpuS = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const started = cpuS();
let orders = 0;
Error.stackTraceLimit = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const t = cpuS();
  const { complaints, climate, simulation } = await Simulation.run(seed, {
    ...(values.verbose ? { trace: (atMs, line) => console.log(`${(atMs / 1000).toFixed(3)} ${line}`) } : {}),
  });
  orders += climate.orders;
  const kinds = new Map<string, number>();
  for (const { what } of complaints) kinds.set(what, (kinds.get(what) ?? 0) + 1);
  console.log(
    seed,
    climate.bus,
    `${Math.round((cpuS() - t) * 1000)}ms`,
    `virtual ${Math.round(simulation.clock.monotonicMs() / 1000)}s`,
    simulation.counts.of("moments"),
    simulation.database.journal.size,
    JSON.stringify(Object.fromEntries(kinds)),
    complaints[0] ? JSON.stringify(complaints[0]) : "",
  );
}
console.log(`${orders} orders, ${Math.round(orders / (cpuS() - started))} orders/s`);
