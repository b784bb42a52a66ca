/** Sends orders over kept connections, one order at a time on each. */
import { connect, type Socket } from "node:net";
import { Messages, type Message } from "./wire.js";

/** As an integrator's client would give up. */
const answerMsMax = 30_000;

interface Sent {
  readonly bytes: string;
  readonly accepted: () => void;
  readonly refused: (kind: string) => void;
}

export class Sender {
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #waiting: Sent[] = [];

  constructor(
    private readonly baseUrl: URL,
    private readonly connectionsMax: number,
  ) {}

  /**
   * `bytes`: the whole request, as `latin1` text. Exactly one of the two is called; `kind` names the refusal:
   * `503 overloaded`, or the code of a broken call.
   */
  send(bytes: string, accepted: () => void, refused: (kind: string) => void): void {
    const sent = { bytes, accepted, refused };
    const connection = this.#idle.pop() ?? this.#connect();
    if (connection) connection.send(sent);
    else this.#waiting.push(sent);
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  #connect(): Connection | undefined {
    if (this.#open.size >= this.connectionsMax) return undefined;
    const connection = new Connection(this.baseUrl, {
      free: () => {
        const next = this.#waiting.shift();
        if (next) connection.send(next);
        else this.#idle.push(connection);
      },
      gone: () => {
        this.#open.delete(connection);
        const at = this.#idle.indexOf(connection);
        if (at >= 0) this.#idle.splice(at, 1);
        const next = this.#waiting.shift();
        if (next) this.send(next.bytes, next.accepted, next.refused);
      },
    });
    this.#open.add(connection);
    return connection;
  }
}

interface Owner {
  /** It may be given the next order. */
  readonly free: () => void;
  readonly gone: () => void;
}

class Connection {
  readonly #socket: Socket;
  readonly #messages = new Messages();
  #sent: Sent | undefined;

  constructor({ hostname, port }: URL, owner: Owner) {
    let why = "closed";
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.setTimeout(answerMsMax, () => {
      if (!this.#sent) return;
      why = "no answer";
      this.#socket.destroy();
    });
    this.#socket.on("data", (chunk) => {
      try {
        this.#messages.feed(chunk, (message) => this.#answered(message, owner));
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
        this.#socket.destroy();
      }
    });
    this.#socket.on("error", (error: NodeJS.ErrnoException) => (why = error.code ?? error.message));
    this.#socket.on("close", () => {
      owner.gone();
      this.#sent?.refused(why);
    });
  }

  send(sent: Sent): void {
    this.#sent = sent;
    this.#socket.write(sent.bytes, "latin1");
  }

  close(): void {
    this.#socket.destroy();
  }

  #answered({ start, body }: Message, owner: Owner): void {
    const sent = this.#sent;
    this.#sent = undefined;
    owner.free();
    const status = Number(start.split(" ", 2)[1]);
    if (status >= 200 && status < 300) sent?.accepted();
    else sent?.refused(`${status} ${codeIn(body.toString("utf8"))}`);
  }
}

/** The code of a problem document, or what the answer begins with. */
function codeIn(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly code?: unknown }).code);
  } catch {
    return text.slice(0, 60);
  }
}
