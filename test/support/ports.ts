/** Ports for servers whose address must be known before they run. */
import net from "node:net";

/** Below what the kernel gives to clients and to `port 0`, so that only another caller of this could take one. */
const range = { first: 20_000, count: 10_000 };
let next = Math.floor(Math.random() * range.count);

/** A TCP port of 127.0.0.1 that nobody holds at this moment; one that this process was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.first + next;
    next = (next + 1) % range.count;
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
