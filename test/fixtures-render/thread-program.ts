import { parentPort } from 'node:worker_threads';

/* A rendering thread that loads nothing: the name of a template says what it does. */
const say = (answer: object) => parentPort?.postMessage(answer, []);
let rendered = 0;
parentPort?.on('message', ({ template }: { readonly template: string }) => {
  if (template === 'leaves') process.exit(7);
  if (template === 'throws later')
    setImmediate(() => {
      throw new Error('nobody awaits this');
    });
  else if (template !== 'never ends') {
    rendered += 1;
    say({ kind: 'rendered', rendered: { subject: template, html: String(rendered) } });
  }
});
say({ kind: 'ready' });
