import type { Card, RenderAnswer, Trial } from '../protocol.ts';

type Props = { readonly answer: RenderAnswer; readonly onTry: (trial: Trial) => void };

/** Every block and offer of the mail, shown or hidden, with the reason in plain words. */
export function Why({ answer, onTry }: Props) {
  const blocks = answer.blocks.filter(({ about }) => about === 'block');
  const offers = answer.blocks.filter(({ about }) => about === 'offer');
  if (blocks.length === 0)
    return (
      <p className="quiet">
        Nothing was decided inside this mail
        {answer.verdict.kind === 'send' ? '.' : ', because it is not sent.'}
      </p>
    );
  const shownOffers = offers.filter(({ shown }) => shown).length;
  return (
    <>
      {answer.hypothetical && <p className="quiet">If it were sent:</p>}
      <h2 className="small-title">Blocks</h2>
      <ul className="cards">
        {blocks.map((card) => (
          <WhyCard key={card.id} card={card} onTry={onTry} />
        ))}
      </ul>
      {offers.length > 0 && (
        <>
          <h2 className="small-title">
            Offers{' '}
            <span>
              {shownOffers} of {offers.length} pass
            </span>
          </h2>
          <ul className="cards">
            {offers.map((card) => (
              <WhyCard key={card.id} card={card} onTry={onTry} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function WhyCard({ card, onTry }: { card: Card; onTry: (trial: Trial) => void }) {
  const { title, shown, sentence, facts, flip, trial, rule } = card;
  return (
    <li className={shown ? 'card' : 'card off'} data-card={card.id}>
      <h3>
        <span className="dot" aria-hidden="true" />
        {title}
      </h3>
      <p className="sentence">{sentence}</p>
      {trial && (
        <button type="button" className="button" onClick={() => onTry(trial)}>
          {trial.label}
          <span className="hidden"> for {title}</span>
        </button>
      )}
      {(facts.length > 0 || flip !== null || rule !== '') && (
        <details>
          <summary>
            Facts<span className="hidden"> about {title}</span>
          </summary>
          <dl className="facts">
            {facts.map(({ label, value }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            {flip !== null && (
              <div>
                <dt>Would turn it</dt>
                <dd>{flip}</dd>
              </div>
            )}
            {rule !== '' && (
              <div>
                <dt>Rule</dt>
                <dd>{rule}</dd>
              </div>
            )}
          </dl>
        </details>
      )}
    </li>
  );
}
