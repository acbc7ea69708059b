import { createHash } from 'node:crypto';

import type { z } from 'zod';

import type { Described, Operation } from './examples.ts';
import { escapeHtml, type Page } from './pages/page.ts';

const css = `:root{color-scheme:light dark;--text:light-dark(#1d1f1e,#ececea);--page:light-dark(#fbfbf8,#171817);--line:light-dark(#d9d9d2,#3a3b3a);--soft:light-dark(#f0f0ea,#222422);--accent:light-dark(#1f5a43,#9ccdb8)}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:minmax(220px,300px) minmax(0,860px);gap:40px;padding:32px}
nav{position:sticky;top:32px;align-self:start;max-height:calc(100vh - 64px);overflow:auto;font-size:14px}
nav ol{list-style:none;margin:0 0 16px;padding:0}
a{color:var(--accent)}h1{margin:0 0 8px}h2{margin:48px 0 8px;text-transform:capitalize}
section{border-top:1px solid var(--line);padding:20px 0}section h3{margin:0 0 6px;font:600 17px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--soft);padding:14px;overflow:auto;font-size:13px}table{border-collapse:collapse;font-size:14px}td{padding:3px 16px 3px 0;vertical-align:top}
@media (max-width:760px){body{display:block;padding:20px}nav{position:static;max-height:none}}`;

/** The document as one page: nothing is fetched, nothing runs. Pure. */
export function docsPage({ info, paths }: Described): Page {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags.slice(0, 1)))];
  const of = (tag: string) => operations.filter(({ operation }) => operation.tags[0] === tag);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)}: the API</title>
<style>${css}</style>
</head>
<body>
<nav aria-label="Operations">${tags
    .map(
      (tag) =>
        `<b>${escapeHtml(tag)}</b><ol>${of(tag)
          .map(
            ({ operation: { operationId, summary } }) =>
              `<li><a href="#${escapeHtml(operationId)}">${escapeHtml(summary)}</a></li>`,
          )
          .join('')}</ol>`,
    )
    .join('')}</nav>
<main>
<h1>${escapeHtml(info.title)}</h1>
<p>${escapeHtml(info.description)}</p>
<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>
${tags.map((tag) => `<h2>${escapeHtml(tag)}</h2>${of(tag).map(section).join('')}`).join('')}
</main>
</body>
</html>
`;
  const hash = createHash('sha256').update(css).digest('base64');
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; frame-ancestors 'none'`,
  };
}

function section({
  path,
  method,
  operation: { operationId, summary, description, parameters, requestBody, responses },
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: z.output<typeof Operation>;
}): string {
  const bodies = Object.entries(requestBody?.content ?? {}).flatMap(([type, { example }]) => {
    if (example === undefined) return [];
    const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
    return [`<p>${escapeHtml(type)}</p><pre>${escapeHtml(text)}</pre>`];
  });
  return `<section id="${escapeHtml(operationId)}">
<h3>${method.toUpperCase()} ${escapeHtml(path)}</h3>
<p><b>${escapeHtml(summary)}</b></p>
${description
  .split('\n\n')
  .filter(Boolean)
  .map((text) => `<p>${escapeHtml(text)}</p>`)
  .join('')}
${rows(parameters.map((one) => [one.name, one.in, one.description ?? '']))}
${bodies.join('')}
${rows(Object.entries(responses).map(([status, one]) => [status, one.description]))}
</section>
`;
}

/** A table; nothing where it would be empty. */
const rows = (cells: readonly (readonly string[])[]) =>
  cells.length === 0
    ? ''
    : `<table>${cells
        .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
        .join('')}</table>`;
