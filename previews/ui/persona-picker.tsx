import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

import type { PersonaEntry } from '../protocol.ts';
import { Face } from './face.tsx';

type Props = {
  readonly personas: readonly PersonaEntry[];
  readonly persona: PersonaEntry;
  readonly onChoose: (id: string) => void;
};

/** Who the mail is for: a name, a tier and a story, chosen from a list that works by keyboard alone. */
export function PersonaPicker({ personas, persona, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return undefined;
    list.current?.focus();
    const outside = ({ target }: PointerEvent) => {
      if (target instanceof Node && !box.current?.contains(target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  useEffect(() => {
    if (open) list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active, open]);

  const show = () => {
    setActive(Math.max(0, personas.indexOf(persona)));
    setOpen(true);
  };
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const take = (index: number) => {
    const one = personas[index];
    if (one && one !== persona) onChoose(one.id);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(active + 1, personas.length - 1),
      ArrowUp: Math.max(active - 1, 0),
      Home: 0,
      End: personas.length - 1,
    };
    const move = moves[event.key];
    if (move !== undefined) setActive(move);
    else if (event.key === 'Enter' || event.key === ' ') take(active);
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
  };

  return (
    <div className="persona" ref={box}>
      <button
        ref={button}
        type="button"
        className="persona-button"
        aria-haspopup="listbox"
        aria-expanded={open}
        onClick={() => (open ? close() : show())}
      >
        <span className="hidden">Persona:</span>
        <Face persona={persona} />
        <Words persona={persona} />
        <Caret />
      </button>
      {open && (
        <ul
          ref={list}
          role="listbox"
          tabIndex={0}
          aria-label="Personas"
          aria-activedescendant={`${id}-${active}`}
          className="persona-list"
          onKeyDown={onKeyDown}
        >
          {personas.map((one, index) => (
            // Keys are handled by the list, which has the focus.
            <li
              key={one.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={one === persona}
              className={index === active ? 'active' : ''}
              onPointerMove={() => setActive(index)}
              onClick={() => take(index)}
            >
              <Face persona={one} />
              <Words persona={one} story />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const Caret = () => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className="caret">
    <path d="M2.500 4.500 6 8l3.500-3.500" fill="none" stroke="currentColor" strokeWidth="1.500" />
  </svg>
);

const Words = ({ persona, story = false }: { persona: PersonaEntry; story?: boolean }) => (
  <span className="persona-words">
    <span className="persona-name">
      {persona.name}
      {persona.tier !== null && <span className="tier">{persona.tier}</span>}
    </span>
    <span className="persona-title">{persona.title}</span>
    {story && <span className="persona-story">{persona.story}</span>}
  </span>
);
