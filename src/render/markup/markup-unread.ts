import { cssProblems } from '../mjml/style-sheet.ts';
import { inContent } from './markup-conditions.ts';
import type { MarkupReader } from './markup-reader.ts';

/** What MJML puts into an attribute of any name. */
export function literalContent(reader: MarkupReader, name: string) {
  const stop = reader.source.indexOf('<', reader.at);
  for (let by = 0; (reader.ahead(by)?.start ?? Infinity) < stop; by += 1) {
    const expression = reader.ahead(by);
    if (expression?.kind === 'value' || expression?.kind === 'partial')
      reader.refuse(
        expression.start,
        `${expression.source} cannot stand in <${name}>; conditions may`,
      );
  }
}

/** A style sheet, up to the tag that ends it. */
export function styleSheet(reader: MarkupReader, name: string, attributes: ReadonlySet<string>) {
  const start = reader.at;
  const close = reader.source.toLowerCase().indexOf(`</${name}`, reader.at);
  const stop = close < 0 ? reader.source.length : close;
  while (reader.at < stop) {
    const inside = reader.expressionHere();
    const end = Math.min(stop, reader.ahead()?.start ?? stop);
    if (!inside) {
      reader.passTo(end, true);
      continue;
    }
    reader.take(inside);
    if (inside.kind === 'value' || inside.kind === 'partial')
      reader.refuse(
        inside.start,
        `${inside.source} cannot stand in CSS; colours are brand tokens: [[accent]]`,
      );
    else inContent(reader, inside);
  }
  const inlined = attributes.has('inline');
  const alone = !reader.hasExpressions;
  for (const { message, harmless } of cssProblems(reader.source.slice(start, stop), {
    inlined,
    alone,
  }))
    if (harmless) reader.complain(start, message);
    else reader.refuse(start, message);
}
