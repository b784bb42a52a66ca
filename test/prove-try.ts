import { memoryProduct } from "../adapters/compose/memory-product.js";
import { prepare } from "../adapters/memory/prove/production.js";
import { prove } from "../adapters/memory/prove/prove.js";
const production = await prepare(memoryProduct());
const started = performance.now();
const proof = await prove(production, process.argv[2] ?? "pay", { playsMax: Number(process.argv[3] ?? 200), casesMax: Number(process.argv[4] ?? 1000), progress: (a, b) => console.error(a, b, Math.round(performance.now() - started)) });
console.log(proof.scenarios, proof.tried.length, proof.left, Math.round(performance.now() - started), "ms");
for (const { scenario, passed, differs } of proof.tried.filter((t) => t.differs.length > 0).slice(0, 25)) console.log(scenario, JSON.stringify(passed), "\n     " + differs.join("\n     "));
console.log("differs", proof.tried.filter((t) => t.differs.length > 0).length, "unreached", proof.unreached);
