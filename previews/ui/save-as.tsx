import { useState } from 'react';

import type { Mail, RenderAnswer } from '../protocol.ts';
import { pictureOf } from './answers.ts';
import { type Looks, looksOf } from './looks.ts';
import type { Place } from './place.ts';

type Props = {
  readonly answer: RenderAnswer;
  readonly mail: Mail;
  readonly place: Place;
  readonly width: number;
};

/** The mail as files: its html, its text, itself, and a picture of it as it is looked at. */
export function SaveAs({ answer, mail, place, width }: Props) {
  const [state, setState] = useState<{ readonly busy: boolean; readonly why: string | null }>({
    busy: false,
    why: null,
  });
  const name = [answer.template, answer.persona, answer.locale].join('-');
  const looks = looksOf(place);
  const takePicture = async () => {
    setState({ busy: true, why: null });
    const picture = await pictureOf(mail.hash, { width, ...looks });
    if (picture instanceof Blob) save(picture, `${[name, width, ...said(looks)].join('-')}.png`);
    setState({
      busy: false,
      why:
        picture instanceof Blob ? null : `${picture.title}. ${picture.problems[0]?.message ?? ''}`,
    });
  };
  return (
    <>
      {state.why !== null && (
        <span className="bad" role="alert">
          {state.why}
        </span>
      )}
      <span className="save-as" role="group" aria-label="Save as">
        <a href={`/frame/${mail.hash}`} download={`${name}.html`}>
          HTML
        </a>
        <button
          type="button"
          className="plain"
          onClick={() => save(new Blob([mail.text], { type: 'text/plain' }), `${name}.txt`)}
        >
          Text
        </button>
        <a href={`/raw/${mail.hash}.eml`} download={`${name}.eml`}>
          .eml
        </a>
        <button
          type="button"
          className="plain"
          disabled={state.busy}
          onClick={() => void takePicture()}
        >
          {state.busy ? 'Taking it …' : 'PNG'}
        </button>
      </span>
    </>
  );
}

/** What is to be seen in a picture's name of how it was looked at. */
const said = ({ scheme, pictures, large }: Looks): string[] => [
  scheme === 'forced' ? 'forced-dark' : scheme,
  ...(pictures ? [] : ['no-pictures']),
  ...(large ? ['large-type'] : []),
];

function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
