import { render, toPlainText } from '@react-email/render';

import type { Email } from '../src/core/email.ts';
import { composeMime } from '../src/render/mime.ts';
import { compare } from './compare.ts';
import { composeWithNodemailer } from './mime.ts';
import { atLeast, atMost, type Findings, spread } from './report.ts';
import { sampleMail } from './sample.ts';
import { spreadOf } from './statistics.ts';
import { literalOf, watchSources } from './template-literal.ts';

/** Rendering, for both engines, each against what it could be or is usually done with. */
export async function* measureRender(): AsyncGenerator<Findings> {
  yield await mjmlAgainstLiteral();
  yield await reactAgainstUsual();
}

/** What a mail is besides its content. */
const envelopeOf = ({ to, from, headers }: Email): Pick<Email, 'to' | 'from' | 'headers'> => ({
  to,
  from,
  headers,
});

async function mjmlAgainstLiteral(): Promise<Findings> {
  const { loaded: sample, sources } = await watchSources(() => sampleMail('mjml'));
  const { compiled, view, email, voice, message } = sample;
  const envelope = envelopeOf(email);
  const context = { ...view, subject: email.subject, preheader: email.preheader };
  const literal = literalOf(sources, voice, context, email.html);
  const { micros, toLast } = await compare([
    () => compiled.render(view),
    () => composeMime(Object.assign(compiled.render(view), envelope), message.id),
    () => Buffer.from(literal(context)),
  ]);
  const [rendered, composed, reference] = micros;
  const [ratio] = toLast;
  if (!rendered || !composed || !reference || !ratio) throw new Error('nothing was measured');
  return {
    title: 'Rendering, MJML',
    note: `${(email.html.length / 1000).toFixed(1)} kB of html, the same from both`,
    table: [
      ['', 'µs'],
      ['ours: subject, preheader, html in pieces, text', spread(rendered)],
      ['ours: the same and the bytes of the whole mail', spread(composed)],
      ['template literal: html alone, to bytes', spread(reference)],
    ],
    targets: [atMost('Compiled MJML against the template literal', ratio.median, 2, '×')],
    figures: { rendered, composed, literal: reference, ratio },
  };
}

async function reactAgainstUsual(): Promise<Findings> {
  const { compiled, view, email, element, message } = await sampleMail('react');
  const envelope = envelopeOf(email);
  if (!element) throw new Error('the React sample has no element');
  const { micros } = await compare([
    () => composeMime(Object.assign(compiled.render(view), envelope), message.id),
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
