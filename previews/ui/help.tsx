import { useEffect, useRef } from 'react';

const keys: readonly (readonly [key: string, what: string])[] = [
  ['/', 'Search templates'],
  ['j  k', 'Next, previous template'],
  [']  [', 'Next, previous persona'],
  ['1 – 5', 'Email, text, HTML, template, headers'],
  ['m', 'Phone or desktop width'],
  ['t', 'Light or dark'],
  ['i', 'Pictures on or off'],
  ['w', 'Why'],
  ['d', 'Member'],
  ['e', 'Message'],
  ['c', 'Checks'],
  ['g', 'All mails'],
  ['x', 'One mail for everybody'],
  ['v', 'Side by side'],
  ['y', 'A year in review: the year'],
  ['s', 'Sent'],
  ['p', 'What is live, publish, roll back'],
];

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
