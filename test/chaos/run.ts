// The promises of docs/reliability.md at full size: services are killed, databases restarted, queues emptied.
import { closers } from '../../src/app/closers.ts';
import { startRemoteSink } from '../smtp-sink-remote.ts';
import type { Backend } from '../world.ts';
import { openGround } from './ground.ts';
import { type Options, readOptions, usage } from './options.ts';
import { openOwnPostgres } from './own-postgres.ts';
import { openOwnRedis } from './own-redis.ts';
import { summaryText, type Verdict, verdictText } from './report.ts';
import { type Finding, type Stage, type Trial, trials } from './trials.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const open = closers();
  const verdicts: Verdict[] = [];
  try {
    progress('starting Postgres and Redis');
    const postgres = await openOwnPostgres({ durable: true });
    open.add(postgres.close);
    const redis = await openOwnRedis();
    if (redis) open.add(redis.close);
    else progress('redis-server is not installed: the queue is tried on Postgres only');
    for (const { trial, backend } of planned(options, redis !== null)) {
      progress(`${trial.promise}, queue on ${backend}`);
      const verdict = await put(trial, {
        backend,
        postgres,
        redis,
        messages: options.messages,
        members: options.members ?? Math.ceil(options.messages / 5),
        progress: (line) => progress(`  ${line}`),
      });
      verdicts.push(verdict);
      if (!options.json) console.log(verdictText(verdict));
    }
  } finally {
    await open.closeAll();
  }
  console.log(options.json ? JSON.stringify(verdicts, null, 2) : summaryText(verdicts));
  if (verdicts.some(({ kept }) => !kept)) process.exitCode = 1;
}

const progress = (line: string) => console.error(`   ${line}`);

function planned(options: Options, withRedis: boolean): { trial: Trial; backend: Backend }[] {
  // The second promise is shown by the run of the first.
  const names = new Set<string>(options.only.map((name) => (name === '2' ? '1' : name)));
  return trials
    .filter(({ name }) => names.has(name))
    .flatMap((trial) => trial.backends.map((backend) => ({ trial, backend })))
    .filter(({ backend }) => options.backend === undefined || backend === options.backend)
    .filter(({ backend }) => withRedis || backend === 'postgres');
}

/** Puts one promise to the test, on ground of its own. What goes wrong on the way breaks it, and the next one is tried. */
async function put(trial: Trial, given: Omit<Stage, 'open'>): Promise<Verdict> {
  const open = closers();
  const startedAt = performance.now();
  const openOwn: Stage['open'] = async (env = {}) => {
    const { backend, redis } = given;
    const database = await given.postgres.freshDatabase();
    open.add(database.close);
    const sink = await startRemoteSink();
    open.add(() => sink.close());
    const redisUrl = redis?.url ?? null;
    const ground = await openGround({ backend, database, redisUrl, sink, env });
    open.add(ground.close);
    return ground;
  };
  const finding = await trial
    .run({ ...given, open: openOwn })
    .catch((error: unknown) => failure(error));
  await open.closeAll();
  return {
    ...finding,
    promise: trial.promise,
    backend: given.backend,
    kept: finding.broken.length === 0,
    tookSeconds: (performance.now() - startedAt) / 1000,
  };
}

const failure = (error: unknown): Finding => ({
  did: 'could not be brought to its end',
  figures: {},
  broken: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
});

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
