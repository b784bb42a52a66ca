/**
 * An append-only file of lines with group commit: while one batch is written and synced, the lines of all other
 * requests pile up, and the next batch takes them all. `durable()` resolves when everything appended before the call
 * is on disk. A write that fails poisons the log: nothing is acknowledged any more, because nobody can say which
 * lines the file holds.
 */
import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

const newline = 10;

export class AppendLog {
  private queued: string[] = [];
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  private constructor(
    private readonly file: FileHandle,
    private readonly fsync: boolean,
  ) {}

  /**
   * Reads the file line by line, then opens it for appending. A last line without its newline is what a crash in the
   * middle of a write leaves: it was never acknowledged, so it is cut off.
   * @param fsync false: kill -9 safe still, power-loss safe no longer.
   * @throws when `onLine` throws: a broken line in the middle is damage, not a crash.
   */
  static async open(path: string, fsync: boolean, onLine: (line: string) => void): Promise<AppendLog> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
    try {
      await file.truncate(await readLines(file, onLine));
      await file.sync();
      if (fsync) await syncDirectory(dirname(path));
    } catch (error) {
      await file.close();
      throw new Error(`${path} cannot be opened as a log`, { cause: error });
    }
    return new AppendLog(file, fsync);
  }

  append(line: string): void {
    this.queued.push(line, "\n");
    if (this.next) return;
    this.next = this.running.then(() => this.flush());
    // Whoever waits on `durable()` hears of the failure; this branch only keeps it from being "unhandled".
    this.next.catch(() => undefined);
  }

  durable(): Promise<void> {
    return this.next ?? this.running;
  }

  async close(): Promise<void> {
    await this.durable().catch(() => undefined);
    await this.file.close();
  }

  private async flush(): Promise<void> {
    const batch = this.queued.join("");
    this.queued = [];
    if (this.next) this.running = this.next;
    this.next = undefined;
    await this.file.appendFile(batch);
    if (this.fsync) await this.file.datasync();
  }
}

/** Calls `onLine` for every complete line; the result is the offset after the last one. */
async function readLines(file: FileHandle, onLine: (line: string) => void): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let complete = 0;
  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline)) {
      try {
        onLine(bytes.toString("utf8", 0, end));
      } catch (error) {
        throw new Error(`the line at byte ${complete} cannot be read`, { cause: error });
      }
      complete += end + 1;
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  return complete;
}

/** A new file survives power loss only when its directory entry is synced too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
