import { writeFile } from 'node:fs/promises';

import type { Command } from 'commander';
import { z } from 'zod';

import type { Template } from '../contract/template.ts';
import { isRecord } from '../core/is-record.ts';
import { loadProject } from '../project/load-project.ts';
import { print } from './terminal.ts';

export function addTypes(program: Command): void {
  program
    .command('types')
    .argument('[file]', 'where to write; stdout when left out')
    .description('TypeScript types of the data that messages of each template have, for shops')
    .option('--json', 'print them as JSON schemas, by template')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel types ../shop/src/laurel-messages.ts
  openProducer<Messages>({ … })          then knows every template and its data`,
    )
    .action(types);
}

async function types(
  file: string | undefined,
  { json: asJson }: { readonly json?: true },
): Promise<void> {
  const { templates } = await loadProject();
  if (asJson)
    return print(
      JSON.stringify(
        Object.fromEntries(templates.map((one) => [one.name, schemaOf(one)])),
        null,
        2,
      ),
    );
  const lines = templates.map(
    (one) => `  /** ${one.title} */\n  '${one.name}': ${typeOf(schemaOf(one), '  ')};`,
  );
  const text = `// Made by \`laurel types\`; changed whenever a template's data is.\n\nexport type Messages = {\n${lines.join('\n')}\n};\n`;
  if (file === undefined) return print(text.trimEnd());
  await writeFile(file, text);
  await print(file);
}

const schemaOf = ({ schema }: Pick<Template, 'schema'>) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/** A JSON schema, as far as data of templates goes, as a type. */
function typeOf(schema: unknown, indent: string): string {
  if (!isRecord(schema)) return 'unknown';
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((one) => JSON.stringify(one)).join(' | ');
  for (const key of ['anyOf', 'oneOf'])
    if (Array.isArray(schema[key]))
      return schema[key].map((one) => typeOf(one, indent)).join(' | ');
  switch (schema['type']) {
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `readonly (${typeOf(schema['items'], indent)})[]`;
    case 'object': {
      const { properties, additionalProperties } = schema;
      if (!isRecord(properties)) return `Record<string, ${typeOf(additionalProperties, indent)}>`;
      const required = Array.isArray(schema['required']) ? schema['required'] : [];
      const inner = `${indent}  `;
      const fields = Object.entries(properties).map(
        ([name, one]) =>
          `${inner}${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(one, inner)};`,
      );
      return fields.length === 0 ? 'Record<string, never>' : `{\n${fields.join('\n')}\n${indent}}`;
    }
    default:
      return 'unknown';
  }
}
