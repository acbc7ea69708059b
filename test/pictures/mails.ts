import { join } from 'node:path';

import { renderAnswer } from '../../previews/answer.ts';
import { listPersonas, listTemplates } from '../../previews/lists.ts';
import { type RenderQuery, RenderRequest } from '../../previews/protocol.ts';
import { previewDecision } from '../../previews/render.ts';
import { openScene } from '../../previews/scene.ts';
import { openWorkshop, type Workshop } from '../../previews/workshop.ts';
import { personaLedger } from '../personas.ts';

/** A mail a picture is taken of. */
type PicturedMail = {
  /** `juniper/order-confirmation`, `halden/welcome.ar` */
  readonly name: string;
  readonly html: string;
};

const root = join(import.meta.dirname, '..', '..');

/** From right to left, in letters of its own: whatever doesn't mirror shows in it. */
const mirrored = 'ar';

/**
 * Every mail of the library for every brand that has it, in the brand's own language; for one brand each also from right
 * to left. Of the brand's personas it is the one there is most to say to.
 */
export async function* libraryMails(): AsyncGenerator<PicturedMail, void, undefined> {
  const ledger = personaLedger();
  try {
    yield* mailsOf(await openWorkshop(root, ledger));
  } finally {
    await ledger.close();
  }
}

async function* mailsOf(workshop: Workshop): AsyncGenerator<PicturedMail, void, undefined> {
  const { templates } = await listTemplates(workshop);
  const personas = await listPersonas(workshop);
  for (const [index, { name: template, brands }] of templates.entries())
    for (const [turn, brand] of brands.entries()) {
      const set = await stateFor(workshop, template, brand);
      const ids = personas
        .filter((one) => one.brand === brand && (one.tier !== null || !set))
        .map(({ id }) => id);
      const { html, persona } = await richest(workshop, { template, brand, set }, ids);
      yield { name: `${brand}/${template}`, html };
      if (turn !== index % brands.length) continue;
      const request = { template, brand, persona, set, locale: mirrored };
      const { shown } = await renderAnswer(workshop, RenderRequest.parse(request));
      if (shown !== null) yield { name: `${brand}/${template}.${mirrored}`, html: shown };
    }
}

/** Of those to whom it is sent, whoever is shown the most; the first among equals. Only theirs is written. */
async function richest(workshop: Workshop, asked: RenderQuery, personas: readonly string[]) {
  let best: { readonly request: RenderRequest; readonly parts: number } | undefined;
  for (const persona of personas) {
    const request = RenderRequest.parse({ ...asked, persona });
    const scene = await openScene(workshop, request);
    const decision = previewDecision((await scene.stage(scene.asked)).input);
    if (decision.kind !== 'send') continue;
    const parts = [...decision.blocks, ...decision.offers].filter((one) => one.kind === 'show');
    if (!best || parts.length > best.parts) best = { request, parts: parts.length };
  }
  const { shown: html } = best ? await renderAnswer(workshop, best.request) : { shown: null };
  if (!best || html === null)
    throw new Error(`${asked.template} of ${asked.brand} is sent to none of its personas`);
  return { html, persona: best.request.persona };
}

/** A state that none of the personas is in: she is about to lose the very tier the message names. */
async function stateFor(workshop: Workshop, template: string, brand: string) {
  if (template !== 'tier-lapsing') return undefined;
  const sample = (await workshop.fixtures(brand)).samples.get(template)?.[0];
  return { 'currentTier.id': String(sample?.data['tierId']), qualifyingPoints: 300 };
}
