import { readFileSync } from 'node:fs';

import * as apps from 'kubernetes-models/apps/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { expect, it } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';
import { z } from 'zod';

import { openHttpApi } from './http-api.ts';

const read = (name: string) => readFileSync(`docs/operating/${name}`, 'utf8');

const Labels = z.record(z.string(), z.string());
const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
const Probe = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.string() }) });
const Workload = z.looseObject({
  spec: z.looseObject({
    selector: z.looseObject({ matchLabels: Labels }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: Labels }),
      spec: z.looseObject({
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
        containers: z.array(
          z.looseObject({
            image: z.string().regex(/:\d+\.\d+\.\d+$/),
            ports: z.array(z.looseObject({ name: z.string(), containerPort: z.int() })),
            startupProbe: Probe,
            livenessProbe: Probe,
            readinessProbe: Probe,
          }),
        ),
      }),
    }),
  }),
});

const manifests = () =>
  parseAllDocuments(read('kubernetes.yaml'), { strict: true }).map((document) => {
    if (!('errors' in document)) throw new Error('it is empty');
    expect([...document.errors, ...document.warnings]).toEqual([]);
    return Manifest.parse(document.toJS());
  });

const kinds = {
  'v1/Namespace': core.Namespace,
  'v1/ConfigMap': core.ConfigMap,
  'v1/Service': core.Service,
  'apps/v1/Deployment': apps.Deployment,
  'apps/v1/StatefulSet': apps.StatefulSet,
  'policy/v1/PodDisruptionBudget': policy.PodDisruptionBudget,
  'networking.k8s.io/v1/Ingress': networking.Ingress,
} as const;
const isKind = (name: string): name is keyof typeof kinds => name in kinds;

const problemsOf = (manifest: z.infer<typeof Manifest>): string => {
  const kind = `${manifest.apiVersion}/${manifest.kind}`;
  if (!isKind(kind)) return `there is no schema of ${kind}`;
  try {
    // What is checked at run time is what the constructor's type only promises.
    new kinds[kind](JSON.parse(JSON.stringify(manifest))).validate();
    return '';
  } catch (error) {
    return String(error);
  }
};

it('Kubernetes’ own schemas know every manifest, and see a slip', () => {
  const all = manifests();
  expect(all.map((one) => one.kind)).toEqual([
    'Namespace',
    'ConfigMap',
    'Deployment',
    'StatefulSet',
    'PodDisruptionBudget',
    'PodDisruptionBudget',
    'Service',
    'Service',
    'Ingress',
  ]);
  for (const one of all) expect(problemsOf(one)).toBe('');
  const [, , deployment] = all;
  if (!deployment) throw new Error('there is none');
  expect(problemsOf({ ...deployment, spec: { replicas: 'two' } })).toMatch(/replicas/);
});

it('selectors meet their pods, probes their ports, and nothing runs as root', () => {
  const all = manifests();
  const workloads = all
    .filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind))
    .map((one) => Workload.parse(one).spec);
  const pods = workloads.map(({ template }) => template.metadata.labels);
  const meets = (selector: z.infer<typeof Labels>) =>
    pods.filter((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value))
      .length;
  for (const { selector, template } of workloads) {
    expect(meets(selector.matchLabels)).toBe(1);
    for (const { ports, startupProbe, livenessProbe, readinessProbe } of template.spec.containers) {
      for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe])
        expect(ports.map(({ name }) => name)).toContain(httpGet.port);
      expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual([
        '/livez',
        '/readyz',
      ]);
    }
  }
  const Selecting = z.looseObject({ spec: z.looseObject({ selector: z.unknown() }) });
  for (const one of all.filter(({ kind }) => /^(Service|PodDisruptionBudget)$/.test(kind))) {
    const { selector } = Selecting.parse(one).spec;
    const nested = z.looseObject({ matchLabels: Labels }).safeParse(selector);
    expect(meets(nested.success ? nested.data.matchLabels : Labels.parse(selector))).toBe(1);
  }
});

it('dashboard and alerts ask for metrics that there are', async () => {
  const api = await openHttpApi();
  try {
    const there = new Set(
      api.metrics.registry
        .getMetricsAsArray()
        .flatMap(({ name, type }) =>
          String(type) === 'histogram'
            ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
            : [name],
        ),
    );
    const Rules = z.object({
      groups: z.array(
        z.object({ name: z.string(), rules: z.array(z.looseObject({ expr: z.string() })) }),
      ),
    });
    const rules = Rules.parse(parseDocument(read('alerts.yaml')).toJS());
    const Dashboard = z.looseObject({
      panels: z.array(
        z.looseObject({ id: z.int(), targets: z.array(z.looseObject({ expr: z.string() })) }),
      ),
    });
    const { panels } = Dashboard.parse(JSON.parse(read('dashboard.json')));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const asked = [
      ...rules.groups.flatMap((group) => group.rules),
      ...panels.flatMap(({ targets }) => targets),
    ].flatMap(({ expr }) => expr.match(/\b(?:laurel|process|nodejs)_\w+/g) ?? []);
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((name) => !there.has(name))).toEqual([]);
    // And the other way round: whatever Laurel counts, somebody looks at.
    const own = [...there].filter((name) => /^laurel_(?!.*_(bucket|sum|count)$)/.test(name));
    expect(own.filter((name) => !asked.some((one) => one.startsWith(name)))).toEqual([]);
  } finally {
    await api.close();
  }
});
