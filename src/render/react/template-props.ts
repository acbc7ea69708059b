import type { z } from 'zod';

import type { Chart } from '../../contract/chart.ts';
import type { LinkedData } from '../../contract/linked-data.ts';
import type { Template, View, Views } from '../../contract/template.ts';
import type { CamelCase } from '../../core/camel-case.ts';
import type { Format } from '../voice/format.ts';
import type { Link } from '../voice/link.ts';

/** Looks a text up; the key is written out where it is used, so that a missing one is found before sending. */
export type T = (key: string, args?: Readonly<Record<string, unknown>>) => string;

/** What every part of a React mail is given, whichever template it is of. */
export type MailProps = {
  readonly view: Omit<View, 'data' | 'blocks'>;
  readonly subject: string;
  readonly preheader: string;
  /** What the mail says in schema.org's words; `MailHead` writes it. */
  readonly linkedData: readonly LinkedData[];
  readonly t: T;
  readonly format: Format;
  readonly link: Link;
  /** The `src` of a chart that the mail carries with it. Its figures stand beside it as text, and its `alt` says them. */
  readonly picture: (chart: Chart) => string;
};

/** What a template's React body is given: `TemplateProps<typeof flightBooking>`. A block that isn't shown is absent. */
export type TemplateProps<Of extends Pick<Template, 'schema' | 'views'> = Template> = MailProps & {
  readonly view: {
    readonly data: z.output<Of['schema']>;
    readonly blocks: BlocksOf<Of['views']>;
  };
};

type BlocksOf<Shown extends Views> = {
  readonly [Name in keyof Shown & string as CamelCase<Name>]?: z.output<Shown[Name]>;
};

/** What a block's React look is given: `BlockProps<typeof status>`. */
export type BlockProps<Of extends { readonly view: z.ZodType }> = MailProps & {
  readonly block: z.output<Of['view']>;
};
