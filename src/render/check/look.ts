import type { ClientSupport } from './client-support.ts';
import type { CheckedMail, Found } from './finding.ts';
import { mailChecks } from './index.ts';
import type { FindSource, Where } from './sources.ts';

/** What a check says of a mail, and where its cause stands. */
export type Told = Omit<Found, 'near'> & Where & { readonly check: string };

/** Everything that can be said of a mail without a browser. `support` is null where that can't be known. */
export function lookAtMail(
  mail: CheckedMail,
  support: ClientSupport | null,
  source: FindSource,
): readonly Told[] {
  return [
    ...mailChecks.flatMap(({ name, look }) => told(name, look(mail), mail, source)),
    ...told('client-support', support?.found(mail) ?? [], mail, source),
  ];
}

/** What one check found, as it is told of this mail. */
export function told(
  check: string,
  found: readonly Found[],
  { template, locale }: Pick<CheckedMail, 'template' | 'locale'>,
  source: FindSource,
): Told[] {
  return found.map((one) => {
    const { near, ...rest } = milder(one, check, template);
    const at = source({
      template: template.name,
      check,
      locale,
      ...(near !== undefined && { near }),
    });
    return { ...rest, check, ...at };
  });
}

/** How a mail made elsewhere looks is its makers' choice: it is said, and holds nothing up. */
const milder = (found: Found, check: string, { lenient }: CheckedMail['template']): Found =>
  lenient && found.severity === 'error' && ['axe', 'accessibility', 'images'].includes(check)
    ? { ...found, severity: 'warning' }
    : found;
