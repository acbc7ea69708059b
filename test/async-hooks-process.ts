// Loads a template whose components set themselves up, and says whether promises are tracked from then on.
import { executionAsyncId } from 'node:async_hooks';

import { createElement } from 'react';

import { Suspended, warmUp } from '../src/render/react/react.ts';

const Waits = async () => {
  await Promise.resolve();
  return createElement('p', null, 'there');
};
await warmUp(() => createElement(Waits));
await new Suspended(createElement(Waits), 'body.tsx').settled();

// With hooks on, every continuation has an id of its own.
const ids = new Set<number>();
for (let turn = 0; turn < 5; turn += 1) {
  await Promise.resolve();
  ids.add(executionAsyncId());
}
console.log(ids.size === 1 ? 'untracked' : 'tracked');
