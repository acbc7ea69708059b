import type { Card, RenderAnswer, Trial } from '../protocol.ts';

type Props = { readonly answer: RenderAnswer; readonly onTry: (trial: Trial) => void };

/** Every block and offer of the mail, shown or hidden, with the reason in plain words. */
export function Why({ answer, onTry }: Props) {
  const of = (about: Card['about']) => answer.blocks.filter((card) => card.about === about);
  const offers = of('offer');
  const shownOffers = offers.filter(({ shown }) => shown).length;
  const cards = (list: readonly Card[]) => (
    <ul className="cards">
      {list.map((card) => (
        <WhyCard key={card.id} card={card} onTry={onTry} />
      ))}
    </ul>
  );
  return (
    <>
      {of('message').length > 0 && (
        <>
          <h2 className="small-title">Message</h2>
          {cards(of('message'))}
        </>
      )}
      {of('block').length > 0 && (
        <>
          <h2 className="small-title">
            {answer.hypothetical ? 'Blocks, if it were sent' : 'Blocks'}
          </h2>
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
      {answer.blocks.length === 0 && <p className="quiet">This mail places no blocks.</p>}
    </>
  );
}

function WhyCard({ card, onTry }: { card: Card; onTry: (trial: Trial) => void }) {
  const { title, shown, sentence, facts, flip, trial, rule } = card;
  const rows = [
    ...facts,
    ...(flip === null ? [] : [{ label: 'Would turn it', value: flip }]),
    ...(rule === '' ? [] : [{ label: 'Rule', value: rule }]),
  ];
  return (
    <li className={shown ? 'card' : 'card off'} data-card={card.id}>
      <details>
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
      </details>
      {trial && (
        <button type="button" className="button" onClick={() => onTry(trial)}>
          {trial.label}
          <span className="hidden">, for {title}</span>
        </button>
      )}
    </li>
  );
}
