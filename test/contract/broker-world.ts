/** What the conformance suite of the Broker port needs from the outside of a broker: other processes, and trouble. */
import type { Broker } from "../../engine/ports/broker.js";

/** One namespace on a real server, reached through a network that can fail. */
export interface BrokerWorld {
  /** The broker of one more process: opened, with connections of its own. The world closes it if the test does not. */
  open(): Promise<Broker>;
  readonly control: BrokerControl;
  /** Closes what is still open and removes the queues. */
  close(): Promise<void>;
}

export interface BrokerControl {
  /** Cuts every connection. New ones are let in at once. */
  cut(): void;
  /** Cuts every connection and lets none in until `mend`. */
  sever(): void;
  /** Nothing gets through either way, and nobody is told, until `mend`. */
  stall(): void;
  mend(): void;
  /** Behind everybody's back. What was in it is gone. */
  deleteQueue(queue: string): Promise<void>;
  /** The server takes away who consumes `queue`, by the means it has: deleting the queue where there is no other. */
  dropConsumers(queue: string): Promise<void>;
  /** Puts something into an existing queue that is no message of ours. */
  putForeign(queue: string, bytes: Buffer): Promise<void>;
  /** How many messages were set aside because nobody could read them. */
  setAside(): Promise<number>;
}

/** A world on a server of the test's own. */
export interface ServerWorld extends BrokerWorld {
  /** kill -9; resolves when it is gone. */
  killServer(): Promise<void>;
  /** Waits until the server would not lose a queue that was made just now, where it needs time for that. */
  settle(): Promise<void>;
  /** Same port, same data; resolves when it serves clients. */
  startServer(): Promise<void>;
}
