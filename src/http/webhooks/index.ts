import type { WebhookAdapter } from './adapter.ts';
import { generic } from './generic.ts';
import { shopify } from './shopify.ts';

/** Every kind of sender that is understood; a new one is a file and a line here. */
export const adapters: readonly WebhookAdapter[] = [shopify, generic];
