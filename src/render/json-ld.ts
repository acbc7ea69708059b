import type { LinkedData } from '../contract/linked-data.ts';

/** A finished `<script>` element: the one thing that goes into html as it is. Made here alone. */
export class JsonLd {
  readonly html: string;
  constructor(things: readonly LinkedData[]) {
    this.html =
      things.length === 0
        ? ''
        : `<script type="application/ld+json">${jsonLdText(things)}</script>`;
  }
}

/** schema.org data as JSON that can stand in a `<script>`: pure ASCII without `<`, `>` or `&`, so that nothing in it ends the element or is read as markup. */
export function jsonLdText(things: readonly LinkedData[]): string {
  const graph = things.map((thing) => ({ '@context': 'https://schema.org', ...thing }));
  return JSON.stringify(graph.length === 1 ? graph[0] : graph).replace(
    /[<>&\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
