import { render, toPlainText } from '@react-email/render';

import type { Email } from '../src/contract/email.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { plainByShape } from '../src/render/react/plain-by-shape.ts';
import { compare } from './compare.ts';
import { composeWithNodemailer } from './mime.ts';
import { usualMjml } from './mjml-usual.ts';
import { atLeast, atMost, type Findings, spread } from './report.ts';
import { sampleMail } from './sample.ts';
import { spreadOf } from './statistics.ts';
import { literalsOf, mailByHand, watchSources } from './template-literal.ts';

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
  const linkedData = compiled.definition.linkedData?.({ ...view.data }, view.brand) ?? [];
  const context = { ...view, subject: email.subject, preheader: email.preheader, linkedData };
  const literals = literalsOf([...new Set(sources)], voice, context, email);
  const byHand = mailByHand(compiled, voice, literals);
  const usual = await usualMjml(message.template, view.brand, voice);
  const { micros, toLast } = await compare([
    () => {
      const { subject, preheader, html, text } = compiled.render(view);
      return { subject, preheader, html: Buffer.from(html), text };
    },
    () => compiled.render(view),
    () => composeMime(Object.assign(compiled.render(view), envelope), message.id),
    () => usual(context),
    async () => composeWithNodemailer({ ...email, html: await usual(context), text: email.text }),
    () => composeWithNodemailer(email),
    () => Buffer.from(literals.html(context)),
    () => byHand(view),
  ]);
  const [whole, rendered, composed, mjml, mjmlComposed, nodemailer, bare, reference] = micros;
  const [ratio, , , mjmlToLiteral] = toLast;
  if (
    !whole ||
    !rendered ||
    !composed ||
    !mjml ||
    !mjmlComposed ||
    !nodemailer ||
    !bare ||
    !reference
  )
    throw new Error('nothing was measured');
  if (!ratio || !mjmlToLiteral) throw new Error('nothing was compared');
  const times = spreadOf([mjmlComposed.median / composed.median]);
  return {
    title: 'Rendering, MJML',
    note: `${(email.html.length / 1000).toFixed(1)} kB of html, the same from all`,
    table: [
      ['', 'µs'],
      ['ours: subject, preheader, html to bytes, text', spread(whole)],
      ['ours as it is used: most of its html encoded at load', spread(rendered)],
      ['ours: that and the bytes of the whole mail', spread(composed)],
      ['Handlebars, then MJML, for each mail: html alone', spread(mjml)],
      ["the same and nodemailer's MailComposer (quoted-printable)", spread(mjmlComposed)],
      ["nodemailer's MailComposer alone, of html and text", spread(nodemailer)],
      ['template literals by hand: subject, preheader, html to bytes, text', spread(reference)],
      ['of these, html to bytes alone, its subject and linked data given', spread(bare)],
    ],
    targets: [
      atMost('Compiled MJML against template literals that say as much', ratio.median, 2, '×'),
      atLeast('MJML mail, against MJML for each mail + nodemailer', times, 10),
    ],
    figures: {
      whole,
      rendered,
      composed,
      mjml,
      mjmlComposed,
      nodemailer,
      literal: reference,
      literalHtml: bare,
      ratio,
      times,
      mjmlToLiteral,
    },
  };
}

async function reactAgainstUsual(): Promise<Findings> {
  const { compiled, view, email, element, message } = await sampleMail('react');
  const envelope = envelopeOf(email);
  if (!element) throw new Error('the React sample has no element');
  const plain = plainByShape();
  const { micros } = await compare([
    () => composeMime(Object.assign(compiled.render(view), envelope), message.id),
    async () => {
      const html = await render(element);
      return composeWithNodemailer({ ...email, html, text: toPlainText(html) });
    },
    () => compiled.render(view),
    () => render(element),
    () => plain(email.html),
    () => toPlainText(email.html),
    () => composeWithNodemailer(email),
    () => Buffer.from(email.html),
  ]);
  const [ours, usual, ourRender, theirRender, ourText, theirText, nodemailer, least] = micros;
  if (!ours || !usual || !ourRender || !theirRender || !nodemailer || !least)
    throw new Error('nothing was measured');
  if (!ourText || !theirText) throw new Error('no text was measured');
  const ratio = spreadOf([usual.median / ours.median]);
  const text = spreadOf([theirText.median / ourText.median]);
  return {
    title: 'Rendering, React Email',
    note: `from the view to the bytes of a mail; ${(email.html.length / 1000).toFixed(1)} kB of html`,
    table: [
      ['', 'µs'],
      ['ours: html, text, MIME', spread(ours)],
      ['render() + toPlainText() + MailComposer', spread(usual)],
      ['ours: subject, html and text alone', spread(ourRender)],
      ['render() alone', spread(theirRender)],
      ['ours: the text of finished html, where there is no text.hbs', spread(ourText)],
      ['toPlainText() alone', spread(theirText)],
      ["nodemailer's MailComposer alone, of html and text", spread(nodemailer)],
      ['the least there can be: finished html, to bytes', spread(least)],
    ],
    targets: [
      atLeast('React mail, against render() + toPlainText() + nodemailer', ratio, 3),
      atLeast('Text of a React mail by its shape, against toPlainText()', text, 4),
    ],
    figures: {
      ours,
      usual,
      ourRender,
      theirRender,
      ourText,
      theirText,
      nodemailer,
      least,
      ratio,
      text,
    },
  };
}
