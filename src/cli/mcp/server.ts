import { once } from 'node:events';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

import type { BrandsSession } from '../session.ts';
import { packageVersion } from '../version.ts';
import { withoutAddresses } from './masked.ts';
import { type Tool, tools } from './tools.ts';

/** Answers on stdin and stdout until the other side leaves. */
export async function serveTools(
  session: BrandsSession,
  { write }: { readonly write: boolean },
): Promise<void> {
  const server = new McpServer({ name: 'laurel', version: packageVersion() });
  for (const tool of tools) if (write || !tool.writes) offer(server, tool, session);
  const left = Promise.race([once(process.stdin, 'close'), once(process.stdin, 'end')]);
  await server.connect(new StdioServerTransport());
  await Promise.race([
    left,
    new Promise((resolve) => session.signal.addEventListener('abort', resolve, { once: true })),
  ]);
  await server.close();
}

function offer(server: McpServer, tool: Tool, session: BrandsSession): void {
  const { name, description, input, writes, run } = tool;
  const annotations = { readOnlyHint: !writes, destructiveHint: false, openWorldHint: writes };
  // What is thrown becomes the tool's error, which the agent reads.
  server.registerTool(name, { description, inputSchema: input, annotations }, async (given) => ({
    content: [
      { type: 'text', text: JSON.stringify(withoutAddresses(await run(session, given)), null, 2) },
    ],
  }));
}
