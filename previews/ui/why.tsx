import { useEffect, useMemo, useRef } from 'react';

import type { Card, RenderAnswer, RenderQuery, Trial, Turn } from '../protocol.ts';
import { useTurns } from './answers.ts';
import { Figures } from './figures.tsx';
import { SentenceCard } from './sentence.tsx';
import { TryButton } from './verdict.tsx';

type Props = {
  readonly answer: RenderAnswer;
  readonly query: RenderQuery | null;
  readonly version: number;
  readonly opened: { readonly card: string } | null;
  /** What was clicked in the mail, the nearest text first. */
  readonly clicked: { readonly texts: readonly string[] } | null;
  readonly onUnclick: () => void;
  readonly onSpot: (card: string) => void;
  readonly onTry: (trial: Trial) => void;
  readonly onPersona: (id: string) => void;
};

/** Every block and offer of the mail, shown or hidden, with the reason in plain words. */
export function Why(props: Props) {
  const { answer, query, version, opened, clicked, onUnclick, onSpot, onTry, onPersona } = props;
  const { template, brand, locale } = answer;
  const sentence = useMemo(
    () => clicked && { template, brand, locale, texts: clicked.texts.slice(0, 8) },
    [clicked, template, brand, locale],
  );
  const figure = useMemo(() => clicked && { text: clicked.texts[0] ?? '' }, [clicked]);
  const turns = useTurns(query, version);
  const of = (about: Card['about']) => answer.blocks.filter((card) => card.about === about);
  const offers = of('offer');
  const shownOffers = offers.filter(({ shown }) => shown).length;
  const cards = (list: readonly Card[]) => (
    <ul className="cards">
      {list.map((card) => (
        <WhyCard
          key={card.id}
          card={card}
          turn={turns === null ? 'looking' : (turns.find(({ id }) => id === card.id) ?? null)}
          opened={opened?.card === card.id ? opened : null}
          onSpot={onSpot}
          onTry={onTry}
          onPersona={onPersona}
        />
      ))}
    </ul>
  );
  const titles = {
    null: 'Blocks',
    tried: 'Blocks, if it were sent',
    theirs: `Blocks, as ${answer.verdict.who?.name ?? 'somebody else'} gets them`,
  };
  return (
    <>
      {sentence && <SentenceCard of={sentence} onClose={onUnclick} />}
      {of('message').length > 0 && (
        <>
          <h2 className="small-title">Message</h2>
          {cards(of('message'))}
        </>
      )}
      {of('block').length > 0 && (
        <>
          <h2 className="small-title">{titles[answer.hypothetical ?? 'null']}</h2>
          {cards(of('block'))}
        </>
      )}
      {offers.length > 0 && (
        <>
          <h2 className="small-title">
            Offers{' '}
            <span>
              {shownOffers} of {offers.length} shown
            </span>
          </h2>
          {cards(offers)}
        </>
      )}
      {query && answer.hypothetical === null && (
        <Figures query={query} version={version} clicked={figure} />
      )}
      {answer.blocks.length === 0 && <p className="quiet">This mail places no blocks.</p>}
    </>
  );
}

type CardProps = {
  readonly card: Card;
  /** `looking`: not known yet. */
  readonly turn: Turn | 'looking' | null;
  readonly opened: object | null;
  readonly onSpot: (card: string) => void;
  readonly onTry: (trial: Trial) => void;
  readonly onPersona: (id: string) => void;
};

function WhyCard({ card, turn, opened, onSpot, onTry, onPersona }: CardProps) {
  const { id, title, shown, sentence, facts, flip, rule } = card;
  const rows = [
    ...facts,
    ...(flip === null ? [] : [{ label: 'Would turn it', value: flip }]),
    ...(rule === '' ? [] : [{ label: 'Rule', value: rule }]),
  ];
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!opened || !details.current) return;
    details.current.open = true;
    details.current.scrollIntoView({ block: 'nearest' });
    details.current.querySelector('summary')?.focus();
  }, [opened]);
  return (
    <li className={shown ? 'card' : 'card off'} data-card={id}>
      <details ref={details}>
        <summary>
          <h3>
            <span className="dot" aria-hidden="true" />
            {title}
          </h3>
          <span className="sentence">{sentence}</span>
        </summary>
        <dl className="facts">
          {rows.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {shown && card.about === 'block' && (
          <button type="button" className="button" onClick={() => onSpot(id)}>
            Show in the mail
          </button>
        )}
      </details>
      {!shown && id !== 'message' && (
        <div className="turn">
          {turn === 'looking' ? (
            <span className="quiet">Looking for what would bring it …</span>
          ) : (
            turn && <TurnIt turn={turn} title={title} onTry={onTry} onPersona={onPersona} />
          )}
        </div>
      )}
    </li>
  );
}

function TurnIt({
  turn: { trial, against, who },
  title,
  onTry,
  onPersona,
}: Pick<CardProps, 'onTry' | 'onPersona'> & { readonly turn: Turn; readonly title: string }) {
  return (
    <>
      {trial && (
        <>
          <TryButton trial={trial} about={title} onTry={onTry} />
          {trial.changes.length > 1 && <p className="quiet">{trial.changes.join(' · ')}</p>}
        </>
      )}
      {against !== null && <p className="quiet">No change brings it. {against}</p>}
      {who && (
        <button type="button" className="button" onClick={() => onPersona(who.persona)}>
          Who gets this? {who.name}
        </button>
      )}
    </>
  );
}
