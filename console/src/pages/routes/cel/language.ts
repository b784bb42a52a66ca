/** CEL (https://cel.dev) for CodeMirror: enough to tell words, texts and numbers apart in a condition of one line. */
import { StreamLanguage, type StreamParser } from "@codemirror/language";

const parser: StreamParser<null> = {
  name: "cel",
  startState: () => null,
  token: (stream) => {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\/.*/)) return "comment";
    if (stream.match(/^(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/)) return "string";
    if (stream.match(/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?/)) return "number";
    if (stream.match(/^(?:true|false|null)\b/)) return "bool";
    if (stream.match(/^in\b/)) return "keyword";
    if (stream.match(/^[A-Za-z_]\w*(?=\s*\()/)) return "keyword";
    if (stream.match(/^[A-Za-z_][\w.]*/)) return "propertyName";
    stream.next();
    return "operator";
  },
};

export const cel = StreamLanguage.define(parser);
