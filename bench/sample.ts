import type { ReactElement } from 'react';

import { readCatalogue } from '../fixtures/load.ts';
import type { FixtureBrand } from '../fixtures/persona.ts';
import { openTemplates } from '../src/app/templates.ts';
import type { Catalogue } from '../src/brand/catalogue.ts';
import type { Email } from '../src/contract/email.ts';
import type { Message } from '../src/contract/message.ts';
import type { Profile } from '../src/contract/profile.ts';
import type { CompiledTemplate, View } from '../src/contract/template.ts';
import { type Context, prepare } from '../src/decision/prepare.ts';
import type { Voice } from '../src/render/voice/voice.ts';
import { activeMembers } from './members.ts';
import { flightBookings, orderConfirmations, type Orders } from './orders.ts';
import { reactElement } from './react-element.ts';
import { voiceFor } from './voice.ts';

/** One mail as the pure part of the way makes it, with everything that went into it. */
export type Sample = {
  readonly order: Orders;
  readonly message: Message;
  readonly profile: Profile;
  /** All to whom orders are made in turn; the first is the one of `profile`. */
  readonly members: readonly Profile[];
  readonly context: Context;
  readonly compiled: CompiledTemplate;
  readonly view: View;
  readonly email: Email;
  readonly voice: Voice;
  /** The React element of the same mail; null for MJML. */
  readonly element: ReactElement | null;
};

/** The fixtures' stories play at this time. */
const now = new Date('2026-11-20T12:00:00Z');

/** An order confirmation (MJML) or a flight booking (React) for a member of the fixtures, prepared. */
export async function sampleMail(kind: 'mjml' | 'react'): Promise<Sample> {
  const brandId: FixtureBrand = kind === 'mjml' ? 'juniper' : 'kestrel';
  const members = await activeMembers(brandId);
  const order = await (kind === 'mjml' ? orderConfirmations(members) : flightBookings(members));
  const { brands, templates } = await openTemplates();
  const loaded = brands.get(brandId);
  const [profile] = members;
  if (!loaded || !profile) throw new Error(`the fixtures have no active member of ${brandId}`);

  const request = order(0);
  const message: Message = {
    id: '0196a000-0000-7000-8000-000000000001',
    tenant: 'main',
    template: request.template,
    brand: brandId,
    to: { memberId: request.to.memberId },
    data: request.data,
    about: [],
    acceptedAt: now,
  };
  const compiled = templates.compiled(message.template, brandId, profile.locale);
  const context: Context = {
    now,
    brand: loaded.brand,
    catalogue: await catalogueOf(brandId),
    templateFor: () => compiled,
    address: profile.email ?? '',
    suppression: null,
    cancelled: new Map(),
    unsubscribeUrl: () => 'https://mail.example/u/0123456789abcdef0123456789abcdef',
  };
  const { email, rendered } = prepare(message, { kind: 'member', profile }, context);
  if (!email) throw new Error('the sample mail is not sent');
  const { view } = rendered;
  const voice = await voiceFor(message.template, loaded, compiled.locale);
  const element = kind === 'mjml' ? null : await reactElement(message.template, voice, view, email);
  return { order, message, profile, members, context, compiled, view, email, voice, element };
}

async function catalogueOf(brand: FixtureBrand): Promise<Catalogue> {
  const { products, offers } = await readCatalogue(brand);
  return {
    version: '1',
    products: new Map(products.map((product) => [product.productId, product])),
    offers,
  };
}
