/**
 * The institution as an HTTP server. Order of events for every request: read, check the signature, draw a fault,
 * execute, wait until the ledger is on disk, answer (or not, as the fault has it).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json } from "./dialect.js";
import { Institution } from "./institution.js";
import { Callbacks } from "./institution-callbacks.js";
import { control } from "./institution-control.js";
import type {
  Answer,
  InstitutionDialect,
  InstitutionOperation,
  Understood,
  Written,
} from "./institution-dialect.js";
import { Faults, type Fault } from "./institution-faults.js";
import { Ledger, type Order } from "./institution-ledger.js";
import { RequestLog } from "./institution-requests.js";

/** Largest body it reads; a payment is under 1 KiB. */
const bodyBytesMax = 64 * 1024;

/** What one institution differs in from another. */
export interface InstitutionKind {
  readonly dialect: InstitutionDialect;
  /** Its own numbers begin with this. */
  readonly numberPrefix: string;
  /** Default true. False: closing a payment nobody has seen is `NOT_FOUND` and promises nothing. */
  readonly closesUnseen?: boolean;
}

export interface InstitutionOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Default 127.0.0.1: `/__sim` is open to whoever can connect. */
  readonly host?: string;
  readonly ledgerFile: string;
  /** Where callbacks go; a function is asked each time. Default: nobody is called. */
  readonly callbackUrl?: string | (() => string | undefined);
  /** Default false: a repeat is charged again. */
  readonly dedupe?: boolean;
  /** Of the fault generator. Default 1. */
  readonly seed?: number;
  /** Milliseconds until the payer of a QR code pays. Default 300. */
  readonly payerDelayMs?: number;
  /** Default true. False gives up power-loss safety, not kill -9 safety. */
  readonly fsync?: boolean;
}

export interface RunningInstitution {
  readonly url: string;
  readonly port: number;
  /** Drops every connection, keeps the ledger. */
  close(): Promise<void>;
}

const garbage = '<html><body>502 we are very sorry</body></html>{"code":"APPR';

/** @throws when the port is taken or the ledger file is damaged. */
export async function startInstitution(
  kind: InstitutionKind,
  options: InstitutionOptions,
): Promise<RunningInstitution> {
  const ledger = await Ledger.open(options.ledgerFile, options.fsync ?? true, kind.numberPrefix);
  const running = new Running(kind, options, ledger);
  try {
    const port = await running.listen(options.port, options.host ?? "127.0.0.1");
    return { url: `http://${options.host ?? "127.0.0.1"}:${port}`, port, close: () => running.close() };
  } catch (error) {
    await running.close();
    throw error;
  }
}

class Running {
  private readonly faults: Faults;
  private readonly requests = new RequestLog();
  private readonly callbacks: Callbacks;
  private readonly institution: Institution;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly server: Server;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly kind: InstitutionKind,
    options: InstitutionOptions,
    private readonly ledger: Ledger,
  ) {
    const { callbackUrl } = options;
    this.faults = new Faults(options.seed ?? 1);
    this.callbacks = new Callbacks({
      dialect: kind.dialect,
      url: typeof callbackUrl === "function" ? callbackUrl : () => callbackUrl,
      fault: (order) => this.faults.draw("callback", order),
    });
    this.institution = new Institution({
      ledger,
      dedupe: options.dedupe ?? false,
      closesUnseen: kind.closesUnseen ?? true,
      payerDelayMs: options.payerDelayMs ?? 300,
      nowMs: Date.now,
      payerFault: (order) => this.faults.draw("payer", order),
      onDue: (order) => this.arm(order),
    });
    this.server = createServer(
      { keepAliveTimeout: 65_000 },
      (request, response) => void this.take(request, response),
    );
    for (const order of ledger.all())
      if (order.status === "waiting" || order.status === "late") this.arm(order);
  }

  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    return (this.closing ??= this.stop());
  }

  private async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await Promise.all([closed, this.callbacks.close()]);
    await this.ledger.close();
  }

  private after(delayMs: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, delayMs);
    this.timers.add(timer);
  }

  /** The payer pays, or the late charge happens, at the time the ledger says, restarts notwithstanding. */
  private arm({ channelOrderId, due }: Order): void {
    if (!due) return;
    this.after(Math.max(0, due.at - Date.now()), () => {
      const decided = this.ledger.decide(channelOrderId, due.status, Date.now());
      if (decided)
        this.ledger.durable().then(
          () => this.callbacks.announce(decided),
          () => undefined,
        );
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      if (body === undefined) return void response.writeHead(413, { connection: "close" }).end();
      const target = request.url ?? "/";
      if (target.startsWith("/__sim/")) return await this.control(request, response, body);
      const { method = "GET", headers } = request;
      const understood = this.kind.dialect.read({ method, target, headers, body }, Date.now());
      if (understood === undefined) return void response.writeHead(404).end();
      await this.serve(understood, target, request, response);
    } catch {
      // The caller hung up while sending, or the ledger cannot be written: no answer may pretend otherwise.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  }

  private async control(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const reply = control(
      { ledger: this.ledger, faults: this.faults, requests: this.requests },
      request.method ?? "GET",
      new URL(request.url ?? "/", "http://institution"),
      body,
    );
    await this.ledger.durable();
    response.writeHead(reply.status, { "content-type": "application/json" });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }

  private async serve(
    understood: Understood,
    target: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { operation } = understood;
    const answer = (status: number, content: Answer): void =>
      send(response, status, this.kind.dialect.answer(operation, target, content, Date.now()));
    if (!understood.genuine) {
      this.requests.add({ at: Date.now(), operation, genuine: false });
      return answer(401, { code: "BAD_SIGNATURE", message: understood.why });
    }
    const { fields } = understood;
    const facts = factsOf(fields ?? {});
    const fault = this.faults.draw(operation, facts);
    this.requests.add({
      at: Date.now(),
      operation,
      genuine: true,
      ...facts,
      ...(fault ? { fault: fault.kind } : {}),
    });

    if (fault?.kind === "reset-before") return void request.socket.resetAndDestroy();
    if (fault?.kind === "error-500") return void response.writeHead(500).end("internal error");
    const content: Answer = fields
      ? this.execute(operation, fields, fault)
      : { code: "INVALID_REQUEST", message: "the body cannot be read" };
    const status = content.code === "INVALID_REQUEST" ? 400 : 200;
    await this.ledger.durable();
    switch (fault?.kind) {
      case "hang":
        return;
      case "reset-after":
      case "late-charge":
        return void request.socket.destroy();
      case "garbage":
        return void response.writeHead(200, { "content-type": "application/json" }).end(garbage);
      case "slow":
        return this.after(fault.delayMs, () => answer(status, content));
      default:
        return answer(status, content);
    }
  }

  private execute(operation: InstitutionOperation, fields: Json, fault: Fault | undefined): Answer {
    switch (operation) {
      case "pay":
        return this.institution.pay(fields, fault);
      case "query":
        return this.institution.query(fields);
      case "close":
        return this.institution.close(fields);
      case "refund":
        return this.institution.refund(fields, fault);
      case "refund-query":
        return this.institution.refundQuery(fields);
      case "bill":
        return this.institution.bill(fields["day"]);
    }
  }
}

function send(response: ServerResponse, status: number, { headers, body }: Written): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}

function factsOf(fields: Json): { paymentId?: string; amount?: number; method?: string } {
  const { paymentId, amount, method } = fields;
  return {
    ...(typeof paymentId === "string" ? { paymentId } : {}),
    ...(typeof amount === "number" ? { amount } : {}),
    ...(typeof method === "string" ? { method } : {}),
  };
}

/** The whole body, or undefined when it is larger than anybody has a reason to send. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed on the early return: the 413 still has to travel.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}
