import { z } from 'zod';

import { InvalidInput } from '../core/errors.ts';

/** What messages go through and what can be paused: one template of a tenant, or everybody's transport. */
export const flowKinds = ['template', 'transport'] as const;
export type FlowKind = (typeof flowKinds)[number];

/** `template:order-confirmation`, or `transport:mail`. */
export const FlowName = z
  .string()
  .regex(
    /^(template:[a-z0-9-]{1,100}|transport:mail)$/,
    'must be template:<name> or transport:mail',
  );

/** What hands mail over, whatever it is: SMTP or a folder. */
export const transportFlow = 'transport:mail';

export const templateFlow = (template: string): string => `template:${template}`;

export const kindOf = (flow: string): FlowKind =>
  flow.startsWith('template:') ? 'template' : 'transport';

/** Why a message is held while its flow is paused. */
export type PauseReason = `${FlowKind}-paused`;

/** Checks the name of a flow somebody wants paused or resumed. @throws InvalidInput where there is no such flow */
export function parseFlow(name: string, templates: readonly string[]): string {
  const parsed = FlowName.safeParse(name);
  if (!parsed.success) throw problem(parsed.error.issues.map(({ message }) => message).join('; '));
  const known = kindOf(name) === 'transport' || templates.some((one) => templateFlow(one) === name);
  if (!known) throw problem(`there is no ${name}; templates are ${templates.join(', ')}`);
  return parsed.data;
}

const problem = (message: string) => new InvalidInput([{ path: 'flow', message }]);
