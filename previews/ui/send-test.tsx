import { useEffect, useRef, useState } from 'react';

import type { RenderQuery } from '../protocol.ts';
import { sendTest, useSettings } from './answers.ts';

type Props = {
  /** The mail of a query, or one that really went out. */
  readonly of: { readonly request: RenderQuery } | { readonly message: string } | null;
  readonly onClose: () => void;
};

type State =
  | { readonly kind: 'asking' | 'sending' }
  | { readonly kind: 'sent'; readonly to: string; readonly answer: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Sends the mail on the page to one of the allowed addresses, and shows what the mail server said. */
export function SendTest({ of, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const settings = useSettings();
  const [state, setState] = useState<State>({ kind: 'asking' });
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const to = chosen ?? settings?.testsTo[0];
  const send = async () => {
    if (!of || to === undefined) return;
    setState({ kind: 'sending' });
    const answer = await sendTest({ to, ...of });
    setState(
      'answer' in answer
        ? { kind: 'sent', to, answer: answer.answer }
        : {
            kind: 'failed',
            why: answer.problems.map((one) => one.message).join('; ') || answer.title,
          },
    );
  };
  return (
    <dialog ref={dialog} className="help" aria-labelledby="send-test-title" onClose={onClose}>
      <h2 id="send-test-title">Send a test</h2>
      {settings && settings.testsTo.length === 0 ? (
        <p className="dialog-text">
          Nobody may be sent tests yet. Name addresses in <code>PREVIEW_SEND_TO</code>, and the mail
          server in <code>SMTP_URL</code>; then start the preview again.
        </p>
      ) : (
        <>
          <p className="dialog-text">
            The subject says that it is a test. Its links lead nowhere, its codes read PREVIEW.
          </p>
          <label className="field">
            <span>To</span>
            <select value={to ?? ''} onChange={({ target }) => setChosen(target.value)}>
              {(settings?.testsTo ?? []).map((address) => (
                <option key={address}>{address}</option>
              ))}
            </select>
          </label>
        </>
      )}
      <p className="dialog-text" role="status">
        {state.kind === 'sending' && 'Sending …'}
        {state.kind === 'sent' && `Sent to ${state.to}. The mail server said: ${state.answer}`}
        {state.kind === 'failed' && `Not sent: ${state.why}`}
      </p>
      <div className="row-of-buttons">
        {settings && settings.testsTo.length > 0 && (
          <button
            type="button"
            className="button"
            disabled={state.kind === 'sending'}
            onClick={() => void send()}
          >
            Send it
          </button>
        )}
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
