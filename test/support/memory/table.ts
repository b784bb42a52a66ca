/** Tables as people read them: columns are separated by two blanks or more, `-` is an empty cell, `#` is the head. */
export function table(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/ {2,}/).map((cell) => (cell === "-" ? "" : cell)));
}
