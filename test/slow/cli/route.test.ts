import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DrainStatus, RouteSet } from "../../../engine/ports/index.js";
import type { ChannelView } from "../../../adapters/http/admin/route-services.js";
import { cli, cliJson } from "../../support/cli.js";
import { type RunningUp, startUp } from "../../support/system.js";

describe("valence route", function () {
  this.timeout(60_000);
  let up: RunningUp;
  const folder = mkdtempSync(path.join(tmpdir(), "valence-test-"));
  const data = ["--data", folder] as const;
  const file = path.join(folder, "rules.json");
  const route = (...args: readonly string[]) => cli(["route", ...args, ...data]);
  const write = (rules: unknown): void => writeFileSync(file, JSON.stringify(rules));
  before(async () => {
    up = await startUp({ dataDir: path.join(folder) });
  });
  after(async () => {
    await up.stop();
    rmSync(folder, { recursive: true });
  });

  it("list shows every channel with its switch, its modules and what waits", async () => {
    const { code, stdout } = await route("list");
    assert.equal(code, 0);
    assert.match(stdout, /^channel +switch +waiting +breaker +modules /);
    assert.match(stdout, /^simulator +open +reroute +closed +1 live +0 +0 /m);
    const [view] = await cliJson<readonly ChannelView[]>(["route", "list", ...data]);
    assert.deepEqual([view?.channel, view?.feeBps, view?.charges.ready], ["simulator", 60, 0]);
  });

  it("close: no order finds a channel, try says why; open: they do again", async () => {
    assert.match(
      (await route("close", "simulator", "--reason", "maintenance")).stdout,
      /^simulator is closed; /,
    );
    const tried = await route("try", "--amount", "100");
    assert.deepEqual([tried.code, tried.stdout.split("\n")[0]], [1, "no channel: simulator: closed"]);
    const paid = await cli(["pay", ...data]);
    assert.deepEqual([paid.code, /no_route/.test(paid.stdout)], [1, true]);
    assert.match((await route("list")).stdout, /closed .*: maintenance$/m);
    assert.equal((await route("open", "simulator")).code, 0);
    assert.match((await route("try", "--amount", "100")).stdout, /^simulator by rule everything\n/);
    assert.equal((await cliJson<{ status: string }>(["pay", "--wait", ...data])).status, "paid");
  });

  it("drain waits until nothing is left; --close closes it then", async () => {
    const { code, stdout } = await route("drain", "simulator", "--close");
    assert.deepEqual([code, stdout], [0, "simulator is drained and closed\n"]);
    const opened = await cliJson<DrainStatus>(["route", "open", "simulator", ...data]);
    assert.deepEqual([opened.switch, opened.drained], ["open", false]);
  });

  it("a channel nobody has, a redirect to itself, a wrong policy: refused", async () => {
    const unknown = await route("close", "nope");
    assert.deepEqual([unknown.code, /channel_unknown.*simulator/.test(unknown.stderr)], [1, true]);
    assert.equal((await route("redirect", "simulator", "simulator")).code, 1);
    assert.equal((await route("close", "simulator", "--waiting", "perhaps")).code, 2);
    assert.equal((await route("redirect", "simulator")).code, 2);
  });

  it("rules: checked offline, refused with pointers, applied, listed, rolled back", async () => {
    write([{ name: "big", when: "amout > 1.0", channels: [{ channel: "*" }] }]);
    const checked = await cli(["route", "check", file]);
    assert.equal(checked.code, 1);
    assert.match(checked.stderr, /:\/0\/when ROUTE_CONDITION_INVALID there is no field "amout" \(.+\)\n$/);
    write([{ name: "typo", channels: [{ channel: "simulater" }] }]);
    assert.equal((await cli(["route", "check", file])).code, 0, "offline nobody knows the channels");
    const refused = await route("apply", file, "--reason", "test");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /ROUTE_CHANNEL_UNKNOWN .*did you mean "simulator"/);

    write([
      { name: "small", when: "amount < 500.0", channels: [{ channel: "simulator" }] },
      { name: "cheap", channels: [{ channel: "*", where: "channel.feeBps < 10.0" }] },
    ]);
    const applied = await route("apply", file, "--reason", "test");
    assert.deepEqual([applied.code, applied.stdout], [0, "version 2 of the rules is in force\n"]);
    assert.match((await route("rules")).stdout, /^1 +small +amount < 500.0 +simulator$/m);
    assert.equal((await route("try", "--amount", "100")).code, 0);
    assert.match((await route("try", "--amount", "600")).stdout, /rule cheap, simulator: does not hold/);
    assert.equal((await route("apply", file, "--reason", "late", "--expected-version", "1")).code, 1);

    assert.equal((await route("rollback", "--reason", "back")).code, 0);
    const history = await cliJson<readonly RouteSet[]>(["route", "history", ...data]);
    assert.deepEqual(
      history.map(({ version, reason }) => [version, reason]),
      [
        [3, "back"],
        [2, "test"],
        [1, "first start"],
      ],
    );
    assert.equal((await route("try", "--amount", "600")).code, 0);
  });
});
