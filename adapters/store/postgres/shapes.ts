/**
 * The commit statements of one process. A batch is best carried by a statement with just its parts: each part costs the
 * server a little even when it is empty, and a batch of one unit has three of a dozen. Units come in few kinds, so the
 * exact statements are few; they are kept and prepared once on each connection. Should they be many, a batch takes the
 * smallest kept one that has its parts, with empty ones among them.
 */
import { createHash } from "node:crypto";
import { type CommitStatement, commitStatement, type PartKey } from "./statement.js";
import type { Tables } from "./tables.js";

/** A prepared plan of a dozen parts takes the server some 200 kB on each connection. */
const shapesMax = 64;
/** Beyond this many parts a statement for everybody starts over: one that carries everything ever seen helps nobody. */
const partsMax = 24;

/** A statement and the parts it carries, in the order of its parameters. */
export interface Shape extends CommitStatement {
  readonly parts: readonly PartKey[];
  /** The parts as one text. */
  readonly key: string;
  /** From the text: the same statement has the same name on every connection, and is prepared there once. */
  readonly name: string;
}

export class Shapes {
  readonly #exact = new Map<string, Shape>();
  /** For what comes when no more exact ones are kept. */
  #common: Shape | undefined;

  constructor(private readonly tables: Tables) {}

  /** Not kept yet: one that the database refuses would otherwise fail every batch to come. */
  for(needed: readonly PartKey[]): Shape {
    // Sorted: every process locks its tables in the same order.
    const parts = [...needed].sort();
    const key = parts.join();
    const exact = this.#exact.get(key);
    if (exact) return exact;
    if (this.#exact.size < shapesMax) return this.#make(parts, key);
    const kept = this.#smallestWith(parts);
    if (kept) return kept;
    const common = this.#commonWith(parts);
    return this.#make(common, common.join());
  }

  /** The database has carried it out. */
  keep(shape: Shape): void {
    if (this.#exact.get(shape.key) === shape) return;
    if (this.#exact.size < shapesMax) this.#exact.set(shape.key, shape);
    else this.#common = shape;
  }

  #smallestWith(parts: readonly PartKey[]): Shape | undefined {
    let smallest: Shape | undefined;
    for (const shape of [...this.#exact.values(), ...(this.#common ? [this.#common] : [])]) {
      if (smallest && smallest.parts.length <= shape.parts.length) continue;
      if (parts.every((part) => shape.parts.includes(part))) smallest = shape;
    }
    return smallest;
  }

  #commonWith(parts: readonly PartKey[]): readonly PartKey[] {
    const all = new Set([...(this.#common?.parts ?? []), ...parts]);
    return all.size > partsMax ? parts : [...all].sort();
  }

  #make(parts: readonly PartKey[], key: string): Shape {
    const statement = commitStatement(parts, this.tables);
    const digest = createHash("sha256").update(statement.text).digest("hex").slice(0, 16);
    return { parts, key, ...statement, name: `commit-${digest}` };
  }
}
