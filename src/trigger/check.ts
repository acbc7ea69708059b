import { isFor, type Template } from '../contract/template.ts';
import { noSuch } from '../core/nearest-name.ts';
import { eventFields } from '../ledger/events.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import type { LoadedBrands } from '../render/voice/brand-files.ts';
import { triggersOf } from './causes.ts';
import { pathsIn } from './facts.ts';

/** What data may name besides the event's own fields. */
const stateFacts = {
  tierReached: ['tier.id', 'tier.name', 'tier.rank', 'tier.at'],
  pointsExpireWithinDays: ['points.points', 'points.lastDay'],
  birthday: ['birthday.day'],
} as const;

/**
 * Looks whether every trigger of every brand can work: its event, tiers and template are there, its conditions and data name
 * what its cause says, and nothing that the template doesn't take.
 * @throws TemplateError with file, line and path of each mistake
 */
export function checkTriggers(brands: LoadedBrands, templates: readonly Template[]): void {
  const problems: SourceProblem[] = [];
  for (const { brand, triggerLines } of brands.values()) {
    const theirs = templates.filter((template) => isFor(template, brand));
    for (const [name, trigger] of triggersOf(brand)) {
      const refuse = (path: readonly (string | number)[], message: string) => {
        const whole = ['triggers', name, ...path];
        problems.push({
          file: `brands/${brand.id}/triggers.json`,
          ...(triggerLines && { line: triggerLines(whole) }),
          path: whole.join('.'),
          message,
        });
      };
      const { on, when, data } = trigger;
      const fields = 'event' in on ? fieldsOf(on.event) : undefined;
      if ('event' in on && !fields)
        refuse(['on', 'event'], noSuch('event', on.event, [...eventFields.keys()]));
      if ('tierReached' in on && on.tierReached !== true) {
        const tiers = brand.programme.tiers.map(({ id }) => id);
        for (const [at, id] of on.tierReached.entries())
          if (!tiers.includes(id)) refuse(['on', 'tierReached', at], noSuch('tier', id, tiers));
      }
      for (const [at, { field }] of when.entries()) {
        const [first = ''] = field.split('.');
        if (!('event' in on)) refuse(['when', at], 'is for events; a state has no fields');
        else if (fields && !fields.includes(first))
          refuse(['when', at, 'field'], noSuch('field', first, fields));
      }
      const known = knownPaths(on, fields);
      for (const [field, value] of Object.entries(data))
        for (const path of pathsIn(value))
          if (known && !known(path))
            refuse(
              ['data', field],
              `{${path}} is not known here; there is ${known.names.join(', ')}`,
            );
      const template = theirs.find((one) => one.name === trigger.template);
      const names = theirs.map((one) => one.name);
      if (!template) refuse(['template'], noSuch('template', trigger.template, names));
      else
        for (const [field, message] of missingData(template, data))
          refuse(['data', field], message);
    }
  }
  if (problems.length > 0) throw new TemplateError(problems);
}

const fieldsOf = (type: string): readonly string[] | undefined =>
  [...eventFields].find(([one]) => one === type)?.[1];

/** Which paths facts of such a cause have; undefined where the event itself isn't known. */
function knownPaths(on: object, fields: readonly string[] | undefined) {
  const names =
    'event' in on
      ? fields?.map((field) => `event.${field}`)
      : Object.entries(stateFacts).flatMap(([state, paths]) => (state in on ? paths : []));
  if (!names) return undefined;
  const all = [...names, 'member.memberId'];
  const has = (path: string) => all.some((name) => path === name || path.startsWith(`${name}.`));
  return Object.assign(has, { names: all });
}

/** Data that the template needs and isn't given, and data that it doesn't take. */
function missingData(
  { schema, name }: Template,
  data: Readonly<Record<string, unknown>>,
): [string, string][] {
  const parsed = schema.safeParse(data);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap(({ path, code, message, ...issue }): [string, string][] => {
    const [field] = path;
    if (code === 'unrecognized_keys' && 'keys' in issue && path.length === 0)
      return issue.keys.map((key) => [key, `"${name}" takes no such data`]);
    // What a placeholder becomes is known when it fires.
    return field !== undefined && !(String(field) in data)
      ? [[String(field), `"${name}" needs it: ${message}`]]
      : [];
  });
}
