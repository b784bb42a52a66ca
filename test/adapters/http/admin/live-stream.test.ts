/** The live stream: one look for everybody, none for nobody, and nobody makes the others wait. */
import assert from "node:assert/strict";
import { LiveStream, type Watcher } from "../../../../adapters/http/admin/live-stream.js";
import type { LiveLook } from "../../../../adapters/http/admin/throughput-services.js";
import { settled, VirtualClock } from "../../../../adapters/memory/clock.js";
import { silent } from "../../../../engine/ports/telemetry.js";

class Console implements Watcher {
  readonly events: string[] = [];
  readonly ticks: Record<string, unknown>[] = [];
  comments = 0;
  bufferedBytes = 0;
  ended = false;

  send(text: string): void {
    if (text.startsWith(":")) this.comments++;
    const [, name, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? [];
    if (name === undefined) return;
    this.events.push(name);
    if (name === "tick") this.ticks.push(JSON.parse(data ?? "") as Record<string, unknown>);
  }
  end(): void {
    this.ended = true;
  }
}

class World {
  readonly clock = new VirtualClock(Date.UTC(2026, 10, 22));
  looks = 0;
  fails = false;
  look: () => Promise<void> = () => Promise.resolve();
  readonly stream: LiveStream;

  constructor(watchersMax?: number) {
    this.stream = new LiveStream({
      clock: this.clock,
      telemetry: silent,
      services: {
        hello: { version: "1", stepS: 5 },
        look: async () => {
          this.looks++;
          await this.look();
          if (this.fails) throw new Error("the database is away");
          const stepMs = 5_000;
          const toMs = Math.floor(this.clock.nowMs() / stepMs) * stepMs;
          return { atMs: this.clock.nowMs(), lastMinute: { toMs } } as unknown as LiveLook;
        },
      },
      ...(watchersMax === undefined ? {} : { watchersMax }),
    });
  }

  async pass(seconds: number): Promise<void> {
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      this.clock.moveTo(this.clock.nowMs() + 100);
      await settled();
    }
  }
}

describe("live stream", () => {
  it("nobody watches: nobody looks", async () => {
    const world = new World();
    await world.pass(10);
    assert.equal(world.looks, 0);
  });

  it("one look per second, however many watch; everybody hears hello first", async () => {
    const world = new World();
    const consoles = Array.from({ length: 20 }, () => new Console());
    for (const each of consoles) world.stream.watch(each);
    await world.pass(10);
    assert.ok(world.looks >= 9 && world.looks <= 11, `${world.looks} looks`);
    for (const { events, ticks } of consoles) {
      assert.equal(events[0], "hello");
      assert.equal(ticks.length, world.looks);
    }
  });

  it("the last one leaves: no look any more, and again when somebody comes", async () => {
    const world = new World();
    const leave = [new Console(), new Console()].map((each) => world.stream.watch(each));
    await world.pass(3);
    leave[0]?.();
    await world.pass(2);
    const seen = world.looks;
    leave[1]?.();
    await world.pass(10);
    assert.equal(world.looks, seen);
    assert.equal(world.clock.nextMs, undefined, "no timer is left behind");
    world.stream.watch(new Console());
    await world.pass(2);
    assert.ok(world.looks > seen);
  });

  it("somebody leaves and comes back during a look: one look per second, not two", async () => {
    const world = new World();
    world.look = () => new Promise((resolve) => void world.clock.after(500, resolve));
    const leave = world.stream.watch(new Console());
    await world.pass(0.3);
    leave();
    world.stream.watch(new Console());
    await world.pass(20);
    assert.ok(world.looks <= 12, `${world.looks} looks`);
  });

  it("the last minute is sent when it has changed, and to whoever has just come", async () => {
    const world = new World();
    const first = new Console();
    world.stream.watch(first);
    await world.pass(11.5);
    const whole = (each: Console): number => each.ticks.filter(({ lastMinute }) => lastMinute).length;
    assert.equal(whole(first), 3);
    const second = new Console();
    world.stream.watch(second);
    await world.pass(1.5);
    assert.ok(second.ticks[0]?.["lastMinute"], "whole from the start");
  });

  it("looks that take long are repeated less often", async () => {
    const world = new World();
    world.look = () => new Promise((resolve) => void world.clock.after(2_000, resolve));
    world.stream.watch(new Console());
    await world.pass(40);
    assert.ok(world.looks <= 5, `${world.looks} looks of 2 s in 40 s`);
  });

  it("what cannot be seen is not sent; the connection shows that it lives all the same", async () => {
    const world = new World();
    const one = new Console();
    world.stream.watch(one);
    world.fails = true;
    await world.pass(25);
    assert.deepEqual([one.ticks.length, one.comments, one.ended], [0, 2, false]);
    world.fails = false;
    await world.pass(2);
    assert.ok(one.ticks.length > 0, "and goes on when it can be seen again");
  });

  it("who does not take what he is sent is dropped; the others are not", async () => {
    const world = new World();
    const [slow, quick] = [new Console(), new Console()];
    for (const each of [slow, quick]) world.stream.watch(each);
    await world.pass(2);
    slow.bufferedBytes = 10 ** 6;
    await world.pass(2);
    assert.deepEqual([slow.ended, quick.ended], [true, false]);
    const seen = slow.ticks.length;
    await world.pass(5);
    assert.equal(slow.ticks.length, seen);
    assert.ok(quick.ticks.length > 7);
  });

  it("there is room for so many and no more", () => {
    const world = new World(2);
    const leave = world.stream.watch(new Console());
    assert.equal(world.stream.hasRoom, true);
    world.stream.watch(new Console());
    assert.equal(world.stream.hasRoom, false);
    leave();
    assert.equal(world.stream.hasRoom, true);
  });
});
