import { busContract } from "../../../contract/bus.js";
import { forEachDatabase } from "../../../support/postgres.js";
import { postgresWorld } from "../../../support/postgres-world.js";

forEachDatabase((name, open) => {
  busContract(name, {
    open: () => postgresWorld(open),
    processes: name === "PGlite" ? "one" : "many",
  });
});
