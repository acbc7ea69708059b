import { isRecord } from '../../core/is-record.ts';
import { maskAddress } from '../../members/mask.ts';

const address = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;

/** A value as JSON has it, with every mail address in it masked, wherever it stands. */
export function withoutAddresses(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(address, maskAddress);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutAddresses);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      String(withoutAddresses(key)),
      withoutAddresses(one),
    ]),
  );
}
