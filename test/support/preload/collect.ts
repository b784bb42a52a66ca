/**
 * Loaded into a process of the product by `node --import`, from outside: it collects its garbage every second, so that
 * `nodejs_heap_size_used_bytes` is what is alive, and not what has not been swept up yet.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setInterval(collect, 1_000).unref();
}
