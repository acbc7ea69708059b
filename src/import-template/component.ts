import { lintReact } from '../render/react/react-lint.ts';
import { open, placeOf, type Notes } from './notes.ts';

/** A component's source without what no mail may have or this machine's environment decides. */
export function cleanedComponent(
  source: string,
  file: string,
  siteUrl: string,
  notes: Notes,
): string {
  const site = `'${siteUrl.replace(/\/$/, '')}'`;
  const change = (from: string, pattern: RegExp, to: string, note: string) =>
    from.replace(pattern, (whole) => {
      notes.changed.add(note);
      return to + '\n'.repeat(whole.split('\n').length - 1);
    });
  const text = String.raw`(?:\`[^\`]*\`|'[^']*'|"[^"]*")`;
  const environment = String.raw`process\.env(?:\.\w+|\[['"]\w+['"]\])!?`;
  const settled = [
    new RegExp(String.raw`${environment}\s*\?\s*${text}\s*:\s*${text}`, 'g'),
    new RegExp(String.raw`${environment}\s*(?:\?\?|\|\|)\s*${text}`, 'g'),
    new RegExp(environment, 'g'),
  ].reduce(
    (made, pattern) =>
      change(made, pattern, site, 'addresses the environment decided begin with the brand’s site'),
    source,
  );
  const fonts = change(
    settled,
    /\swebFont=\{\{[^{}]*\}\}/g,
    '',
    'remote fonts are left out, their fallbacks kept',
  );
  const whole = change(
    fonts,
    /(['"])(?:react-email|@react-email\/(?!render\b|components\b)[\w-]+)\1/g,
    "'@react-email/components'",
    'components are those of @react-email/components',
  );
  const place = placeOf(file, whole, notes);
  for (const { line, message } of lintReact(whole, file, true).problems)
    notes.open.add(`${file}:${line ?? 1}: ${message}`);
  for (const { index, 1: from } of whole.matchAll(/\bfrom\s+['"]([@~]\/[^'"]+)['"]/g))
    open(place, index, `${from ?? ''} is an alias of its project: write a relative import`);
  return whole;
}

/** Names of props that may be left out: `name?: …`, and those with a default, `{ name = '…' }`. */
export function optionalProps(source: string): Set<string> {
  const declared = [...source.matchAll(/\b([A-Za-z_]\w*)\?\s*:/g)].map(([, name]) => name ?? '');
  const given = [...source.matchAll(/\(\s*\{([^()]*?)\}\s*(?::[^)]*)?\)/g)].flatMap(
    ([, inner = '']) =>
      [...inner.matchAll(/\b([A-Za-z_]\w*)\s*=(?![=>])/g)].map(([, name]) => name ?? ''),
  );
  return new Set([...declared, ...given]);
}

/** Props by their declaration (`interface …Props { name: string }`), as an example of each; for components without PreviewProps. */
export function declaredProps(source: string): Record<string, unknown> | undefined {
  const body = /(?:interface\s+\w*Props\w*\s*|type\s+\w*Props\w*\s*=\s*)\{([^{}]*)\}/.exec(
    source,
  )?.[1];
  if (body === undefined) return undefined;
  const props: Record<string, unknown> = {};
  for (const [, name = '', type = ''] of body.matchAll(/(\w+)\??\s*:\s*([^;\n]+)/g))
    props[name] = exampleOf(name, type.trim());
  return props;
}

function exampleOf(name: string, type: string): unknown {
  if (/\[\]$|^Array</.test(type))
    return [exampleOf(name, type.replace(/\[\]$|^(?:readonly )?Array<|>$/g, ''))];
  if (/^number\b/.test(type)) return 3;
  if (/^boolean\b/.test(type)) return true;
  if (/^Date\b/.test(type)) return new Date('2026-11-20T09:00:00Z');
  if (/^(['"])([^'"]*)\1/.test(type)) return /^(['"])([^'"]*)\1/.exec(type)?.[2];
  return /ur[il]$|link$|image$|src$|href$/i.test(name) ? `https://www.shop.example/${name}` : name;
}
