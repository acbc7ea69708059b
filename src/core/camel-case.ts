import { memo } from './memo.ts';

/** `points-banner` as `pointsBanner`: what is named in kebab case where a template or a message reads it. */
export const camelCase: (name: string) => string = memo(
  (name) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  500,
);

/** The same of a name the compiler knows. */
export type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;
