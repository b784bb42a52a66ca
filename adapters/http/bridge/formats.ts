/** The formats the dictionary uses. Checked here because ajv knows none by itself. */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Characters that URL parsers drop or rewrite, each in its own way: what was checked must be what is called. */
const ambiguous = /[\x00-\x20\x7f\\]/;

/** An absolute http or https URL without credentials. */
function isHttpUrl(text: string): boolean {
  if (ambiguous.test(text) || !/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === "" && url.password === "" && url.hostname !== "";
}

export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: (text) => uuid.test(text),
  "http-url": isHttpUrl,
};
