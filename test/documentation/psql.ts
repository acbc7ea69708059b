import { text } from 'node:stream/consumers';

import { Client, type QueryResult } from 'pg';

/** What pages ask of `psql`: it runs what comes on stdin and prints the rows of the last statement. */
const client = new Client({ connectionString: process.argv.at(-1) ?? '' });
await client.connect();
const answer: QueryResult | QueryResult[] = await client.query(await text(process.stdin));
for (const row of [answer].flat().at(-1)?.rows ?? []) console.log(JSON.stringify(row));
await client.end();
