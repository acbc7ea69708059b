import { createHash } from 'node:crypto';

import type { Brand } from '../brand/brand.ts';
import { type CheckedMessageRequest, checkMessageRequest } from '../contract/message-input.ts';
import type { After } from '../contract/message.ts';
import { isFor, type Template } from '../contract/template.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { problemsOf } from '../core/problems.ts';
import type { NewMessage } from './messages.ts';

/** What accepting needs to know; all of it fixed while the process runs. */
export type AcceptContext = {
  readonly tenant: string;
  readonly templates: ReadonlyMap<string, Template>;
  readonly brands: ReadonlyMap<string, Pick<Brand, 'id'> & Partial<Pick<Brand, 'trades'>>>;
  /** Used where a message names no brand. */
  readonly defaultBrand?: string;
  readonly newId: () => string;
};

/**
 * Checks one message request and makes it a row, ready to be stored. Pure but for `newId`.
 * The data must fit the template's schema now; it is stored as it was given and read again when the mail is sent.
 * @throws InvalidInput naming every field that is wrong.
 */
export function acceptMessage(input: unknown, context: AcceptContext): NewMessage {
  const request = checkMessageRequest(input);
  const template = context.templates.get(request.template);
  if (!template) {
    throw new InvalidInput([
      {
        path: 'template',
        message: `there is no template "${request.template}"; there are ${[...context.templates.keys()].join(', ')}`,
      },
    ]);
  }
  const data = template.schema.safeParse(request.data);
  const problems: Problem[] = data.success ? [] : problemsOf(data.error, ['data']);
  const brand = chooseBrand(request.brand, context, problems);
  problems.push(...notTheirs(template, brand, context));
  if (!data.success || brand === undefined || problems.length > 0) throw new InvalidInput(problems);

  return {
    id: context.newId(),
    tenant: context.tenant,
    idempotencyKey: request.idempotencyKey ?? null,
    requestHash: hashRequest(request),
    lane: 'transactional',
    template: template.name,
    brand,
    memberId: request.to.memberId ?? null,
    email: request.to.email ?? null,
    name: request.to.name ?? null,
    locale: request.locale ?? null,
    data: request.data,
    about: [...new Set([...(template.about?.(data.data) ?? []), ...(request.about ?? [])])],
    sendAt: request.sendAt === undefined ? null : new Date(request.sendAt),
    after: afterOf(request.after),
    expiresAt: request.expiresAt === undefined ? null : new Date(request.expiresAt),
    wantedVersion: request.templateVersion === 'live' ? null : (request.templateVersion ?? null),
  };
}

function afterOf(after: CheckedMessageRequest['after']): After | null {
  if (!after) return null;
  const { source, eventId, ledgerVersion, waitSeconds } = after;
  const wait = waitSeconds === undefined ? {} : { waitSeconds };
  if (source !== undefined && eventId !== undefined) return { source, eventId, ...wait };
  return ledgerVersion === undefined ? null : { ledgerVersion, ...wait };
}

function chooseBrand(wanted: string | undefined, context: AcceptContext, problems: Problem[]) {
  const known = [...context.brands.keys()];
  const brand = wanted ?? context.defaultBrand ?? (known.length === 1 ? known[0] : undefined);
  if (brand !== undefined && context.brands.has(brand)) return brand;
  problems.push({
    path: 'brand',
    message:
      brand === undefined
        ? `is needed here: this installation has ${known.join(', ')} and no default brand`
        : `there is no brand "${brand}"; there are ${known.join(', ')}`,
  });
  return undefined;
}

/** A template the brand hasn't got. */
function notTheirs(template: Template, id: string | undefined, context: AcceptContext): Problem[] {
  const brand = id === undefined ? undefined : context.brands.get(id);
  if (!brand || isFor(template, brand)) return [];
  const theirs = [...context.templates.values()].filter((one) => isFor(one, brand));
  return [
    {
      path: 'template',
      message: `"${brand.id}" has no "${template.name}"; it has ${theirs.map(({ name }) => name).join(', ')}`,
    },
  ];
}

/** The same for the same request, however its keys are ordered; the key itself is not part of it. */
function hashRequest(request: { readonly idempotencyKey?: string | undefined }): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys({ ...request, idempotencyKey: undefined })))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
