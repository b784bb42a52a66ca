/** The listening half of the load process: HTTP servers on loopback that answer each request from memory. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { format, Messages, type Message } from "./wire.js";

export interface Posted {
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Listening {
  readonly url: string;
  close(): void;
}

const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
};

/** Answers each request with what `answer` makes of it. */
export async function listen(answer: (posted: Posted) => Reply): Promise<Listening> {
  const sockets = new Set<Socket>();
  const reply = (socket: Socket, { start, headers, body }: Message): void => {
    const [method = "", target = ""] = start.split(" ", 2);
    const { status, headers: more, body: content } = answer({ method, target, headers, body });
    const line = `HTTP/1.1 ${status} ${reasons[status] ?? "-"}`;
    socket.write(format(line, more, content.toString("latin1")), "latin1");
  };
  const server = createServer({ noDelay: true }, (socket) => {
    const messages = new Messages();
    sockets.add(socket);
    socket.on("data", (chunk) => {
      try {
        messages.feed(chunk, (message) => reply(socket, message));
      } catch {
        socket.destroy();
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
