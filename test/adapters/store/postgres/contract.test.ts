import { storeContract } from "../../../contract/store.js";
import { forEachDatabase } from "../../../support/postgres.js";
import { postgresWorld } from "../../../support/postgres-world.js";

forEachDatabase((name, open) => {
  storeContract(name, {
    open: () => postgresWorld(open),
    processes: name === "PGlite" ? "one" : "many",
  });
});
