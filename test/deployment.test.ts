import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const read = (name: string) => readFileSync(name, 'utf8');
const compose = read('docker-compose.yml');
const dockerfile = read('Dockerfile');

const own = (name: string) => read(`src/cli/init/files/${name}.txt`);

/** A service's lines, as they are indented below `services:`. */
const services = new Map(
  (compose.split(/^services:\n/m)[1]?.split(/^\w/m)[0] ?? '')
    .split(/^ {2}(?=\w)/m)
    .filter((text) => text.trim() !== '')
    .map((text) => [text.slice(0, text.indexOf(':')), text]),
);

describe('X15: how Laurel is deployed', () => {
  it('knows every service', () => {
    expect([...services.keys()]).toEqual([
      'postgres',
      'valkey',
      'mailpit',
      'api',
      'worker',
      'preview',
    ]);
  });

  it('names every image by its exact version', () => {
    const images = [
      ...compose.matchAll(/image: (\S+)/g),
      ...dockerfile.matchAll(/^FROM (?!base\b)(\S+)/gm),
    ].map(([, image = '']) => image);
    expect(images).toHaveLength(4);
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-|$)/);
    expect(dockerfile).toMatch(/node:22\.\d+\.\d+/);
  });

  it.each(['postgres', 'valkey', 'api', 'worker'])('looks after the health of %s', (name) => {
    expect(services.get(name)).toContain('healthcheck:');
  });

  it('has no password of its own, and starts nothing without one', () => {
    expect(compose.match(/\$\{\w+\}/g)).toBeNull();
    expect([...compose.matchAll(/\$\{(POSTGRES_PASSWORD|LAUREL_SECRET)(:[-?])/g)]).not.toHaveLength(
      0,
    );
    for (const [, , how] of compose.matchAll(/\$\{(POSTGRES_PASSWORD|LAUREL_SECRET)(:[-?])/g))
      expect(how).toBe(':?');
  });

  it('runs nothing of Laurel’s as root, and lets nothing write to the checkout', () => {
    const stages = dockerfile.split(/^FROM /m).slice(2);
    const mounts = [...compose.matchAll(/'(\.[^']*:[^']*)'/g)];
    expect(stages.length).toBeGreaterThan(0);
    expect(mounts.length).toBeGreaterThan(0);
    for (const stage of stages) expect(stage).toMatch(/^USER node$/m);
    for (const [, mount = ''] of mounts) expect(mount).toMatch(/:ro$/);
  });

  it('a project of one’s own is deployed no worse', () => {
    const image = own('Dockerfile');
    expect(image).toMatch(/^FROM node:22\.\d+\.\d+-/m);
    expect(image).toMatch(/^USER node$/m);
    expect(image).toMatch(/^HEALTHCHECK /m);
    expect(image.indexOf('USER node')).toBeLessThan(image.indexOf('CMD ["node", '));
    const all = z
      .object({ services: z.record(z.string(), z.looseObject({ image: z.string().optional() })) })
      .loose()
      .parse(parse(own('docker-compose.yml'), { merge: true })).services;
    expect(Object.keys(all)).toEqual(['postgres', 'valkey', 'mailpit', 'api', 'worker']);
    for (const named of Object.values(all).flatMap((one) => one.image ?? []))
      expect(named).toMatch(/:v?\d+\.\d+(\.\d+)?(-|$)/);
    const wanted = [...own('docker-compose.yml').matchAll(/\$\{(?:\w*PASSWORD|\w*SECRET)(:.)/g)];
    expect(wanted.map(([, how]) => how)).toEqual([':?', ':?', ':?']);
  });

  it('keeps secrets out of the image', () => {
    const [ignored, ofProjects] = [read('.dockerignore'), own('dockerignore')].map((one) =>
      one.split('\n'),
    );
    for (const pattern of ['.env', '.env.*', '*.pem', '*.key', 'webhooks.json']) {
      expect(ignored).toContain(pattern);
      expect(ofProjects).toContain(`**/${pattern}`);
    }
  });
});
