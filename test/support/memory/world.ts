/** The world in memory (adapters/memory/world.ts) with everything this product ships. */
import { memoryProduct } from "../../../adapters/compose/memory-product.js";
import { World as MemoryWorld, type WorldOptions } from "../../../adapters/memory/world.js";

export type World = MemoryWorld;
export type { WorldOptions };

const product = memoryProduct();

export const World = {
  create: (options: WorldOptions = {}): Promise<World> => MemoryWorld.create(product, options),
};
