/** A network between a test and its database or broker that can fail at the worst moment. */
import net from "node:net";
import type { AddressInfo } from "node:net";

export interface Proxy {
  /** The server's URL, through this proxy. */
  readonly url: string;
  /**
   * The next statement sent on a connection whose `application_name` contains `name`: `unsent` never reaches the
   * server, `unanswered` does, and the client is cut off before the server can answer.
   */
  cutNext(name: string, when: "unsent" | "unanswered"): void;
  /** Cuts every connection. New ones are let in at once. */
  cut(): void;
  /** Cuts every connection and lets none in until `mend`. */
  sever(): void;
  /** Nothing gets through either way, and nobody is told, until `mend`. */
  stall(): void;
  mend(): void;
  /** Connections through it at this moment. */
  readonly open: number;
  /** Connections cut so far. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<net.Socket>();
  let plan: { readonly name: string; readonly when: "unsent" | "unanswered" } | undefined;
  let cuts = 0;
  let network: "whole" | "severed" | "stalled" = "whole";

  const server = net.createServer((client) => {
    if (network === "severed") return void client.destroy();
    const upstream = net.connect(Number(port || 5432), hostname);
    let startup: string | undefined;
    let finishing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      if (network === "stalled") socket.pause();
    }
    client.on("data", (bytes) => {
      startup ??= bytes.toString("latin1");
      // Statements with parameters come as Parse (P) or, when prepared before, as Bind (B).
      const isStatement = bytes[0] === 0x50 || bytes[0] === 0x42;
      if (!plan || !isStatement || !startup.includes(plan.name)) return void upstream.write(bytes);
      const { when } = plan;
      plan = undefined;
      cuts++;
      if (when === "unsent") upstream.destroy();
      else {
        // The server finds out only after it has finished: it may take its time.
        finishing = true;
        upstream.write(bytes);
        upstream.removeAllListeners("data").resume();
        upstream.on("data", () => upstream.end());
      }
      client.destroy();
    });
    upstream.on("data", (bytes) => void client.write(bytes));
    client.on("end", () => upstream.end());
    upstream.on("end", () => client.end());
    client.on("close", () => {
      if (!finishing) upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
  });
  const cut = (): void => {
    cuts += sockets.size / 2;
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutNext: (name, when) => {
      plan = { name, when };
    },
    cut,
    sever: () => {
      network = "severed";
      cut();
    },
    stall: () => {
      network = "stalled";
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      network = "whole";
      for (const socket of sockets) socket.resume();
    },
    get open() {
      return sockets.size / 2;
    },
    get cuts() {
      return cuts;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
