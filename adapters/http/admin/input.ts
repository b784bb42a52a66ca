/** Bodies of the admin API, read strictly: an unknown member is a typing error that would change nothing unseen. */
import type { FastifyRequest } from "fastify";
import type { Problem } from "../../../engine/errors.js";
import type { Row } from "../../../engine/ports/store.js";
import type { Author } from "../../../engine/ports/author.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import { nameSchema } from "../../../engine/schema/names.js";
import { refuse } from "../answer.js";
import { parseObject } from "../body.js";
import { queryParameter } from "../parameters.js";
import { userOf } from "./callers.js";

const authorMax = 100;
const reasonMax = 500;
const filesMax = 1_000;
const messageIdsMax = 1_000;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The members of the body, which are all among `names`. The author of a change is the signed-in user, whatever the body
 * says; only whoever has the token says who he is.
 */
export function bodyOf(request: FastifyRequest, names: readonly string[]): Row {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body = knownIn(parseObject(request.headers["content-type"], bytes), names);
  const user = userOf(request);
  return user && names.includes("author") ? { ...body, author: user.name } : body;
}

/** Refuses an object with members that are not among `names`. `at`: pointer to it. */
export function knownIn(members: Row, names: readonly string[], at = ""): Row {
  const extra = Object.keys(members).filter((name) => !names.includes(name));
  if (extra.length > 0)
    throw invalid(extra.map((name) => ({ pointer: `${at}/${name}`, message: "is not known here" })));
  return members;
}

/** Refuses a body, with a pointer to what is wrong. */
export const invalid = (errors: NonNullable<Problem["errors"]>): Error =>
  refuse("field_invalid", errors.map(({ pointer, message }) => `${pointer} ${message}`).join("; "), errors);

/** Who changes something, and why: both are kept in the audit. */
export function authorIn(body: Row): Author {
  return { author: textIn(body, "author", authorMax), reason: textIn(body, "reason", reasonMax) };
}

/** Text that is there, as it was given. `at`: pointer to the object that has the member. */
export function textIn(body: Row, name: string, lengthMax: number, at = ""): string {
  const value = body[name];
  if (typeof value !== "string" || value.trim() === "" || value.length > lengthMax)
    throw invalid([{ pointer: `${at}/${name}`, message: `must be text of 1 to ${lengthMax} characters` }]);
  return value;
}

/** One of `choices`; undefined when it is absent. */
export function optionalChoiceIn<Choice extends string>(
  body: Row,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice === undefined)
    throw invalid([{ pointer: `/${name}`, message: `must be one of ${choices.join(", ")}` }]);
  return choice;
}

/** A whole number of at least 0; undefined when it is absent. `at`: pointer to the object that has the member. */
export function optionalCountIn(body: Row, name: string, at = ""): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw invalid([{ pointer: `${at}/${name}`, message: "must be a whole number of at least 0" }]);
  return value;
}

/** One of `choices`, which is there. */
export function choiceIn<Choice extends string>(body: Row, name: string, choices: readonly Choice[]): Choice {
  const choice = optionalChoiceIn(body, name, choices);
  if (choice === undefined)
    throw invalid([{ pointer: `/${name}`, message: `must be one of ${choices.join(", ")}` }]);
  return choice;
}

/** Undefined when it is absent. `at`: pointer to the object that has the member. */
export const optionalTextIn = (body: Row, name: string, at = ""): string | undefined =>
  body[name] === undefined ? undefined : textIn(body, name, reasonMax, at);

/** A name as definitions have them. */
export function nameIn(body: Row, name: string): string {
  const value = body[name];
  if (typeof value !== "string" || value.length > nameSchema.maxLength || !namePattern.test(value))
    throw invalid([
      { pointer: `/${name}`, message: "must be a name: a lower-case letter, then letters, digits, . and -" },
    ]);
  return value;
}
const namePattern = new RegExp(nameSchema.pattern);

/** Undefined when it is absent. */
export function objectIn(body: Row, name: string): Row | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid([{ pointer: `/${name}`, message: "must be an object" }]);
  return value as Row;
}

/** A version in a path or a query. */
export function versionFrom(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text))
    throw refuse("version_unknown", "A version is a whole number of at least 1.");
  return Number(text);
}

export function filesIn(body: Row): readonly DefinitionFile[] {
  const files = body["files"];
  const fits = Array.isArray(files) && files.length > 0 && files.length <= filesMax && files.every(isFile);
  if (!fits)
    throw invalid([
      { pointer: "/files", message: `must be a list of { path, text }, 1 to ${filesMax} of them` },
    ]);
  return files.map(({ path, text }) => ({ path, text }));
}

function isFile(value: unknown): value is DefinitionFile {
  const { path, text } = Object(value) as Row;
  return typeof path === "string" && typeof text === "string";
}

/** Undefined when it is absent: all of them. */
export function messageIdsIn(body: Row): readonly string[] | undefined {
  const ids = body["messageIds"];
  if (ids === undefined) return undefined;
  const fits =
    Array.isArray(ids) &&
    ids.length > 0 &&
    ids.length <= messageIdsMax &&
    ids.every((id): id is string => typeof id === "string" && uuid.test(id));
  if (!fits)
    throw invalid([{ pointer: "/messageIds", message: `must be a list of 1 to ${messageIdsMax} ids` }]);
  return ids;
}

/** A whole number from 1 to `max` in the query; undefined when it is absent. */
export function countOf(request: FastifyRequest, name: string, max: number): number | undefined {
  const text = queryParameter(request, name);
  if (text === undefined) return undefined;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max)
    throw invalid([{ pointer: `?${name}`, message: `must be a whole number of 1 to ${max}` }]);
  return count;
}

/** One of `choices` in the query; undefined when it is absent. */
export function choiceOf<Choice extends string>(
  request: FastifyRequest,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = queryParameter(request, name);
  if (text === undefined) return undefined;
  const choice = choices.find((each) => each === text);
  if (choice === undefined)
    throw invalid([{ pointer: `?${name}`, message: `must be one of ${choices.join(", ")}` }]);
  return choice;
}
