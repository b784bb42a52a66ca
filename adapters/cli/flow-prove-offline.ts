/** What `flow prove` needs: loaded only when it is asked for. */
export { memoryProduct } from "../compose/memory-product.js";
export { prepare } from "../memory/prove/production.js";
export { prove } from "../memory/prove/prove.js";
export { describeProof } from "../memory/prove/report.js";
export { compileIn } from "./flow-offline.js";
