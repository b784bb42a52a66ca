/**
 * JSON with comments, read as far as an editor needs: where a value stands (JSON pointer to range), and where a cursor
 * stands (its path, whether it is in a key). Both work on text that is not finished.
 */

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where a cursor stands. */
export interface Place {
  /** Keys and indices of what encloses it; of a value the last one is its own. */
  readonly path: readonly (string | number)[];
  /** It is, or would be, the name of a member. */
  readonly isKey: boolean;
  /** The string it is in, without its quotes; undefined when it is in none. */
  readonly string: Range | undefined;
}

const blank = /\s/;

/** The offset after white space and comments. */
function afterBlank(text: string, at: number): number {
  for (let i = at; ;) {
    if (i < text.length && blank.test(text[i]!)) i++;
    else if (text.startsWith("//", i)) {
      const end = text.indexOf("\n", i);
      i = end < 0 ? text.length : end + 1;
    } else if (text.startsWith("/*", i)) {
      const end = text.indexOf("*/", i + 2);
      i = end < 0 ? text.length : end + 2;
    } else return i;
  }
}

/** The offset after the string that begins at `at`; one that is not closed ends with its line. */
function afterString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
    else if (text[i] === "\n") return i;
  }
  return text.length;
}

function afterValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return afterString(text, at);
  if (first !== "{" && first !== "[") return at + (/^[^\s,\]}]*/.exec(text.slice(at))?.[0].length ?? 0);
  let depth = 0;
  for (let i = at; i < text.length;) {
    i = afterBlank(text, i);
    const char = text[i];
    if (char === '"') i = afterString(text, i);
    else {
      if (char === "{" || char === "[") depth++;
      if ((char === "}" || char === "]") && --depth === 0) return i + 1;
      i++;
    }
  }
  return text.length;
}

const nameOf = (text: string, from: number, to: number): string => {
  try {
    return String(JSON.parse(text.slice(from, to)));
  } catch {
    return text.slice(from + 1, to);
  }
};

/** The value a pointer names, a member with its key; of what is not there, the nearest that encloses it. */
export function rangeOf(text: string, pointer: string): Range {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  let at = afterBlank(text, 0);
  let range: Range = { from: at, to: Math.min(at + 1, text.length) };
  for (const key of keys) {
    const member = memberOf(text, at, key);
    if (!member) return range;
    range = { from: member.from, to: afterValue(text, member.value) };
    at = member.value;
  }
  return range;
}

interface Member {
  /** Where it begins: at its key, where it has one. */
  readonly from: number;
  readonly value: number;
}

function memberOf(text: string, at: number, wanted: string): Member | undefined {
  const isArray = text[at] === "[";
  if (!isArray && text[at] !== "{") return undefined;
  let i = afterBlank(text, at + 1);
  for (let index = 0; i < text.length && text[i] !== "}" && text[i] !== "]"; index++) {
    const from = i;
    let name = String(index);
    if (!isArray) {
      const end = text[i] === '"' ? afterString(text, i) : i + 1;
      name = nameOf(text, i, end);
      i = afterBlank(text, end);
      if (text[i] === ":") i = afterBlank(text, i + 1);
    }
    if (name === wanted) return { from, value: i };
    const end = afterValue(text, i);
    i = afterBlank(text, Math.max(end, from + 1));
    if (text[i] === ",") i = afterBlank(text, i + 1);
  }
  return undefined;
}

interface Level {
  readonly isArray: boolean;
  key: string | number;
  /** In an object: the name of the next member has not been read. */
  expectsKey: boolean;
}

export function placeAt(text: string, offset: number): Place {
  const levels: Level[] = [];
  let string: Range | undefined;
  for (let i = afterBlank(text, 0); i < offset; i = afterBlank(text, i)) {
    const level = levels.at(-1);
    const char = text[i];
    if (char === '"') {
      const end = afterString(text, i);
      const isClosed = end > i + 1 && text[end - 1] === '"';
      if (offset < end || (offset === end && !isClosed)) {
        string = { from: i + 1, to: isClosed ? end - 1 : end };
        break;
      }
      if (level?.expectsKey) level.key = nameOf(text, i, end);
      i = end;
      continue;
    }
    step(levels, level, char);
    i++;
  }
  const inner = levels.at(-1);
  const isKey = inner !== undefined && !inner.isArray && inner.expectsKey;
  const path = levels.map(({ key }) => key);
  return { path: isKey ? path.slice(0, -1) : path, isKey, string };
}

function step(levels: Level[], level: Level | undefined, char: string | undefined): void {
  if (char === "{") levels.push({ isArray: false, key: "", expectsKey: true });
  else if (char === "[") levels.push({ isArray: true, key: 0, expectsKey: false });
  else if (char === "}" || char === "]") levels.pop();
  else if (char === ":" && level) level.expectsKey = false;
  else if (char === "," && level) {
    if (typeof level.key === "number") level.key++;
    else level.expectsKey = true;
  }
}
