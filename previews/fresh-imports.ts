import type { ResolveHook } from 'node:module';

/**
 * Module hooks: what a module loaded as `…?v=3` imports of the same project is loaded as `…?v=3` too, so that a saved
 * component is seen by everything that shows it. Packages stay what they are: there is one React.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context);
  const version = /\?v=(\d+)$/.exec(context.parentURL ?? '')?.[0];
  const isOwn =
    specifier.startsWith('.') &&
    resolved.url.startsWith('file:') &&
    !resolved.url.includes('/node_modules/') &&
    !resolved.url.includes('?');
  return version !== undefined && isOwn
    ? { ...resolved, url: `${resolved.url}${version}` }
    : resolved;
};
