import { type Command, InvalidArgumentError } from 'commander';

import type { Brand } from '../brand/brand.ts';
import type { Trigger } from '../brand/triggers.ts';
import { InvalidInput, PermanentError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { triggersOf } from '../trigger/causes.ts';
import { checkTriggers } from '../trigger/check.ts';
import { dryRun } from '../trigger/dry-run.ts';
import { setTriggerPaused, triggerCounts } from '../trigger/firings.ts';
import { withBrands } from './session.ts';
import { clock, count, note, print } from './terminal.ts';

const dayMs = 86_400_000;

function parseCount(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a number of days.');
}

const example = (...lines: readonly string[]) =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;

export function addTriggers(program: Command): void {
  const triggers = program
    .command('triggers')
    .description(
      'mails that follow from events and states by themselves, as brands/<id>/triggers.json says',
    )
    .addHelpText(
      'after',
      example('laurel triggers list', 'laurel triggers dry-run marlowe/bonus-confirmation'),
    );
  triggers
    .command('list')
    .description('each trigger, and what became of its causes')
    .option('--days <n>', 'of the last so many days', parseCount, 30)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', example('laurel triggers list --days 7'))
    .action(async ({ days, json }: { days: number; json?: true }) =>
      withBrands(async ({ pool, tenant, brands, templates, now }) => {
        checkTriggers(brands, templates);
        const since = new Date(now().getTime() - days * dayMs);
        const counts = await triggerCounts(pool, tenant, since);
        let shown = 0;
        for (const { brand } of brands.values())
          for (const [trigger, { on, template }] of triggersOf(brand)) {
            shown += 1;
            const found = counts.find((one) => one.brand === brand.id && one.trigger === trigger);
            const { waiting = 0, fired = 0, skipped = {}, pausedAt = null } = found ?? {};
            const line = {
              brand: brand.id,
              trigger,
              on,
              template,
              waiting,
              fired,
              skipped,
              pausedAt,
            };
            await print(json ? JSON.stringify(line) : lineOf(line));
          }
        if (shown === 0) note('no brand has a triggers.json');
      }),
    );
  triggers
    .command('dry-run')
    .description('what a trigger of an event would have sent')
    .argument('<trigger>', 'brand/name')
    .option('--days <n>', 'in the last so many days', parseCount, 30)
    .option('--json', 'as JSON')
    .addHelpText('after', example('laurel triggers dry-run marlowe/bonus-confirmation --days 90'))
    .action(async (which: string, { days, json }: { days: number; json?: true }) =>
      withBrands(async ({ pool, tenant, brands, templates, now }) => {
        checkTriggers(brands, templates);
        const { brand, trigger } = find(brands, which);
        if (!('event' in trigger.on))
          throw new InvalidInput([
            {
              path: 'trigger',
              message: `"${which}" looks at a state, not at events; states of past days aren't kept`,
            },
          ]);
        const template = templates.find(({ name }) => name === trigger.template);
        if (!template)
          throw new PermanentError('unknown-template', `there is no "${trigger.template}"`);
        const since = new Date(now().getTime() - days * dayMs);
        const ran = await dryRun(pool, tenant, brand, trigger, template, since);
        if (json) {
          await print(JSON.stringify({ ...ran, badData: Object.fromEntries(ran.badData) }));
          return;
        }
        await print(
          `would have sent ${count(ran.wouldSend, 'mail')} to ${count(ran.members, 'member')} in ${count(days, 'day')}`,
        );
        await print(
          `${count(ran.events, `${trigger.on.event} event`)}, ${ran.causes} as its conditions say, ${ran.tooLate} told too late`,
        );
        for (const [problem, times] of ran.badData)
          await print(`  not sent, ${times} ×: ${problem}`);
        for (const { memberId, data } of ran.examples)
          await print(`  ${memberId}  ${JSON.stringify(data)}`);
        note('whether each would have been sent is decided by the rules, when its turn comes');
      }),
    );
  for (const [verb, description, paused, done, already] of [
    [
      'pause',
      'hold back what a trigger would send; its causes are noted meanwhile',
      true,
      'paused',
      'was paused before',
    ],
    [
      'resume',
      'let it go on; what is too old by now is skipped',
      false,
      'resumed',
      'wasn’t paused',
    ],
  ] as const)
    triggers
      .command(verb)
      .description(description)
      .argument('<trigger>', 'brand/name')
      .addHelpText('after', example(`laurel triggers ${verb} marlowe/bonus-confirmation`))
      .action(async (which: string) =>
        withBrands(async ({ pool, tenant, brands }) => {
          const { brand, name } = find(brands, which);
          const changed = await setTriggerPaused(
            pool,
            { tenant, brand: brand.id, trigger: name },
            paused,
          );
          await print(`${which} ${changed ? done : already}`);
        }),
      );
}

type Line = {
  readonly brand: string;
  readonly trigger: string;
  readonly on: Trigger['on'];
  readonly template: string;
  readonly waiting: number;
  readonly fired: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly pausedAt: Date | null;
};

function lineOf({ brand, trigger, on, template, waiting, fired, skipped, pausedAt }: Line): string {
  const [kind = '', value] = Object.entries(on)[0] ?? [];
  const cause =
    kind === 'event' ? String(value) : value === true ? kind : `${kind} ${String(value)}`;
  const reasons = Object.entries(skipped).map(([reason, n]) => `${n} skipped: ${reason}`);
  const state = pausedAt === null ? [] : [`paused since ${clock(new Date(pausedAt))}`];
  return [
    `${brand}/${trigger}  ${cause} → ${template}`,
    `${fired} made`,
    `${waiting} waiting`,
    ...reasons,
    ...state,
  ].join('; ');
}

function find(brands: ReadonlyMap<string, { readonly brand: Brand }>, which: string) {
  const all = [...brands.values()].flatMap(({ brand }) =>
    triggersOf(brand).map(([name, trigger]) => ({
      key: `${brand.id}/${name}`,
      brand,
      name,
      trigger,
    })),
  );
  const found = all.find(({ key }) => key === which);
  if (found) return found;
  const near = nearestName(
    which,
    all.map(({ key }) => key),
  );
  const known =
    all.length === 0
      ? 'no brand has a triggers.json'
      : `there are ${all.map(({ key }) => key).join(', ')}`;
  throw new InvalidInput([
    {
      path: 'trigger',
      message: `there is no "${which}"${near === undefined ? '' : `; is it ${near}?`}; ${known}`,
    },
  ]);
}
