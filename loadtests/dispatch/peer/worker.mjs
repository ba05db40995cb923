// One process of graphile-worker that does nothing per job, with the settings its documentation
// gives for high throughput (worker.graphile.org/docs/performance). It says on its output, a JSON
// line each time, that it is ready and how many jobs it has done.
import { Logger, run, runMigrations } from "graphile-worker";

const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const concurrentJobs = setting("PEER_CONCURRENCY", 24);
// Its own log line for each job would be what we measure.
const logger = new Logger(() => (level, message) => {
  if (level === "error" || level === "warning") process.stderr.write(`${message}\n`);
});
const preset = {
  worker: {
    connectionString: process.env.PEER_DATABASE_URL,
    concurrentJobs,
    maxPoolSize: concurrentJobs + 1,
    localQueue: { size: setting("PEER_LOCAL_QUEUE", 500) },
    completeJobBatchDelay: setting("PEER_BATCH_DELAY", 0),
    failJobBatchDelay: setting("PEER_BATCH_DELAY", 0),
    logger,
  },
};

if (process.argv[2] === "migrate") {
  await runMigrations({ preset });
  process.exit(0);
}

let done = 0;
const runner = await run({
  preset,
  taskList: {
    noop: () => {
      done += 1;
    },
  },
});
say({ ready: true });

let said = 0;
setInterval(() => {
  if (done !== said) {
    said = done;
    say({ done });
  }
}, 10);
await runner.promise;
process.exit(0);
