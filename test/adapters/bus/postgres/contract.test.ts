import { busContract } from "../../../contract/bus/index.js";
import { postgresCapabilities } from "../../../../adapters/bus/postgres/bus.js";
import { verifying } from "../../../support/buses.js";
import { forEachDatabase } from "../../../support/postgres.js";
import { postgresWorld } from "../../../support/postgres-world.js";

forEachDatabase((name, open) => {
  // The embedded database is the same code behind a slower socket.
  if (name === "PGlite" && !verifying) return;
  busContract(name, {
    open: () => postgresWorld(open),
    processes: name === "PGlite" ? "one" : "many",
    capabilities: postgresCapabilities,
  });
});
