import type { Brand } from '../src/brand/brand.ts';
import type { Order } from '../src/contract/order.ts';
import { Profile } from '../src/contract/profile.ts';
import { valueAt } from '../src/personas/what-if.ts';
import type { Change, Control } from './protocol.ts';
import { titled } from './words.ts';

/** The knobs worth turning for this profile: what the rules of this brand and this purchase look at. */
export function controlsOf(
  profile: Profile,
  /** The same before it was changed: scales go by it, so that they stand still while a value moves. */
  unchanged: Profile,
  { programme }: Brand,
  order: Order | null,
  changed: ReadonlySet<string>,
): Control[] {
  const { burn, tiers } = programme;
  const toCover =
    order && order.payableWithPoints && order.payable.currency === programme.currency
      ? Math.ceil((order.payable.amount * burn.points) / burn.amount)
      : 0;
  const activeTicks = [
    { value: burn.minimum, label: 'to redeem' },
    { value: toCover, label: 'to pay it all' },
  ].filter(
    ({ value }, index) =>
      value > 0 &&
      // Far beyond what she has, it would only flatten the scale.
      (index === 0 ||
        (value > burn.minimum && value <= 8 * Math.max(burn.minimum, unchanged.activePoints))),
  );
  const tierTicks = tiers
    .filter(({ threshold }) => threshold > 0)
    .map(({ threshold, name }) => ({ value: threshold, label: name }));
  const controls: Unmarked[] = [
    {
      kind: 'slider',
      path: 'activePoints',
      label: 'Points to spend',
      value: profile.activePoints,
      ...range(Math.max(unchanged.activePoints, 2 * burn.minimum), activeTicks),
    },
    {
      kind: 'select',
      path: 'currentTier.id',
      label: 'Tier',
      value: profile.currentTier.id,
      options: tiers.map(({ id, name }) => ({ value: id, label: name })),
    },
    {
      kind: 'slider',
      path: 'qualifyingPoints',
      label: 'Points that count for tiers',
      value: profile.qualifyingPoints,
      ...range(unchanged.qualifyingPoints, tierTicks),
    },
    {
      kind: 'slider',
      path: 'pendingPoints',
      label: 'Points on the way',
      value: profile.pendingPoints,
      ...range(unchanged.pendingPoints, []),
    },
    {
      kind: 'switch',
      path: 'consents.marketing.granted',
      label: 'Agreed to marketing',
      value: profile.consents.marketing?.granted ?? false,
    },
    ...profilingSwitch(profile),
    {
      kind: 'select',
      path: 'memberStatus',
      label: 'Membership',
      value: profile.memberStatus,
      options: Profile.shape.memberStatus.options.map((status) => ({
        value: status,
        label: titled(status),
      })),
    },
    { kind: 'text', path: 'firstName', label: 'First name', value: profile.firstName ?? '' },
  ];
  return controls.map((control) => ({ ...control, changed: changed.has(control.path) }));
}

/** Only where it was asked for: ranking minds a no, and never having asked is neither. */
function profilingSwitch({ consents }: Profile): Unmarked[] {
  if (!consents.profiling) return [];
  return [
    {
      kind: 'switch',
      path: 'consents.profiling.granted',
      label: 'Agreed to profiling',
      value: consents.profiling.granted,
    },
  ];
}

type Unmarked = Control extends infer One
  ? One extends Control
    ? Omit<One, 'changed'>
    : never
  : never;

type Tick = { readonly value: number; readonly label: string };

/** A round end of the scale that leaves room above the value and every threshold. */
function range(value: number, ticks: readonly Tick[]) {
  const most = Math.max(100, value * 1.5, ...ticks.map((tick) => tick.value * 1.25));
  const size = 10 ** Math.floor(Math.log10(most));
  const max = Math.ceil(most / (size / 2)) * (size / 2);
  return { min: Math.min(0, value), max, step: 1, ticks };
}

const labels: Readonly<Record<string, string>> = {
  activePoints: 'Points to spend',
  pendingPoints: 'Points on the way',
  qualifyingPoints: 'Points that count for tiers',
  'currentTier.id': 'Tier',
  'consents.marketing.granted': 'Agreed to marketing',
  'consents.profiling.granted': 'Agreed to profiling',
  memberStatus: 'Membership',
  firstName: 'First name',
};

/** The changed values as chips. What only makes sense together (a purchase and its date) is one chip. */
export function changesOf(
  before: Profile,
  after: Profile,
  paths: readonly string[],
  { programme }: Brand,
): Change[] {
  const named = (path: string, value: unknown) =>
    path === 'currentTier.id'
      ? (programme.tiers.find(({ id }) => id === value)?.name ?? value)
      : value;
  const changes = new Map<string, Change>();
  for (const path of paths) {
    const whole = /^(?:channels|bought\w+|bonuses)\.[^.]+(?=\.)/.exec(path)?.[0];
    if (whole !== undefined) {
      changes.set(whole, { path: whole, ...wholeChange(before, after, whole) });
      continue;
    }
    changes.set(path, {
      path,
      label: labels[path] ?? path,
      from: inWords(named(path, valueAt(before, path))),
      to: inWords(named(path, valueAt(after, path))),
    });
  }
  return [...changes.values()];
}

function wholeChange(before: Profile, after: Profile, path: string) {
  const [group = '', key = ''] = path.split('.');
  if (group === 'bonuses') {
    const place = Number(key);
    return {
      label: `Bonus ${after.bonuses[place]?.bonusId ?? ''}`,
      from: before.bonuses[place]?.state ?? 'none',
      to: after.bonuses[place]?.state ?? 'none',
    };
  }
  const had = valueAt(before, path) !== undefined;
  const label = group === 'channels' ? 'Shops by' : 'Bought';
  return { label: `${label} ${key.replaceAll('-', ' ')}`, from: had ? 'yes' : 'never', to: 'yes' };
}

function inWords(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return value.toLocaleString('en');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
