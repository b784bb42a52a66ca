/**
 * What does not fit into one notification travels in several. They leave one after the other on behalf of one sender,
 * so they arrive in order; others' notifications may lie between them.
 */

export interface Chunk {
  /** Unique within the sender. */
  readonly chunked: number;
  /** Position from 0, and how many there are. */
  readonly n: number;
  readonly of: number;
  /** Base64 of UTF-8: a cut never falls into a character, and JSON adds nothing. */
  readonly part: string;
}

export function chunksOf(id: number, text: string, partBytesMax: number): readonly Chunk[] {
  const whole = Buffer.from(text).toString("base64");
  const of = Math.ceil(whole.length / partBytesMax);
  return Array.from({ length: of }, (_, n) => ({
    ...{ chunked: id, n, of },
    part: whole.slice(n * partBytesMax, (n + 1) * partBytesMax),
  }));
}

/** Puts chunks together. What a sender leaves incomplete is forgotten when it begins something else. */
export class Assembler {
  readonly #parts = new Map<string, { readonly id: number; readonly parts: string[] }>();

  /** The text, when this chunk is its last one. A chunk whose predecessors were missed is dropped. */
  add(sender: string, { chunked: id, n, of, part }: Chunk): string | undefined {
    if (n === 0) this.#parts.set(sender, { id, parts: [] });
    const begun = this.#parts.get(sender);
    if (begun?.id !== id || begun.parts.length !== n) {
      this.#parts.delete(sender);
      return undefined;
    }
    begun.parts.push(part);
    if (begun.parts.length < of) return undefined;
    this.#parts.delete(sender);
    return Buffer.from(begun.parts.join(""), "base64").toString();
  }
}
