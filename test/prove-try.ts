import { memoryProduct } from "../adapters/compose/memory-product.js";
import { prepare } from "../adapters/memory/prove/production.js";
import { explore } from "../adapters/memory/prove/explore.js";
const production = await prepare(memoryProduct());
for (const type of ["pay", "channel.callback"]) {
  const started = performance.now();
  const flow = production.types.find((t) => t.type === type)!.flow;
  const found = await explore(production, [{ type }], { flows: new Set([flow]), playsMax: Number(process.argv[2] ?? 500) });
  console.log(type, found.plays, "plays", found.scenarios.length, "scenarios", Math.round(performance.now() - started), "ms");
  for (const { script, played } of found.scenarios) console.log("  ", JSON.stringify(script), played.ended, played.passed.length, played.steps.length);
  console.log("unreached", found.unreached);
}
