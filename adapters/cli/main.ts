/**
 * The command line. One file per group of commands; this one puts them together and decides the exit code. What a
 * command needs beyond its options it imports when it runs: `valence order show` does not wait for a database driver.
 */
import { Command } from "commander";
import { productVersion } from "../compose/root.js";
import { reportFailure } from "./failure.js";
import { addAudit } from "./audit.js";
import { addChannel } from "./channel.js";
import { addDoctor } from "./doctor/command.js";
import { addFlow } from "./flow.js";
import { addOperate } from "./operate.js";
import { addOrder } from "./order.js";
import { addPay } from "./pay.js";
import { addRoute } from "./route.js";
import { addRun } from "./run.js";
import { addUp } from "./up.js";
import { addUser } from "./user.js";

const program = new Command("valence")
  .description("A message-bus orchestrated payment transaction engine, and the gateway around it.")
  .version(productVersion)
  .exitOverride()
  .showHelpAfterError("(--help tells more)");

const commands = [addUp, addRun, addPay, addOrder, addFlow, addRoute, addOperate, addChannel, addUser];
for (const add of [...commands, addAudit, addDoctor]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
