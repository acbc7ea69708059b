// Delivers webhooks of one endpoint until it is killed: `node --import tsx test/hook-worker-process.ts <database> <endpoint as JSON>`.
import { Pool } from 'pg';
import { pino } from 'pino';

import { startDelivering } from '../src/outgoing/deliver.ts';
import { readEndpoints } from '../src/outgoing/endpoints.ts';

const [connectionString = '', written = '{}'] = process.argv.slice(2);
const networks = ['127.0.0.0/8'];
startDelivering({
  pool: new Pool({ connectionString }),
  log: pino({ level: 'silent' }),
  endpoints: readEndpoints(JSON.parse(written), 'main', networks),
  networks,
});
