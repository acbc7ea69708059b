import { z } from 'zod';

import type { Template } from '../contract/template.ts';
import type { Block } from '../decision/blocks/block.ts';
import type { OwnRule } from '../decision/policy.ts';
import type { WebhookAdapter } from '../http/webhooks/adapter.ts';
import type { SourceKind } from '../profile/sources/source.ts';
import type { TransportKind } from '../transports/index.ts';

/** What `laurel.config.ts` says. Paths are relative to its folder. What belongs to a machine is in the environment. */
export type LaurelConfig = {
  /** The folder of templates, `templates` when left out. What isn't in it is the package's of the same name. */
  readonly folder?: string;
  /** The folder of brands, `brands` when left out. */
  readonly brands?: string;
  /** The folder of personas, events and sample data, `fixtures` when left out. */
  readonly fixtures?: string;
  /** Every template that can be sent: one's own, and by name those of the package that are used as they are. */
  readonly templates: readonly (Template | string)[];
  /** In the order in which they are put in their places. */
  readonly rules?: readonly OwnRule[];
  readonly blocks?: readonly Block[];
  /** Kinds of profile sources. */
  readonly sources?: readonly SourceKind[];
  readonly transports?: readonly TransportKind[];
  /** Kinds of senders of webhooks. */
  readonly webhooks?: readonly WebhookAdapter[];
};

/** The default export of `laurel.config.ts`. */
export const defineConfig = (config: LaurelConfig): LaurelConfig => config;

const call = (name: string) =>
  z.custom<unknown>((value) => typeof value === 'function', `${name} must be a function`);
const name = z.string('must have a name').regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
  error: 'must be named like points-banner',
});
const list = <Item extends z.ZodType>(item: Item) => z.array(item).default([]);
const folder = (usual: string) => z.string().min(1).default(usual);

/** What can be seen of it from outside: what was written in JavaScript, or past the compiler, is told with its place. */
export const ConfigShape = z.strictObject({
  folder: folder('templates'),
  brands: folder('brands'),
  fixtures: folder('fixtures'),
  templates: z.array(
    z.union(
      [
        name,
        z.looseObject(
          { name, blocks: z.array(z.string()), headline: call('headline') },
          'is no template; make it with defineTemplate',
        ),
      ],
      'is no template: write the name of one of the package, or make it with defineTemplate',
    ),
  ),
  rules: list(
    z.looseObject(
      {
        name,
        version: z.int('must have a version, a whole number'),
        about: z.enum(
          ['message', 'block', 'offer'],
          'must say what it is about: message, block or offer',
        ),
        check: call('check'),
      },
      'is no rule; make it with defineRule',
    ),
  ),
  blocks: list(
    z.looseObject(
      { name, version: z.int('must have a version, a whole number'), decide: call('decide') },
      'is no block; make it with defineBlock',
    ),
  ),
  sources: list(
    z.looseObject(
      { kind: name, open: call('open') },
      'is no kind of source; make it with defineSource',
    ),
  ),
  transports: list(
    z.looseObject(
      {
        schemes: z.array(
          z
            .string()
            .regex(/^[a-z][a-z0-9+.-]*:$/, 'must be a scheme with its colon, such as stdout:'),
        ),
        open: call('open'),
      },
      'is no transport; make it with defineTransport',
    ),
  ),
  webhooks: list(
    z.looseObject(
      { name, open: call('open') },
      'is no webhook adapter; make it with defineWebhook',
    ),
  ),
});
