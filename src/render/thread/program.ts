import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * What a thread has to be taught before it loads anything, for it doesn't inherit it: to tell places in what authors wrote
 * and, in a checkout, TypeScript.
 */
export function programOf(entry: URL): URL {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href;
  const typescript = entry.pathname.endsWith('.ts')
    ? `register(${JSON.stringify(loader)}, { data: true });`
    : '';
  const program = `import { register } from 'node:module';
    process.setSourceMapsEnabled(true);
    ${typescript}
    await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}
