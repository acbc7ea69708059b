// Laurel against a bare reference, on this machine, in this run: only the ratios mean something elsewhere.
import { measureApi } from './api.ts';
import { measureBeside } from './beside.ts';
import { measureDecide } from './decide.ts';
import { measureFanOuts } from './fanout.ts';
import { measureLatency } from './latency.ts';
import { measureLedger } from './ledger.ts';
import { describeMachine } from './machine.ts';
import { measureMime } from './mime.ts';
import { type Options, readOptions, usage } from './options.ts';
import { measureRender } from './render.ts';
import { type Findings, findingsText, machineText } from './report.ts';
import { openServices, type Services } from './services.ts';
import { measureStore } from './store.ts';
import { measureWhole } from './whole.ts';
import { measureWorkplace } from './workplace.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  if (process.env['NODE_ENV'] !== 'production')
    throw new Error('run it with `npm run bench`, which sets NODE_ENV=production');
  const startedAt = performance.now();
  const services = await openServices();
  try {
    const machine = describeMachine(services.postgresVersion);
    if (!options.json) console.log(machineText(machine));
    const all: Findings[] = [];
    for await (const findings of measure(options, services)) {
      all.push(findings);
      if (!options.json) console.log(findingsText(findings));
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (options.json) {
      const results = all.map(({ title, note, targets, figures }) => ({
        title,
        note,
        targets,
        figures,
      }));
      console.log(JSON.stringify({ machine, seconds, results }, null, 2));
    } else console.log(`\nTook ${seconds} s.`);
  } finally {
    await services.close();
  }
}

const progress = (line: string) => console.error(`   ${line}`);

async function* measure(options: Options, services: Services): AsyncGenerator<Findings> {
  for (const section of options.only) {
    switch (section) {
      case 'whole':
        yield* measureWhole(options, services, progress);
        break;
      case 'latency':
        yield await measureLatency(services);
        break;
      case 'decide':
        yield await measureDecide();
        break;
      case 'render':
        yield* measureRender();
        break;
      case 'mime':
        yield await measureMime();
        break;
      case 'fanout':
        yield* measureFanOuts(options.members, services);
        break;
      case 'beside':
        yield await measureBeside(options, services);
        break;
      case 'ledger':
        yield await measureLedger(options.sizes, services, progress);
        break;
      case 'api':
        yield await measureApi(services);
        break;
      case 'workplace':
        yield await measureWorkplace(progress);
        break;
      case 'store':
        yield await measureStore(options['store-sizes'], services, progress);
        break;
      default:
        section satisfies never;
    }
  }
}

await main();
