import { useEffect, useState } from 'react';

import type { LiveState, RenderAnswer } from '../protocol.ts';
import { renderOnce } from './answers.ts';
import { differencesOf } from './differences.ts';
import { languageName } from './language.ts';
import { addressOf, type Place, untried } from './place.ts';
import type { TemplateRoomProps } from './room.ts';
import { Thumb } from './thumb.tsx';

type Props = TemplateRoomProps & { readonly state: LiveState; readonly version: number };

type Found = {
  readonly persona: string;
  readonly name: string;
  readonly locale: string;
  readonly live: RenderAnswer;
  readonly draft: RenderAnswer;
};

type Looked = {
  /** Of which draft and which version. */
  readonly of: string;
  readonly done: number;
  readonly changed: readonly Found[];
  /** Which can't be made of one of both, and why. */
  readonly failed: readonly string[];
};

type Asked = {
  readonly live: string | null;
  readonly version: number;
  readonly template: string;
  readonly brand: string;
  readonly locales: readonly string[];
  readonly personas: readonly { readonly id: string; readonly name: string }[];
};

type Rendered = Awaited<ReturnType<typeof renderOnce>>;
type Who = Pick<Found, 'persona' | 'name' | 'locale'>;

const none: Looked = { of: '', done: 0, changed: [], failed: [] };
/** As many as help to see what it is; the others are counted. */
const shown = 6;

/** Every mail that publishing the draft would change, as it is and as it would be. */
export function LiveChanges({ choice, place, go, template, brand, state, version }: Props) {
  const { personas } = choice;
  const live = state.pointings[0]?.hash ?? null;
  const [looked, setLooked] = useState<Looked>(none);
  const total = personas.length * brand.locales.length;
  const asked: Asked = {
    live,
    version,
    template: template.name,
    brand: brand.id,
    locales: brand.locales,
    personas: personas.map(({ id, name }) => ({ id, name })),
  };
  // The same question, whatever objects it came in.
  const of = JSON.stringify(asked);
  useEffect(() => {
    const abort = new AbortController();
    void compareAll(of, abort.signal, (who, now, draft) =>
      setLooked((last) => withOne(last.of === of ? last : { ...none, of }, who, now, draft)),
    );
    return () => abort.abort();
  }, [of]);
  if (live === null) return null;
  const { done, changed, failed } = looked.of === of ? looked : none;
  return (
    <section>
      <h2 className="small-title">What publishing the draft changes</h2>
      <p role="status">
        {done < total
          ? `${done} of ${total} mails compared, ${changed.length} of them change …`
          : changed.length === 0 && failed.length === 0
            ? `Nothing: all ${total} mails of ${brand.name} are as they are live.`
            : `${changed.length} of ${total} mails of ${brand.name} change.`}
      </p>
      {failed.length > 0 && (
        <ul className="reasons" aria-label="Could not be compared">
          {failed.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <ul className="live-changes">
        {changed.slice(0, shown).map((one) => (
          <li key={`${one.persona} ${one.locale}`}>
            <Changed one={one} place={place} go={go} />
          </li>
        ))}
      </ul>
      {changed.length > shown && <p className="quiet">and {changed.length - shown} more</p>}
    </section>
  );
}

/** One after the other: whoever looks at the page comes first. */
async function compareAll(
  of: string,
  signal: AbortSignal,
  onOne: (who: Who, live: Rendered, draft: Rendered) => void,
): Promise<void> {
  const { live, template, brand, locales, personas }: Asked = JSON.parse(of);
  if (live === null) return;
  for (const { id: persona, name } of personas)
    for (const locale of locales) {
      const query = { template, brand, persona, locale };
      const [now, draft] = await Promise.all([
        renderOnce({ ...query, version: 'live' }),
        renderOnce(query),
      ]);
      if (signal.aborted) return;
      onOne({ persona, name, locale }, now, draft);
    }
}

function withOne(last: Looked, who: Who, live: Rendered, draft: Rendered): Looked {
  const done = last.done + 1;
  const failed = [live, draft].flatMap((one) =>
    'verdict' in one ? [] : [[one.title, ...one.problems.map(({ message }) => message)].join(': ')],
  );
  if (!('verdict' in live) || !('verdict' in draft))
    return { ...last, done, failed: [...new Set([...last.failed, ...failed])] };
  const same = live.mail?.hash === draft.mail?.hash && live.verdict.kind === draft.verdict.kind;
  return same
    ? { ...last, done }
    : { ...last, done, changed: [...last.changed, { ...who, live, draft }] };
}

function Changed({ one, place, go }: { one: Found } & Pick<Props, 'place' | 'go'>) {
  const { persona, name, locale, live, draft } = one;
  const { decisions, lines } = differencesOf(live, draft);
  const to: Place = {
    ...place,
    ...untried,
    room: 'compare',
    persona,
    locale,
    beside: { persona: null, locale, at: null, live: true },
  };
  return (
    <a
      href={addressOf(to)}
      className="cell changed"
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <span className="cell-thumbs">
        <Thumb hash={live.mail?.hash ?? null} dimmed={live.verdict.kind !== 'send'} />
        <Thumb hash={draft.mail?.hash ?? null} dimmed={draft.verdict.kind !== 'send'} />
      </span>
      <strong>
        {name}, {languageName(locale)}
      </strong>
      <span className="quiet">
        {decisions.length === 0 && lines.length === 0
          ? 'Looks different, says the same'
          : [
              ...(decisions.length > 0 ? [`${decisions.length} decided otherwise`] : []),
              ...(lines.length > 0
                ? [lines.length === 1 ? '1 line differs' : `${lines.length} lines differ`]
                : []),
            ].join(', ')}
      </span>
    </a>
  );
}
