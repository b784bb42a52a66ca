/** What the compiler says about the files, asked when nobody has typed for a moment. */
import { useEffect, useState } from "react";
import { type Checked, checkFiles, type DefinitionFile } from "../../../api/flows";

/** While one types, nobody is asked. Milliseconds. */
const pauseMs = 350;

export type Check =
  | { readonly state: "checking"; readonly last: Checked | undefined }
  | { readonly state: "checked"; readonly last: Checked }
  | { readonly state: "failed"; readonly last: Checked | undefined; readonly error: unknown };

export function useCheck(files: readonly DefinitionFile[]): Check {
  const [answer, setAnswer] = useState<{
    readonly files: typeof files;
    readonly checked?: Checked;
    readonly error?: unknown;
  }>();
  useEffect(() => {
    const asked = new AbortController();
    const timer = setTimeout(() => {
      checkFiles(files, asked.signal).then(
        (checked) => setAnswer({ files, checked }),
        (error: unknown) => {
          if (!asked.signal.aborted) setAnswer((before) => ({ ...before, files, error }));
        },
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [files]);
  const last = answer?.checked;
  if (answer?.files !== files) return { state: "checking", last };
  if (answer.error !== undefined) return { state: "failed", last, error: answer.error };
  return last ? { state: "checked", last } : { state: "checking", last };
}
