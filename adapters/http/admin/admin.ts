import Fastify from "fastify";
import type { AdminServices } from "./services.js";

export interface Admin {
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
}

export async function createAdmin(_services: AdminServices): Promise<Admin> {
  const app = Fastify({ logger: false });
  app.get("/healthz", () => ({ ok: true }));
  await app.ready();
  return { listen: (port, host) => app.listen({ port, host }), close: () => app.close() };
}
