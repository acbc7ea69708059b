import { render, toPlainText } from '@react-email/render';

import { composeMime } from '../src/render/mime.ts';
import { compare } from './compare.ts';
import { composeWithNodemailer } from './mime.ts';
import { atLeast, atMost, type Findings, spread } from './report.ts';
import { sampleMail } from './sample.ts';
import { spreadOf } from './statistics.ts';
import { watchCompiling } from './template-literal.ts';

/** Rendering, for both engines, each against what it could be or is usually done with. */
export async function* measureRender(): AsyncGenerator<Findings> {
  yield await mjmlAgainstLiteral();
  yield await reactAgainstUsual();
}

async function mjmlAgainstLiteral(): Promise<Findings> {
  const { loaded: sample, programs } = await watchCompiling(() => sampleMail('mjml'));
  const { compiled, view, email } = sample;
  const context = { ...view, subject: email.subject, preheader: email.preheader };
  const same = programs.find(({ compiled: one }) => quietly(() => one(context)) === email.html);
  if (!same || same.literal(context) !== email.html)
    throw new Error('the template literal and the template do not agree');
  const { micros, toLast } = await compare([
    () => Buffer.from(compiled.render(view).html),
    () => Buffer.from(same.compiled(context)),
    () => Buffer.from(same.literal(context)),
  ]);
  const [whole, html, literal] = micros;
  const ratio = toLast[1];
  if (!whole || !html || !literal || !ratio) throw new Error('nothing was measured');
  return {
    title: 'Rendering, MJML',
    note: `to bytes; ${(email.html.length / 1000).toFixed(1)} kB of html, the same from all`,
    table: [
      ['', 'µs'],
      ['html, compiled MJML', spread(html)],
      ['html, template literal', spread(literal)],
      ['subject, preheader, html and text', spread(whole)],
    ],
    targets: [atMost('Compiled MJML against the template literal', ratio.median, 2, '×')],
    figures: { html, literal, whole, ratio },
  };
}

/** Other templates' programs fail on this one's view; they aren't the one we look for. */
function quietly(work: () => string): string | null {
  try {
    return work();
  } catch {
    return null;
  }
}

async function reactAgainstUsual(): Promise<Findings> {
  const { compiled, view, email, element, message } = await sampleMail('react');
  if (!element) throw new Error('the React sample has no element');
  const { micros } = await compare([
    () => composeMime({ ...email, ...compiled.render(view) }, message.id),
    async () => {
      const html = await render(element);
      return composeWithNodemailer({ ...email, html, text: toPlainText(html) });
    },
    () => compiled.render(view),
    () => render(element),
  ]);
  const [ours, usual, ourRender, theirRender] = micros;
  if (!ours || !usual || !ourRender || !theirRender) throw new Error('nothing was measured');
  const ratio = spreadOf([usual.median / ours.median]);
  return {
    title: 'Rendering, React Email',
    note: `from the view to the bytes of a mail; ${(email.html.length / 1000).toFixed(1)} kB of html`,
    table: [
      ['', 'µs'],
      ['ours: html, text, MIME', spread(ours)],
      ['render() + toPlainText() + MailComposer', spread(usual)],
      ['ours: subject, html and text alone', spread(ourRender)],
      ['render() alone', spread(theirRender)],
    ],
    targets: [atLeast('React mail, against render() + toPlainText() + nodemailer', ratio, 3)],
    figures: { ours, usual, ourRender, theirRender, ratio },
  };
}
