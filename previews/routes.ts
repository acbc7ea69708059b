import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { HandOver, OutgoingMail } from '../src/contract/email.ts';
import type { Rendering } from './answer.ts';
import { withPicturesAtHand } from './brand-pictures.ts';
import type { Camera } from './camera.ts';
import { badQuestion } from './entry.ts';
import type { Events } from './events.ts';
import { addInstallation } from './installation-routes.ts';
import type { Installation } from './installation.ts';
import { frameHeaders, pageHeaders } from './policies.ts';
import {
  RenderRequest,
  SavePersonaRequest,
  SentenceRequest,
  type Settings,
  type TestAnswer,
  TestRequest,
} from './protocol.ts';
import type { PublishedLooks } from './published.ts';
import type { Renderer } from './renderer.ts';
import { Refused } from './running.ts';

/** Who may be sent test mails, and how. */
export type Tests = {
  readonly to: readonly string[];
  readonly send: (mail: OutgoingMail) => Promise<HandOver>;
};

type Deps = {
  readonly renderer: Renderer;
  readonly events: Events;
  readonly camera: Camera;
  /** Left out: nobody. */
  readonly tests: Tests | undefined;
  /** Left out: nothing is published from the page. */
  readonly installation: Installation | undefined;
  /** Whether whoever is let in may write into the project. */
  readonly writes: boolean;
};

/** Mails a browser may still ask for. */
const keptMails = 400;

/** Of mails that really went out there is nothing to download. */
type Kept = Map<string, { readonly html: string; readonly mime: Buffer | null }>;

/** All the page asks for: answers, and the mails themselves. */
export function addRoutes(app: FastifyInstance, deps: Deps): void {
  const mails: Kept = new Map();
  addAnswers(app, deps, mails);
  addTests(app, deps);
  addMails(app, deps, mails);
  if (deps.installation)
    addInstallation(app, deps.installation, async (brand, hash, html) => {
      // Of a brand that isn't here there are no pictures either.
      const pictures = await deps.renderer.pictures(brand).catch((error: unknown) => {
        if (error instanceof Refused) return new Map<string, string>();
        throw error;
      });
      keepIn(mails, hash, { html: withPicturesAtHand(html, pictures), mime: null });
    });
}

/** What is live of a template, where that is asked for. @throws Refused where nothing is */
async function liveFor(
  { template, version }: RenderRequest,
  installation: Installation | undefined,
): Promise<PublishedLooks | undefined> {
  if (version === undefined) return undefined;
  const found = await installation?.liveLooks(template);
  if (found) return found;
  throw new Refused({
    title: 'Nothing of this mail is published yet',
    problems: [{ message: 'Workers use the templates folder, which is the draft itself.' }],
  });
}

function addAnswers(
  app: FastifyInstance,
  { renderer, events, installation, writes }: Deps,
  mails: Kept,
): void {
  app.get('/api/templates', async (_request, reply) =>
    reply.headers(pageHeaders).send(await renderer.templates()),
  );
  app.get('/api/personas', async (_request, reply) =>
    reply.headers(pageHeaders).send(await renderer.personas()),
  );
  app.post('/api/render', async (request, reply) => {
    const asked = RenderRequest.parse(request.body);
    const rendering = await renderer.render(asked, await liveFor(asked, installation));
    keep(rendering, mails);
    return reply.headers(pageHeaders).send(rendering.answer);
  });
  app.post('/api/personas', async (request, reply) => {
    const persona = SavePersonaRequest.parse(request.body);
    if (!writes)
      return reply
        .code(403)
        .headers(pageHeaders)
        .send({ report: badQuestion('personas are saved on the machine that the project is on') });
    return reply.headers(pageHeaders).send(await renderer.savePersona(persona));
  });
  app.post('/api/turns', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.turns(RenderRequest.parse(request.body))),
  );
  app.post('/api/figures', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.figures(RenderRequest.parse(request.body))),
  );
  app.post('/api/sentence', async (request, reply) =>
    // Nothing found is an answer, too: JSON, and not an empty body.
    reply
      .headers(pageHeaders)
      .send({ sentence: await renderer.sentence(SentenceRequest.parse(request.body)) }),
  );
  app.get('/api/sources/:template', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.sources(Params.parse(request.params).template)),
  );
  app.get('/api/blocks/:hash', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.blocks(Hash.parse(request.params).hash)),
  );
  app.get('/api/checks/:hash', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.look(Hash.parse(request.params).hash)),
  );
  app.get('/api/checks/:hash/reading', async (request, reply) =>
    reply.headers(pageHeaders).send(await renderer.read(Hash.parse(request.params).hash)),
  );
  app.get('/events', (request, reply) => {
    reply.hijack();
    events.add(request.raw, reply.raw, pageHeaders);
  });
}

function addTests(app: FastifyInstance, { renderer, tests, installation, writes }: Deps): void {
  app.get('/api/settings', (_request, reply) =>
    reply.headers(pageHeaders).send({
      testsTo: tests?.to ?? [],
      publishes: installation !== undefined,
      showsSent: (installation?.sent ?? null) !== null,
      savesPersonas: writes,
    } satisfies Settings),
  );
  app.post('/api/send-test', async (request, reply) => {
    const asked = TestRequest.parse(request.body);
    const { to } = asked;
    if (!tests?.to.includes(to))
      return reply
        .code(403)
        .headers(pageHeaders)
        .send({ report: badQuestion(`${to} is not in PREVIEW_SEND_TO`) });
    const mail =
      'request' in asked
        ? await renderer.testMail(asked.request, to)
        : await sentTest(asked, installation);
    // A Buffer loses its class on its way between processes.
    const answer = await tests.send({ ...mail, mime: Buffer.from(mail.mime) }).catch(notSent);
    return reply.headers(pageHeaders).send({ answer: answer.response } satisfies TestAnswer);
  });
}

/** The mail server's own words: whoever tries can do something about it. @throws Refused */
function notSent(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new Refused({ title: 'The mail was not taken', problems: [{ message }] });
}

/** A mail that really went out, masked as the page shows it. */
async function sentTest(
  { to, message }: { readonly to: string; readonly message: string },
  installation: Installation | undefined,
): Promise<OutgoingMail> {
  const found = await installation?.sent?.one(message);
  if (!found?.went.mail)
    throw new Refused({
      title: 'There is no mail to be sent',
      problems: [{ message: found?.how ?? 'There is no message with this id.' }],
    });
  const { from, ...mail } = found.went.mail;
  const { testMail } = await import('./test-mail.ts');
  const email = { ...mail, from, to: { address: to }, preheader: '', headers: [] };
  return testMail({ email, codes: [], to, what: 'as sent' });
}

function addMails(app: FastifyInstance, { renderer, camera }: Deps, mails: Kept): void {
  // By name, for pictures that others take: the same address is the same mail.
  app.get('/frame/t/:template', async (request, reply) => {
    const rendering = await renderer.render(requestOf(request.params, request.query));
    const { shown } = rendering;
    if (shown === null)
      return reply
        .code(404)
        .headers(frameHeaders)
        .type('text/plain')
        .send(rendering.answer.verdict.sentence);
    return reply.headers(frameHeaders).type('text/html; charset=utf-8').send(shown);
  });
  app.get('/frame/:hash', (request, reply) => {
    const mail = mails.get(Hash.parse(request.params).hash);
    if (!mail)
      return reply
        .code(404)
        .headers(frameHeaders)
        .type('text/plain')
        .send('This mail is no longer kept.');
    return reply.headers(frameHeaders).type('text/html; charset=utf-8').send(mail.html);
  });
  app.get('/picture/:hash.png', async (request, reply) => {
    const mail = mails.get(Hash.parse(request.params).hash);
    if (!mail)
      throw new Refused({
        title: 'This mail is no longer kept',
        problems: [{ message: 'Load the page again; then it is.' }],
      });
    const { w: width, scheme, img, type } = Shot.parse(request.query);
    const shot = { width, scheme, pictures: img === 'on', large: type === 'large' };
    return reply
      .headers(pageHeaders)
      .type('image/png')
      .send(await camera.picture(mail.html, shot));
  });
  app.get('/raw/:hash.eml', (request, reply) => {
    const { hash } = Hash.parse(request.params);
    const mime = mails.get(hash)?.mime;
    if (!mime)
      return reply
        .code(404)
        .headers(pageHeaders)
        .type('text/plain')
        .send('This mail is no longer kept.');
    return reply
      .headers(pageHeaders)
      .header('content-disposition', 'attachment')
      .type('message/rfc822')
      .send(mime);
  });
}

function keep({ answer: { mail }, mime, shown }: Rendering, mails: Kept): void {
  // A Buffer loses its class on its way between processes.
  if (mail && mime && shown !== null)
    keepIn(mails, mail.hash, { html: shown, mime: Buffer.from(mime) });
}

function keepIn(mails: Kept, hash: string, mail: { html: string; mime: Buffer | null }): void {
  mails.delete(hash);
  mails.set(hash, mail);
  for (const oldest of mails.keys()) {
    if (mails.size <= keptMails) break;
    mails.delete(oldest);
  }
}

const Params = z.object({ template: z.string() });
const Query = z.record(z.string(), z.string());

/** The state of a page out of its address, as the page writes it. */
function requestOf(params: unknown, query: unknown): RenderRequest {
  const { token: _, p, ...rest } = Query.parse(query);
  const prefixed = (prefix: string) =>
    Object.fromEntries(
      Object.entries(rest).flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
      ),
    );
  const { brand, locale, at, sample, cancelled } = rest;
  return RenderRequest.parse({
    template: Params.parse(params).template,
    brand,
    persona: p,
    locale,
    at,
    sample,
    set: prefixed('set.'),
    data: prefixed('data.'),
    ...(cancelled !== undefined && { cancelled: cancelled === 'true' }),
  });
}

/** As the page's own address says it. */
const Shot = z.object({
  w: z.coerce.number().int().min(320).max(1000).default(640),
  scheme: z.enum(['light', 'dark', 'forced']).default('light'),
  img: z.enum(['on', 'off']).default('on'),
  type: z.enum(['usual', 'large']).default('usual'),
});
const Hash = z.object({ hash: z.string().regex(/^[0-9a-f]{32}$/) });
