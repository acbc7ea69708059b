import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import type { Decision } from '../src/contract/decision.ts';
import { mailAgain } from '../src/decision/again.ts';
import { personaLedger } from '../test/personas.ts';
import { RenderRequest } from './protocol.ts';
import { renderPreview } from './render.ts';
import { openScene } from './scene.ts';
import { openWorkshop } from './workshop.ts';

it('every mail of the library is made again of its decision, to the letter', async () => {
  const ledger = personaLedger();
  onTestFinished(() => ledger.close());
  const workshop = await openWorkshop(join(import.meta.dirname, '..'), ledger);
  let made = 0;
  for (const brand of (await workshop.brands()).keys()) {
    const { samples, personas } = await workshop.fixtures(brand);
    for (const template of samples.keys())
      for (const { id: persona } of personas) {
        const request = RenderRequest.parse({ brand, template, persona });
        const scene = await openScene(workshop, request);
        const { input } = await scene.stage(scene.asked);
        const { decision, email } = renderPreview(input);
        if (!email) continue;
        // As it is stored: without instants, and without what says nothing.
        const stored: Decision = JSON.parse(JSON.stringify(decision));
        const mail = mailAgain(input.message, stored, input.context);
        const again = mail?.finish(mail.compiled.render(mail.view)).email;
        const { subject, html, text } = again ?? {};
        expect({ brand, template, persona, subject, html, text }).toEqual({
          brand,
          template,
          persona,
          subject: email.subject,
          html: email.html,
          text: email.text,
        });
        made += 1;
      }
  }
  expect(made).toBeGreaterThan(400);
}, 300_000);
