import { InvalidInput } from './errors.ts';

/** JSON nested deeper than this is refused. No template needs half of it. */
const DEEPEST = 64;
/** Longest key of an object, in UTF-16 units. */
const LONGEST_KEY = 255;
/** Keys that reach an object's prototype in careless code further down. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads JSON from outside: strict UTF-8, limited in size (bytes), and checked as `checkPayload` does.
 * @throws InvalidInput naming the path; with status 413 when it is too large
 */
export function parsePayload(
  text: string | Buffer,
  { maxBytes }: { readonly maxBytes: number },
): unknown {
  const size = Buffer.byteLength(text);
  if (size > maxBytes)
    throw new InvalidInput(
      [{ path: 'body', message: `has ${size} bytes; at most ${maxBytes} are taken` }],
      413,
    );
  let value: unknown;
  try {
    value = JSON.parse(typeof text === 'string' ? text : decode(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidInput([{ path: 'body', message: `is not valid JSON: ${why}` }]);
  }
  checkPayload(value);
  return value;
}

const decode = (bytes: Buffer) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/**
 * Lets through plain JSON that can be stored, compared and rendered as it is: no NUL (Postgres has no text with it), no broken
 * Unicode, no number beyond range, no prototype keys, no depth that overflows a stack. Walks without recursion.
 * @throws InvalidInput naming the path of the first fault, e.g. `data.items[2].price`
 */
export function checkPayload(value: unknown): void {
  const stack: { value: unknown; path: Path | null; depth: number }[] = [
    { value, path: null, depth: 0 },
  ];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { path, depth } = next;
    const fault = faultIn(next.value, depth);
    if (fault !== null) throw new InvalidInput([{ path: nameOf(path), message: fault }]);
    if (Array.isArray(next.value)) {
      for (let at = next.value.length - 1; at >= 0; at -= 1)
        stack.push({ value: next.value[at], path: { before: path, step: at }, depth: depth + 1 });
    } else if (typeof next.value === 'object' && next.value !== null) {
      for (const [key, inner] of Object.entries(next.value).toReversed()) {
        const innerPath = { before: path, step: key };
        const wrong = faultInKey(key);
        if (wrong !== null) throw new InvalidInput([{ path: nameOf(innerPath), message: wrong }]);
        stack.push({ value: inner, path: innerPath, depth: depth + 1 });
      }
    }
  }
}

function faultIn(value: unknown, depth: number): string | null {
  if (value === null || value === undefined || typeof value === 'boolean') return null;
  if (typeof value === 'string') return faultInText(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'is a number beyond the range of JSON numbers';
  if (typeof value !== 'object') return `must be plain JSON, not a ${typeof value}`;
  if (!isPlain(value)) return 'must be plain JSON, not an object of a class';
  return depth >= DEEPEST ? `is nested deeper than ${DEEPEST} levels` : null;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function faultInText(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return /\p{Cs}/u.test(text) ? 'contains broken Unicode (half of a surrogate pair)' : null;
}

function faultInKey(key: string): string | null {
  if (forbiddenKeys.has(key)) return 'is not allowed as a key';
  if (key.length > LONGEST_KEY) return `is a key longer than ${LONGEST_KEY} characters`;
  return faultInText(key);
}

/** Where we are, innermost step first, so that going deeper costs nothing until something is wrong. */
type Path = { readonly before: Path | null; readonly step: string | number };

function nameOf(path: Path | null): string {
  const steps: (string | number)[] = [];
  for (let at = path; at; at = at.before) steps.unshift(at.step);
  return formatPath(steps);
}

/** A path as people write it: `data.items[2].price`; `body` for the whole. Odd keys are quoted and shortened. */
export function formatPath(steps: readonly PropertyKey[]): string {
  let text = '';
  for (const step of steps) {
    const name = String(step);
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]{1,64}$/.test(name)) text += text === '' ? name : `.${name}`;
    else text += `[${JSON.stringify(name.length > 64 ? `${name.slice(0, 60)}…` : name)}]`;
  }
  return text === '' ? 'body' : text;
}
