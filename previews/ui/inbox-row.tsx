import type { Mail } from '../protocol.ts';
import { LinkedCards } from './linked-card.tsx';

/** As a mail program lists it: what doesn't fit is cut there as well. */
export const InboxRow = ({ mail, at }: { mail: Mail; at: string | null }) => (
  <details className="inbox-box">
    <summary className="inbox">
      <span className="hidden">In the inbox: </span>
      <span className="inbox-from">{mail.from.name}</span>
      <Line mail={mail} />
      {at !== null && (
        <span className="inbox-date">
          {new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}
        </span>
      )}
    </summary>
    <ul className="inboxes">
      {programs.map(({ name, subject, preheader }) => (
        <li key={name}>
          <span className="quiet">{name}</span>
          <span className="inbox-subject">{cut(mail.subject, subject)}</span>
          <span className="inbox-preheader-line">
            {cut(`${mail.preheader} ${mail.leaks}`.trim(), preheader)}
          </span>
        </li>
      ))}
    </ul>
    <LinkedCards html={mail.html} />
  </details>
);

/** About how many characters their lists show, on phones in the common size. */
const programs = [
  { name: 'Gmail, phone', subject: 38, preheader: 40 },
  { name: 'Apple Mail, phone', subject: 36, preheader: 80 },
  { name: 'Outlook, phone', subject: 34, preheader: 44 },
  { name: 'Gmail, desktop', subject: 70, preheader: 90 },
] as const;

const graphemes = new Intl.Segmenter();

const cut = (text: string, at: number) => {
  const letters = Array.from(graphemes.segment(text), ({ segment }) => segment);
  return letters.length <= at
    ? text
    : `${letters
        .slice(0, at - 1)
        .join('')
        .trimEnd()}…`;
};

const Line = ({ mail }: { mail: Mail }) => (
  <span className="inbox-line">
    <span className="inbox-subject">{mail.subject}</span>
    <span className="inbox-preheader">{mail.preheader}</span>
    {mail.leaks !== '' && (
      <span
        className="inbox-leak"
        title="Mail programs go on with these words of the body. Use {{> head}} or <Preheader>, which fill the line up."
      >
        {mail.leaks}
      </span>
    )}
  </span>
);
