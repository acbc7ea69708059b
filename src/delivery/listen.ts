import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, escapeIdentifier } from 'pg';

import { connectionOptions } from '../postgres/url.ts';

const reconnectMs = 1_000;
const goodbyeMs = 1_000;

/**
 * Hears a Postgres channel on a connection of its own, and opens a new one when it breaks. A silent channel is only a
 * slower one: whoever listens also looks for himself now and then.
 */
export async function listen(
  url: string,
  channel: string,
  heard: () => void,
): Promise<() => Promise<void>> {
  let closed = false;
  let client: Client | undefined;
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;

  const connect = async () => {
    const next = new Client({
      ...connectionOptions(url, '-c search_path=laurel'),
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      fallback_application_name: 'laurel-listen',
      stream: () => (socket = new Socket()),
    });
    client = next;
    next.on('notification', heard);
    const lost = () => {
      if (closed || client !== next) return;
      client = undefined;
      next.end().catch(() => {}); // it is broken already
      retry = setTimeout(() => void connect().catch(lost), reconnectMs);
    };
    next.on('error', lost);
    next.on('end', lost);
    try {
      await next.connect();
      await next.query(`listen ${escapeIdentifier(channel)}`);
      heard(); // whatever was said while nobody listened
    } catch (error) {
      lost();
      throw error;
    }
  };

  await connect().catch(() => {}); // lost() has already planned the next try
  return async () => {
    closed = true;
    clearTimeout(retry);
    if (client) await Promise.race([client.end(), sleep(goodbyeMs, undefined, { ref: false })]);
    // A connection that went deaf never answers the goodbye, and would keep the process from ending.
    socket?.destroy();
  };
}
