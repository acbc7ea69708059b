import { defaultKeymap } from '@codemirror/commands';
import { html } from '@codemirror/lang-html';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import {
  highlightSelectionMatches,
  openSearchPanel,
  search,
  searchKeymap,
} from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

import { CopyButton } from './copy-button.tsx';

type Props = {
  readonly text: string;
  /** Whose ending says what it is written in. */
  readonly file: string;
  readonly label: string;
  /** Where Gmail stops, in characters. */
  readonly clippedAt?: number | null;
};

/** A source as it is: with colours and numbered lines, to search and copy. */
export default function Code({ text, file, label, clippedAt = null }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<EditorView>(null);
  useEffect(() => {
    const host = place.current;
    if (!host) return undefined;
    // Within a shadow its styles are the page's own, and need no exception from its policy.
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    const view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          EditorState.readOnly.of(true),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true' }),
          search({ top: true }),
          highlightSelectionMatches(),
          keymap.of([...searchKeymap, ...defaultKeymap]),
          languageOf(file),
          syntaxHighlighting(colours),
          looks,
        ],
      }),
    });
    shown.current = view;
    return () => view.destroy();
  }, [text, file, label]);
  const go = (at: number) => {
    const view = shown.current;
    view?.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at) });
    view?.focus();
  };
  return (
    <div className="source">
      <div className="source-bar">
        <button
          type="button"
          className="plain"
          onClick={() => shown.current && openSearchPanel(shown.current)}
        >
          Search in it
        </button>
        {clippedAt !== null && (
          <button type="button" className="plain" onClick={() => go(clippedAt)}>
            Where Gmail clips
          </button>
        )}
        <CopyButton text={text} />
      </div>
      <div ref={place} className="code-place" />
    </div>
  );
}

function languageOf(file: string) {
  switch (file.split('.').at(-1) ?? '') {
    case 'json':
      return json();
    case 'ts':
    case 'tsx':
      return javascript({ typescript: true, jsx: true });
    case 'mjml':
    case 'html':
    case 'hbs':
      return html();
    default:
      return [];
  }
}

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword], color: 'var(--leaf)' },
  { tag: [tags.attributeName, tags.propertyName], color: 'var(--ink)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--amber)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--rust)' },
  { tag: [tags.comment, tags.punctuation, tags.angleBracket], color: 'var(--quiet)' },
]);

const looks = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--raised)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--leaf)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { padding: '14px 0', caretColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--quiet)', border: 'none' },
  '.cm-panels': { backgroundColor: 'var(--well)', color: 'var(--ink)' },
  '.cm-panel.cm-search': { fontFamily: 'var(--sans)', padding: '8px 10px' },
  '.cm-panel.cm-search [name=replace], .cm-panel.cm-search [name=replaceAll]': { display: 'none' },
  '.cm-textfield, .cm-button': {
    backgroundColor: 'var(--raised)',
    backgroundImage: 'none',
    border: '1px solid var(--strong-line)',
    borderRadius: '6px',
    color: 'var(--ink)',
    fontSize: '13px',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--leaf-wash)', outline: '1px solid var(--leaf)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--leaf)', color: 'var(--on-leaf)' },
});
